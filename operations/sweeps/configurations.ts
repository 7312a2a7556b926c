/** Configurations of a sweep by their validation scores: its Pareto front. */
import { countColumns, joinLineage } from '../../datasets/description.ts';
import type { Queryable } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { listScoredConfigurations, type ScoredConfiguration } from '../../db/queries/sweeps/configurations.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import {
  computeFront,
  type Front,
  type ObjectiveName,
  objectiveOf,
  parseObjectives,
} from '../../models/evaluation/objectives.ts';
import { countParameters } from '../../models/methods/cost.ts';
import { type Condition, parseWhere } from '../../search/columns/where.ts';
import { trialId } from '../../search/space.ts';
import { partitionCount } from '../../search/spec.ts';
import { missingTrialsError } from './status.ts';

/** A configuration of which every seed that a method has at this width has a score. */
export interface ComparedConfiguration extends ScoredConfiguration {
  /** Number of parameters of a model with this width or rank. */
  readonly parameters: number;
}

export interface ComparedConfigurations {
  readonly partition: number;
  /** Number of partitions of the sweep. */
  readonly partitions: number;
  readonly compared: readonly ComparedConfiguration[];
  /** Number of others: some of their seeds have no score (yet). */
  readonly incomplete: number;
}

/** Choice of the trials that are read, by their scores on validation rows. */
export interface ConfigurationQuery {
  readonly partition: number;
  readonly where: readonly Condition[];
}

/**
 * Reads the configurations that can be compared. Of a method and width these are the ones with most
 * seeds: none shall win by the luck of those that are left. Throws NarrowsError
 * `partition-unknown`.
 */
export async function readConfigurations(
  sql: Queryable,
  { id, name, spec, dataset, datasetVersion }: SweepRow,
  query: ConfigurationQuery,
): Promise<ComparedConfigurations> {
  const { partition } = query;
  const partitions = partitionCount(spec);
  if (partition >= partitions) {
    const fix = partitions === 1 ? 'its only partition is 0' : `partitions are 0 to ${partitions - 1}`;
    throw new NarrowsError('partition-unknown', `${name} has no partition ${partition}`, { path: 'partition', fix });
  }
  const scored = await listScoredConfigurations(sql, id, query);
  const most = new Map<string, number>();
  for (const { method, k, seeds } of scored) most.set(`${method}/${k}`, Math.max(seeds, most.get(`${method}/${k}`) ?? 0));
  const complete = scored.filter(({ method, k, seeds }) => seeds === most.get(`${method}/${k}`));
  const description = joinLineage(await findDatasetVersion(sql, `${dataset}@${datasetVersion}`));
  const columns = countColumns(description, spec.target);
  return {
    ...{ partition, partitions },
    compared: complete.map((one) => ({ ...one, parameters: countParameters(one.config, one.k, columns) })),
    incomplete: scored.length - complete.length,
  };
}

/** A configuration with its ranks by non-dominated sorting; 1: on the front. */
export interface FrontRow extends Omit<ComparedConfiguration, 'index'> {
  /** Its first trial. */
  readonly trialId: string;
  readonly rank: number;
  /** Among the configurations of its own method. */
  readonly rankInMethod: number;
}

export interface SweepFront
  extends Pick<Front, 'objectives' | 'hypervolumes'>,
    Pick<ComparedConfigurations, 'partition' | 'partitions'> {
  readonly sweepId: string;
  readonly name: string;
  /** Configurations at a width or rank that were compared. */
  readonly configurations: number;
  /** Others, some of whose seeds have no score. */
  readonly incomplete: number;
  /** Others, which lack an objective. */
  readonly unmeasured: number;
  /** By rank, then in the order of their trials. */
  readonly rows: readonly FrontRow[];
}

/** Joins the configurations of a sweep with the ranks that were computed of them. */
export function assembleFront(
  { id, name }: Pick<SweepRow, 'id' | 'name'>,
  { partition, partitions, compared, incomplete }: ComparedConfigurations,
  { objectives, hypervolumes, ranks, ranksInMethod }: Front,
): SweepFront {
  const rows = compared.flatMap(({ index, ...one }, i): FrontRow[] => {
    const [rank, rankInMethod] = [ranks[i] ?? null, ranksInMethod[i] ?? null];
    return rank === null || rankInMethod === null ? [] : [{ trialId: trialId(id, index), ...one, rank, rankInMethod }];
  });
  return {
    ...{ sweepId: id, name, partition, partitions, objectives, hypervolumes },
    ...{ configurations: rows.length, incomplete, unmeasured: compared.length - rows.length },
    rows: rows.toSorted((a, b) => a.rank - b.rank),
  };
}

/** Parts of a request for a front that may be left out. */
interface FrontChoice {
  readonly split?: string | undefined;
  readonly where?: string | undefined;
  readonly partition?: number | undefined;
}

/** A front that was requested in words. */
export interface FrontQuery extends ConfigurationQuery {
  readonly objectives: readonly ObjectiveName[];
}

/**
 * Reads the choice of a front, whose split can be none but that of validation. Throws NarrowsError
 * `objective-unknown`, `objectives-invalid`, `split-unfit`, `where-invalid`.
 */
export function parseFrontQuery(
  objectives: string,
  { split = 'validation', where = '', partition = 0 }: FrontChoice = {},
): FrontQuery {
  const query = { objectives: parseObjectives(objectives), where: parseWhere(where), partition };
  if (split === 'validation') return query;
  throw new NarrowsError('split-unfit', `a Pareto front is chosen by validation scores, not by those of "${split}"`, {
    path: 'split',
    fix: 'leave out --split',
  });
}

/**
 * Returns the Pareto front of a sweep. Throws NarrowsError `sweep-unknown`, `partition-unknown`,
 * `nothing-to-compare`.
 */
export async function readFront(
  { sql }: { readonly sql: Queryable },
  idOrName: string,
  { objectives, ...query }: FrontQuery,
): Promise<SweepFront> {
  const sweep = await findSweep(sql, idOrName);
  const configurations = await readConfigurations(sql, sweep, query);
  const { compared } = configurations;
  if (compared.length === 0) {
    if (query.where.length === 0) throw missingTrialsError('nothing-to-compare', sweep, 'trial with a validation score');
    const message = `no trial of ${sweep.name} that satisfies the conditions has a validation score`;
    throw new NarrowsError('nothing-to-compare', message, { path: 'where', kind: 'failure' });
  }
  const front = assembleFront(sweep, configurations, computeFront(compared, objectives));
  if (front.rows.length > 0) return front;
  const lacking = objectives.filter((name) => compared.every((one) => one[name] === null));
  const message = `no configuration of ${sweep.name} has ${lacking.map((name) => `a ${objectiveOf(name).label}`).join(' and ')}`;
  throw new NarrowsError('nothing-to-compare', message, {
    path: 'objectives',
    fix: 'leave it out: methods without an expansion, such as EDNN, have none',
    kind: 'failure',
  });
}
