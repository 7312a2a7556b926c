/** What a sweep found: rows for scripts, for the comparison, and the best models. */
import { EXIT, NarrowsError } from '../../infra/errors.ts';
import type { Method, TrialConfiguration } from '../../models/engine.ts';
import type { Sql } from '../client.ts';
import { type BaselineRow, insertBaselines } from './trials.ts';

/** Weights kept per method and width (ECA: per rank), besides those of every sweep's champion: see docs/decisions/0004-kept-weights.md. */
export const KEPT_MODELS = 3;

export interface ResultRow {
  readonly trialId: string;
  readonly sweepId: string;
  readonly method: Method;
  /** Width; for ECA the rank. */
  readonly k: number;
  readonly seed: number;
  readonly config: TrialConfiguration;
  readonly outcome: string;
  readonly split: string | null;
  readonly coveredVariance: number | null;
  readonly structureCoveredVariance: number | null;
  readonly engine: string;
  readonly seconds: number;
}

/** Columns that `--where` may name, and how they read in SQL. */
export const FILTERS = {
  method: 't.method',
  k: 'coalesce(v.k, t.k)',
  seed: 't.seed',
  outcome: 't.outcome',
  engine: 't.engine',
  trial: 't.id',
} as const;
export type FilterName = keyof typeof FILTERS;

/** One row per trial, width or rank, and split; trials without figures appear once, with null figures. Streams in blocks. */
export function resultRows(
  sql: Sql,
  sweepId: string,
  options: { readonly split: string | null; readonly where: ReadonlyMap<FilterName, string> },
): AsyncIterable<ResultRow[]> {
  const { split, where } = options;
  const conditions = [...where].map(([name, value]) => sql`and ${sql.unsafe(FILTERS[name])}::text = ${value}`);
  return sql<ResultRow[]>`
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, coalesce(v.k, t.k) as k, t.seed::float8 as seed, t.configuration as config,
           t.outcome, v.split, v.covered_variance as "coveredVariance", v.structure_covered_variance as "structureCoveredVariance",
           t.engine, t.seconds
    from trials t left join covered_variances v on v.trial_id = t.id ${split === null ? sql`` : sql`and v.split = ${split}`}
    where t.sweep_id = ${sweepId} ${conditions.length > 0 ? conditions.reduce((a, b) => sql`${a} ${b}`) : sql``}
    order by t.index, v.k, v.split`.cursor(1000);
}

/** What the comparison reads of a completed trial at one width or rank. */
export interface ComparisonTrial {
  readonly trialId: string;
  readonly sweepId: string;
  readonly method: Method;
  readonly k: number;
  readonly seed: number;
  readonly configurationHash: string;
  readonly validation: number;
  readonly test: number;
  readonly structureTest: number | null;
}

export interface BaselineFigure {
  readonly name: string;
  readonly k: number | null;
  readonly seed: number | null;
  readonly configurationHash: string | null;
  readonly validation: number;
  readonly test: number;
}

/** The one place that reads test figures of many trials. */
export async function comparisonTrials(sql: Sql, sweepIds: readonly string[]): Promise<ComparisonTrial[]> {
  return sql<ComparisonTrial[]>`
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, e.k, t.seed::float8 as seed, t.configuration_hash as "configurationHash",
           v.covered_variance as validation, e.covered_variance as test, e.structure_covered_variance as "structureTest"
    from trials t
    join covered_variances e on e.trial_id = t.id and e.split = 'test'
    join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = e.k
    where t.sweep_id = any(${[...sweepIds]}::text[]) and t.outcome = 'completed'
    order by t.sweep_id, t.index, e.k`;
}

export async function baselineFigures(sql: Sql, sweepIds: readonly string[]): Promise<BaselineFigure[]> {
  return sql<BaselineFigure[]>`
    select e.name, nullif(e.k, 0) as k, nullif(e.seed, 0)::float8 as seed, nullif(e.configuration_hash, '') as "configurationHash",
           v.covered_variance as validation, e.covered_variance as test
    from baselines e
    join baselines v using (sweep_id, name, k, seed, configuration_hash)
    where e.sweep_id = any(${[...sweepIds]}::text[]) and e.split = 'test' and v.split = 'validation'
    order by e.name, e.k, e.seed, e.configuration_hash`;
}

