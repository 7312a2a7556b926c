/** What a sweep found: rows for scripts, for the comparison, and the best models. */

import { NarrowsError } from '../../../errors.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { LearningCurve } from '../../../models/training/report.ts';
import { sha256Of } from '../../../platform.ts';
import type { Condition } from '../../../search/columns/where.ts';
import type { Queryable, Sql } from '../../client.ts';
import { reviseSweep } from '../sweeps/revision.ts';
import { type CellKey, KEPT_MODELS, selectBestOfCells } from './best-trials.ts';
import { type BaselineRow, insertBaselines } from './report-details.ts';
import { TRIAL_EXPRESSIONS, whereSql } from './where.ts';

export interface ResultRow {
  readonly trialId: string;
  readonly sweepId: string;
  readonly method: Method;
  /** Width; for ECA the rank. */
  readonly k: number;
  readonly seed: number;
  readonly config: TrialConfiguration;
  readonly outcome: string;
  readonly split: string;
  /** Null where there is no figure: the trial did not complete, or the figure is no number. */
  readonly coveredVariance: number | null;
  readonly structureCoveredVariance: number | null;
  readonly engine: string;
  readonly seconds: number;
}

/** k of a row of results is that of its figure: for ECA the rank. */
const RESULT_COLUMNS = { ...TRIAL_EXPRESSIONS, k: 'coalesce(v.k, t.k)' };

/**
 * One row per trial, width or rank, and split (`split` null: all three), by trial, split and width; a trial without figures has one row
 * per split, with null figures. Streams in blocks of a thousand.
 */
