/** Trials for lists, and one trial in detail. */
import type { SplitName } from '../../../models/axes.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { Outcome } from '../../../search/states.ts';
import type { Queryable } from '../../client.ts';
import { trialUnknown } from '../not-found.ts';

export interface ListedTrial {
  readonly trialId: string;
  readonly index: number;
  readonly method: Method;
  readonly k: number;
  readonly seed: number;
  readonly config: TrialConfiguration;
  readonly outcome: Outcome;
  readonly rung: number;
  readonly validation: number | null;
  readonly epochs: number;
  readonly seconds: number;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly message: string | null;
}

const listed = (sql: Queryable) => sql`
  t.id as "trialId", t.index, t.method, t.k, t.seed::float8 as seed, t.configuration as config, t.outcome, t.rung, t.validation, t.epochs,
  t.seconds, t.started_at as "startedAt", t.finished_at as "finishedAt", t.message`;

/** Returns the trials with these numbers, in the order of the numbers. */
export async function trialsNumbered(sql: Queryable, sweepId: string, indices: readonly number[]): Promise<ListedTrial[]> {
  if (indices.length === 0) return [];
  return sql<ListedTrial[]>`
    select ${listed(sql)} from unnest(${[...indices]}::int[]) with ordinality as wanted (index, place)
    join trials t on t.sweep_id = ${sweepId} and t.index = wanted.index order by wanted.place`;
}

export interface TrialFacts extends ListedTrial {
  readonly sweepId: string;
  readonly configurationHash: string;
  readonly failureCode: string | null;
  readonly engine: string;
  readonly engineBuild: string;
  readonly codeVersion: string;
  readonly host: string;
  readonly hasModel: boolean;
  readonly hasCurve: boolean;
}

/** Finds a trial. Throws NarrowsError `trial-unknown`. */
export async function findTrial(sql: Queryable, trialId: string): Promise<TrialFacts> {
  const [row] = await sql<TrialFacts[]>`
    select ${listed(sql)}, t.sweep_id as "sweepId", t.configuration_hash as "configurationHash", t.failure_code as "failureCode", t.engine,
           t.engine_build as "engineBuild", t.code_version as "codeVersion", t.host,
           exists (select from models m where m.trial_id = t.id) as "hasModel",
           exists (select from learning_curves c where c.trial_id = t.id) as "hasCurve"
    from trials t where t.id = ${trialId}`;
  if (row) return row;
  throw trialUnknown(trialId);
}

export interface TrialFigure {
  readonly split: SplitName;
  readonly k: number;
  readonly coveredVariance: number | null;
  readonly structureCoveredVariance: number | null;
}

/** Lists the scores of a trial by split and width or rank. */
export async function figuresOf(sql: Queryable, trialId: string, splits: readonly SplitName[]): Promise<TrialFigure[]> {
  return sql<TrialFigure[]>`
    select split, k, covered_variance as "coveredVariance", structure_covered_variance as "structureCoveredVariance"
    from covered_variances where trial_id = ${trialId} and split = any(${[...splits]}::text[])
    order by array_position(array['train', 'validation', 'test'], split), k`;
}