export async function saveBaselines(
  sql: Sql,
  sweepId: string,
  rows: readonly {
    name: string;
    k: number | null;
    seed: number | null;
    configurationHash: string | null;
    split: string;
    coveredVariance: number;
  }[],
): Promise<void> {
  const plain = rows.map(
    (row): BaselineRow => ({
      sweep_id: sweepId,
      name: row.name,
      k: row.k ?? 0,
      seed: row.seed ?? 0,
      configuration_hash: row.configurationHash ?? '',
      split: row.split,
      covered_variance: row.coveredVariance,
    }),
  );
  await insertBaselines(sql, plain);
}

export async function saveComparison(sql: Sql, sweepId: string, result: unknown): Promise<void> {
  await sql`
    insert into comparisons (sweep_id, result) values (${sweepId}, ${sql.json(result as never)})
    on conflict (sweep_id) do update set result = excluded.result, compared_at = now()`;
}

/** The trial that is best on validation among those with this method and width or rank. Throws NarrowsError `trial-unknown`. */
export async function bestTrial(sql: Sql, sweepId: string, method: Method, k: number): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select t.id from trials t join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = ${k}
    where t.sweep_id = ${sweepId} and t.method = ${method} and v.covered_variance <> 'NaN'
    order by v.covered_variance desc, t.index limit 1`;
  if (row) return row.id;
  throw new NarrowsError('trial-unknown', `the sweep has no completed ${method} trial at k = ${k}`, {
    path: 'k',
    fix: 'see "narrows model ls" for what it has',
    exit: EXIT.notFound,
  });
}

/** Throws NarrowsError `trial-unknown`, or `weights-dropped` where only figures were kept. */
export async function loadModelBytes(sql: Sql, trialId: string): Promise<Uint8Array> {
  const [row] = await sql<{ outcome: string; bytes: Buffer | null }[]>`
    select t.outcome, m.bytes from trials t left join models m on m.trial_id = t.id where t.id = ${trialId}`;
  if (!row) {
    throw new NarrowsError('trial-unknown', `there is no trial "${trialId}"`, {
      path: 'trial',
      fix: 'see "narrows results SWEEP" for the trials of a sweep',
      exit: EXIT.notFound,
    });
  }
  if (row.bytes) return new Uint8Array(row.bytes);
  const why = row.outcome === 'completed' ? 'its weights were not among the best and were dropped' : `it ended as ${row.outcome}`;
  throw new NarrowsError('weights-dropped', `trial "${trialId}" has no weights: ${why}`, {
    path: 'trial',
    fix: 'see "narrows model ls SWEEP" for the trials whose weights are kept',
    exit: EXIT.notFound,
  });
}

export interface ModelRow {
  readonly trialId: string;
  readonly method: Method;
  readonly k: number;
  readonly seed: number;
  readonly config: TrialConfiguration;
  readonly validation: number;
  readonly bytes: number;
}

/** Trials whose weights are kept, best first within method and width or rank. */
export async function listModels(sql: Sql, sweepId: string): Promise<ModelRow[]> {
  return sql<ModelRow[]>`
    select t.id as "trialId", t.method, v.k, t.seed::float8 as seed, t.configuration as config, v.covered_variance as validation,
           octet_length(m.bytes) as bytes
    from models m join trials t on t.id = m.trial_id join covered_variances v on v.trial_id = t.id and v.split = 'validation'
    where t.sweep_id = ${sweepId} order by t.method, v.k, v.covered_variance desc, t.index`;
}

/** Drops the weights of all but the best trials on validation of each method and width or rank. */
export async function keepBestModels(sql: Sql, sweepId: string, perCell = KEPT_MODELS): Promise<void> {
  await sql`
    delete from models using trials where trials.id = models.trial_id and trials.sweep_id = ${sweepId} and models.trial_id not in (
      select trial_id from (
        select t.id as trial_id, row_number() over (partition by t.method, v.k order by v.covered_variance desc, t.index) as place
        from trials t join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.covered_variance <> 'NaN'
        where t.sweep_id = ${sweepId}
      ) ranked where place <= ${perCell})`;
}
