/** Trials for lists, and one trial in detail. */
import type { SplitName } from '../../../models/axes.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { Queryable } from '../../client.ts';
import type { ScoreRow, TrialRow } from '../../schema.ts';
import { trialUnknown } from '../not-found.ts';

export interface ListedTrial
  extends Pick<
    TrialRow,
    | 'index'
    | 'method'
    | 'k'
    | 'seed'
    | 'partition'
    | 'outcome'
    | 'rung'
    | 'validation'
    | 'epochs'
    | 'seconds'
    | 'startedAt'
    | 'finishedAt'
    | 'message'
  > {
  readonly trialId: string;
  readonly config: TrialConfiguration;
}

export interface TrialFacts
  extends ListedTrial,
    Pick<TrialRow, 'sweepId' | 'configurationHash' | 'failureCode' | 'engine' | 'engineBuild' | 'codeVersion' | 'host'> {
  readonly hasModel: boolean;
  readonly hasLatents: boolean;
  readonly hasCurve: boolean;
}

const listed = (sql: Queryable) => sql`
  t.id as "trialId", t.index, t.method, t.k, t.seed::float8 as seed, t.partition, t.configuration as config, t.outcome, t.rung, t.validation,
  t.epochs, t.seconds, t.started_at as "startedAt", t.finished_at as "finishedAt", t.message`;

/** Returns the trials with these numbers, in the order of the numbers. */
export async function trialsNumbered(sql: Queryable, sweepId: string, indices: readonly number[]): Promise<ListedTrial[]> {
  if (indices.length === 0) return [];
  return sql<ListedTrial[]>`
    select ${listed(sql)} from unnest(${[...indices]}::int[]) with ordinality as wanted (index, place)
    join trials t on t.sweep_id = ${sweepId} and t.index = wanted.index order by wanted.place`;
}

/** Finds a trial. Throws NarrowsError `trial-unknown`. */
export async function findTrial(sql: Queryable, trialId: string): Promise<TrialFacts> {
  const [row] = await sql<TrialFacts[]>`
    select ${listed(sql)}, t.sweep_id as "sweepId", t.configuration_hash as "configurationHash", t.failure_code as "failureCode", t.engine,
           t.engine_build as "engineBuild", t.code_version as "codeVersion", t.host,
           exists (select from models m where m.trial_id = t.id) as "hasModel",
           exists (select from latents l where l.trial_id = t.id) as "hasLatents",
           exists (select from learning_curves c where c.trial_id = t.id) as "hasCurve"
    from trials t where t.id = ${trialId}`;
  if (row) return row;
  throw trialUnknown(trialId);
}

type TrialFigure = Pick<ScoreRow, 'split' | 'k' | 'coveredVariance' | 'structureCoveredVariance'>;

/** Lists the scores of a trial by split and width or rank. */
export const figuresOf = (sql: Queryable, trialId: string, splits: readonly SplitName[]) =>
  sql<TrialFigure[]>`
    select split, k, covered_variance as "coveredVariance", structure_covered_variance as "structureCoveredVariance"
    from covered_variances where trial_id = ${trialId} and split = any(${[...splits]}::text[])
    order by array_position(array['train', 'validation', 'test'], split), k`;