export function streamResults(
  sql: Sql,
  sweepId: string,
  options: { readonly split: string | null; readonly where: readonly Condition[] },
): AsyncIterable<ResultRow[]> {
  const { split, where } = options;
  const splits = split === null ? ['train', 'validation', 'test'] : [split];
  return sql<ResultRow[]>`
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, coalesce(v.k, t.k) as k, t.seed::float8 as seed, t.configuration as config,
           t.outcome, s.split, v.covered_variance as "coveredVariance", v.structure_covered_variance as "structureCoveredVariance",
           t.engine, t.seconds
    from trials t cross join unnest(${splits}::text[]) with ordinality as s (split, place)
    left join covered_variances v on v.trial_id = t.id and v.split = s.split
    where t.sweep_id = ${sweepId} ${whereSql(sql, where, RESULT_COLUMNS)}
    order by t.index, s.place, v.k`.cursor(1000);
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

export interface BaselineScore {
  readonly name: string;
  readonly k: number | null;
  readonly seed: number | null;
  readonly configurationHash: string | null;
  readonly validation: number;
  readonly test: number;
}

/**
 * The one place that reads test figures of many trials. Of each method and width or rank those of the configuration that models/evaluation/comparison.ts would choose among all
 * of these sweeps' trials: with the most seeds, of those the best on validation in the mean over them, of those the first. The choice is made where the rows are;
 * trials whose figures are no numbers have no part in it.
 */
export async function listComparisonTrials(sql: Queryable, sweepIds: readonly string[]): Promise<ComparisonTrial[]> {
  const ids = sql`${[...sweepIds]}::text[]`;
  return sql<ComparisonTrial[]>`
    with figures as (
      -- From one side by sweep, from the others by their keys: no plan is quadratic, not even right after a sweep, before Postgres has counted its rows.
      select v.method, v.k, t.configuration_hash as hash, v.sweep_id, t.index, v.covered_variance as validation
      from covered_variances v
      join trials t on t.id = v.trial_id
      join covered_variances e on e.trial_id = v.trial_id and e.split = 'test' and e.k = v.k and e.covered_variance is not null
      where v.sweep_id = any(${ids}) and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'
    ), parts as (
      select method, k, hash, sweep_id, count(*) as seeds, sum(validation) as total, min(index) as first
      from figures group by method, k, hash, sweep_id
    ), ranked as (
      select method, k, hash, sum(seeds) as seeds, sum(total) / sum(seeds) as mean,
             (array_agg(sweep_id order by sweep_id))[1] as first_sweep, (array_agg(first order by sweep_id))[1] as first
      from parts group by method, k, hash
    ), best as (
      select distinct on (method, k) method, k, hash from ranked
      order by method, k, seeds desc, mean desc, first_sweep, first
    )
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, e.k, t.seed::float8 as seed, t.configuration_hash as "configurationHash",
           v.covered_variance as validation, e.covered_variance as test, e.structure_covered_variance as "structureTest"
    from best b
    join trials t on t.sweep_id = any(${ids}) and t.configuration_hash = b.hash and t.method = b.method and t.outcome = 'completed'
    join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = b.k and v.covered_variance is not null
    join covered_variances e on e.trial_id = t.id and e.split = 'test' and e.k = b.k and e.covered_variance is not null
    order by t.sweep_id, t.index, e.k`;
}

/** Of each reference, and of the emulator at its best architecture: best on validation in the mean over the seeds that have both figures, of those the first. */
export async function listBaselineScores(sql: Queryable, sweepIds: readonly string[]): Promise<BaselineScore[]> {
  return sql<BaselineScore[]>`
    with figures as (
      select e.sweep_id, e.name, e.k, e.seed, e.configuration_hash as hash, v.covered_variance as validation, e.covered_variance as test
      from baselines e
      join baselines v using (sweep_id, name, k, seed, configuration_hash)
      where e.sweep_id = any(${[...sweepIds]}::text[]) and e.split = 'test' and v.split = 'validation'
        and e.covered_variance is not null and v.covered_variance is not null
    ), placed as (
      select *, row_number() over (order by sweep_id, name, k, seed, hash) as place from figures
    ), best as (
      select distinct on (name, k) name, k, hash from placed group by name, k, hash
      order by name, k, avg(validation) desc, min(place)
    )
    select name, nullif(k, 0) as k, case when hash <> '' then seed::float8 end as seed, nullif(hash, '') as "configurationHash", validation, test
    from figures join best using (name, k, hash)
    order by sweep_id, name, k, seed, hash`;
}

/** A second call with the same baselines changes nothing. */
export async function saveBaselines(sql: Sql, sweepId: string, rows: readonly BaselineRow[]): Promise<void> {
  await reviseSweep(sql, sweepId, async (transaction) => (await insertBaselines(transaction, sweepId, rows)) > 0);
}

/** In place of the comparison that closed the sweep before. */
export async function saveComparison(sql: Sql, sweepId: string, result: unknown): Promise<void> {
  await reviseSweep(sql, sweepId, async (transaction) => {
    await transaction`
      insert into comparisons (sweep_id, result) values (${sweepId}, ${transaction.json(result as never)})
      on conflict (sweep_id) do update set result = excluded.result, compared_at = now()`;
    return true;
  });
}

/** The comparison that closed the sweep, null while there is none. */
export async function findComparison(sql: Queryable, sweepId: string): Promise<unknown> {
  const [row] = await sql<{ result: unknown }[]>`select result from comparisons where sweep_id = ${sweepId}`;
  return row?.result ?? null;
}

/** The trial that is best on validation among those with this method and width or rank. Throws NarrowsError `trial-unknown`. */
export async function findBestTrial(sql: Queryable, sweepId: string, method: Method, k: number): Promise<string> {
  const [best] = await findBestTrials(sql, sweepId, [{ method, k }]);
  if (best) return best.trialId;
  throw new NarrowsError('trial-unknown', `the sweep has no completed ${method} trial at k = ${k}`, {
    path: 'k',
    fix: 'see "narrows model ls" for what it has',
    kind: 'not-found',
  });
}

export interface BestTrial extends CellKey {
  readonly trialId: string;
  /** Validation covered variance. */
  readonly validation: number;
}

/** The best trial on validation of each of these cells that has one. */
export async function findBestTrials(sql: Queryable, sweepId: string, cells: readonly CellKey[]): Promise<BestTrial[]> {
  return sql<BestTrial[]>`select method, k, "trialId", validation from ${selectBestOfCells(sql, sweepId, cells, 1)}`;
}

/** Throws NarrowsError `trial-unknown`, `weights-dropped` where only figures were kept, or `weights-corrupt`. */
export async function loadModelBytes(sql: Queryable, trialId: string): Promise<Uint8Array> {
  const [row] = await sql<{ outcome: string; sha256: string | null; bytes: Uint8Array | null }[]>`
    select t.outcome, m.sha256, m.bytes from trials t left join models m on m.trial_id = t.id where t.id = ${trialId}`;
  if (!row) {
    throw new NarrowsError('trial-unknown', `there is no trial "${trialId}"`, {
      path: 'trial',
      fix: 'see "narrows results SWEEP" for the trials of a sweep',
      kind: 'not-found',
    });
  }
  if (!row.bytes) {
    const why =
      row.outcome === 'completed' ? 'its weights were not among the best and were dropped' : `it ended as ${row.outcome}`;
    throw new NarrowsError('weights-dropped', `trial "${trialId}" has no weights: ${why}`, {
      path: 'trial',
      fix: 'see "narrows model ls SWEEP" for the trials whose weights are kept',
      kind: 'not-found',
    });
  }
  if (sha256Of(row.bytes) !== row.sha256) {
    throw new NarrowsError('weights-corrupt', `the stored weights of trial "${trialId}" do not hash to their sum`, {
      path: 'trial',
      fix: 'train the trial again in a new sweep: the same configuration and seed give the same weights',
      kind: 'failure',
    });
  }
  return new Uint8Array(row.bytes);
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
export async function listModels(sql: Queryable, sweepId: string): Promise<ModelRow[]> {
  return sql<ModelRow[]>`
    select t.id as "trialId", t.method, v.k, t.seed::float8 as seed, t.configuration as config, v.covered_variance as validation,
           octet_length(m.bytes) as bytes
    from models m join trials t on t.id = m.trial_id
    join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.covered_variance is not null
    where m.sweep_id = ${sweepId} order by t.method, v.k, v.covered_variance desc, t.id`;
}

/** Drops the weights of all but the best trials on validation of each method and width or rank. */
export async function dropWorseModels(sql: Sql, sweepId: string): Promise<void> {
  await reviseSweep(sql, sweepId, async (transaction) => {
    const cells = await transaction<CellKey[]>`
      select distinct v.method, v.k from models m join covered_variances v on v.trial_id = m.trial_id and v.split = 'validation'
      where m.sweep_id = ${sweepId}`;
    const { count } = await transaction`
      delete from models where sweep_id = ${sweepId}
        and trial_id not in (select "trialId" from ${selectBestOfCells(transaction, sweepId, cells, KEPT_MODELS)})`;
    return count > 0;
  });
}

/** Latent activations of a trial on one split: [rows, k], row-major, in the order of the split's rows. */
export interface Latents {
  readonly rows: number;
  readonly k: number;
  readonly data: Float32Array;
}

/** Null where the trial has none. Throws NarrowsError `latents-corrupt`. */
export async function loadLatents(sql: Queryable, trialId: string, split: string): Promise<Latents | null> {
  const blocks = await sql<{ firstRow: number; rows: number; k: number; sha256: string; bytes: Uint8Array }[]>`
    select first_row as "firstRow", rows, k, sha256, bytes from latents where trial_id = ${trialId} and split = ${split} order by block`;
  const k = blocks[0]?.k;
  if (k === undefined) return null;
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const data = new Float32Array(rows * k);
  const bytes = new Uint8Array(data.buffer);
  for (const block of blocks) {
    if (sha256Of(block.bytes) !== block.sha256) {
      throw new NarrowsError('latents-corrupt', `the stored latents of trial "${trialId}" do not hash to their sum`, {
        path: 'trial',
        kind: 'failure',
      });
    }
    bytes.set(block.bytes, 4 * block.firstRow * k);
  }
  return { rows, k, data };
}

/** Null where the trial has none: it failed. */
export async function loadLearningCurve(sql: Queryable, trialId: string): Promise<LearningCurve | null> {
  const [curve] = await sql<LearningCurve[]>`select train, validation, best from learning_curves where trial_id = ${trialId}`;
  return curve ?? null;
}

/** Rows of a sweep's trials, and how many different trials they are of: what shows whether one was lost or written twice. */
export async function countTrialRows(sql: Queryable, sweepId: string): Promise<{ rows: number; distinct: number }> {
  const [row] = await sql<{ rows: number; distinct: number }[]>`
    select count(*)::int as rows, count(distinct (configuration_hash, seed))::int as distinct from trials where sweep_id = ${sweepId}`;
  return row ?? { rows: 0, distinct: 0 };
}
