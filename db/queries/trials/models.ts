/** Best trials and stored models of a sweep. */
import { NarrowsError, notFound } from '../../../errors.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import { sha256Of } from '../../../platform.ts';
import type { Queryable, Sql } from '../../client.ts';
import { selectUsedTrials } from '../lifecycle/sweep-uses.ts';
import { trialUnknown } from '../not-found.ts';
import { reviseSweep } from '../sweeps/revision.ts';

/** Kept models per method and width (for ECA: rank): docs/decisions/0004-kept-weights.md. */
export const KEPT_MODELS = 3;

export interface CellKey {
  readonly method: Method;
  /** Width; for ECA the rank. */
  readonly k: number;
}

/**
 * Returns a table expression `best` of the `places` trials with the highest validation covered
 * variance of each cell: method, k, "trialId", validation, place (from 1). Ties are ordered by id.
 * Trials of the first partition only: scores on other validation rows do not compare. An index
 * scan reads only the returned rows.
 */
export function selectBestOfCells(sql: Queryable, sweepId: string, cells: readonly CellKey[], places: number) {
  return sql`(
    select cell.method, cell.k, top.* from
      unnest(${cells.map(({ method }) => method)}::text[], ${cells.map(({ k }) => k)}::int[]) as cell (method, k)
      cross join lateral (
        select trial_id as "trialId", covered_variance as validation,
               row_number() over (order by covered_variance desc nulls last, trial_id)::int as place
        from covered_variances
        where sweep_id = ${sweepId} and method = cell.method and k = cell.k and partition = 0 and split = 'validation'
          and covered_variance is not null
        order by covered_variance desc nulls last, trial_id limit ${places}
      ) as top
  ) as best`;
}

/** Returns the id of a cell's best trial on validation. Throws NarrowsError `trial-unknown`. */
export async function findBestTrial(sql: Queryable, sweepId: string, method: Method, k: number): Promise<string> {
  const [best] = await findBestTrials(sql, sweepId, [{ method, k }]);
  if (best) return best.trialId;
  const message = `the sweep has no completed ${method} trial at k = ${k}`;
  throw notFound('trial-unknown', message, 'k', 'see "narrows model ls" for what it has');
}

export interface BestTrial extends CellKey {
  readonly trialId: string;
  /** Validation covered variance. */
  readonly validation: number;
}

/** Returns the best trial on validation of every cell that has one. */
export const findBestTrials = (sql: Queryable, sweepId: string, cells: readonly CellKey[]) =>
  sql<BestTrial[]>`select method, k, "trialId", validation from ${selectBestOfCells(sql, sweepId, cells, 1)}`;

/** Reads a model. Throws `trial-unknown`, `weights-dropped` (not kept), or `weights-corrupt`. */
export async function loadModelBytes(sql: Queryable, trialId: string): Promise<Uint8Array> {
  const [row] = await sql<{ outcome: string; partition: number; sha256: string | null; bytes: Uint8Array | null }[]>`
    select t.outcome, t.partition, m.sha256, m.bytes from trials t left join models m on m.trial_id = t.id where t.id = ${trialId}`;
  if (!row) throw trialUnknown(trialId);
  if (!row.bytes) {
    const dropped =
      row.partition === 0
        ? 'its weights were not among the best and were dropped'
        : `it was trained on partition ${row.partition}, and weights are kept of partition 0`;
    const why = row.outcome === 'completed' ? dropped : `it ended as ${row.outcome}`;
    const fix = 'see "narrows model ls SWEEP" for the trials whose weights are kept';
    throw notFound('weights-dropped', `trial "${trialId}" has no weights: ${why}`, 'trial', fix);
  }
  return checkedWeights(trialId, row.bytes, row.sha256);
}

/** Reads the model of a trial; null where its weights were not kept. Throws `weights-corrupt`. */
export async function findModelBytes(sql: Queryable, trialId: string): Promise<Uint8Array | null> {
  const [row] = await sql<{ sha256: string; bytes: Uint8Array }[]>`select sha256, bytes from models where trial_id = ${trialId}`;
  return row ? checkedWeights(trialId, row.bytes, row.sha256) : null;
}

function checkedWeights(trialId: string, bytes: Uint8Array, sha256: string | null): Uint8Array {
  if (sha256Of(bytes) !== sha256) {
    throw new NarrowsError('weights-corrupt', `the stored weights of trial "${trialId}" are corrupt: their hash differs`, {
      path: 'trial',
      fix: 'train the trial again in a new sweep: the same configuration and seed give the same weights',
      kind: 'failure',
    });
  }
  return new Uint8Array(bytes);
}

export interface ModelRow extends BestTrial {
  readonly seed: number;
  readonly config: TrialConfiguration;
  /** Size of the stored model. */
  readonly bytes: number;
}

/** Lists trials whose weights are kept, best first within method and width or rank. */
export const listModels = (sql: Queryable, sweepId: string) =>
  sql<ModelRow[]>`
    select t.id as "trialId", t.method, v.k, t.seed::float8 as seed, t.configuration as config, v.covered_variance as validation,
           octet_length(m.bytes) as bytes
    from models m join trials t on t.id = m.trial_id
    join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.covered_variance is not null
    where m.sweep_id = ${sweepId} order by t.method, v.k, v.covered_variance desc, t.id`;

/**
 * Deletes all but the best models on validation of each method and width or rank, and those in use;
 * with `latents: best` their latents as well.
 */
export async function dropWorseModels(sql: Sql, sweepId: string): Promise<void> {
  await reviseSweep(sql, sweepId, async (transaction) => {
    const cells = await transaction<CellKey[]>`
      select distinct v.method, v.k from models m join covered_variances v on v.trial_id = m.trial_id and v.split = 'validation'
      where m.sweep_id = ${sweepId}`;
    const worse = await transaction<{ id: string }[]>`
      delete from models where sweep_id = ${sweepId}
        and trial_id not in (select "trialId" from ${selectBestOfCells(transaction, sweepId, cells, KEPT_MODELS)})
        and trial_id not in (${selectUsedTrials(transaction, sweepId)})
      returning trial_id as id`;
    await transaction`
      delete from latents where trial_id = any(${worse.map(({ id }) => id)}::text[])
        and (select spec ->> 'latents' from sweeps where id = ${sweepId}) = 'best'`;
    return worse.length > 0 ? 'other' : 'nothing';
  });
}
