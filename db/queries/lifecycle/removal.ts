/**
 * Removal of sweeps: one short transaction marks a sweep, which from then on does not exist for
 * anybody; its rows are deleted afterwards, in batches, by any later removal.
 */
import type { Queryable, Sql } from '../../client.ts';
import { notifySweepChange } from '../sweeps/revision.ts';
import { lockSweep, type SweepRow, sweepColumns } from '../sweeps/sweeps.ts';
import { listSweepUses, type SweepUse } from './sweep-uses.ts';

/** Trials per transaction: with 100 kB of latents each, some 20 MB. */
const BATCH_TRIALS = 200;

/** Selects finished sweeps; null selects all. */
export interface SweepChoice {
  /** Only sweeps that ended longer ago than this. */
  readonly olderThanSeconds: number | null;
  readonly states: readonly SweepRow['state'][];
  /** Pattern of names, in which `*` is any text and `?` any character. */
  readonly name: string | null;
}

/** Lists the sweeps that fit, newest first: a sweep comes before those that it started from. */
export const listChosenSweeps = (sql: Queryable, { olderThanSeconds, states, name }: SweepChoice) =>
  sql<SweepRow[]>`
    select ${sweepColumns(sql)} from sweeps
    where removed_at is null and state = any(${[...states]}::text[])
      and ${olderThanSeconds === null ? sql`true` : sql`finished_at < now() - make_interval(secs => ${olderThanSeconds})`}
      and ${name === null ? sql`true` : sql`name like ${likePattern(name)}`}
    order by started_at desc, id`;

const likePattern = (glob: string): string =>
  glob
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');

/**
 * Marks a sweep as removed unless something needs it, and returns what does. `requireEnded` throws
 * where it may not be removed now; it sees a row that no other transaction can change meanwhile.
 * Throws NarrowsError `sweep-unknown`.
 */
export async function markRemoved(
  sql: Sql,
  id: string,
  requireEnded: (row: SweepRow) => void | Promise<void>,
): Promise<readonly SweepUse[]> {
  return sql.begin(async (transaction) => {
    const row = await lockSweep(transaction, id, { isExclusive: true });
    await requireEnded(row);
    const uses = await listSweepUses(transaction, [id]);
    if (uses.length > 0) return uses;
    await transaction`update sweeps set removed_at = now(), revision = revision + 1 where id = ${id}`;
    await notifySweepChange(transaction, { sweepId: id, revision: row.revision + 1, state: row.state });
    return [];
  }) as Promise<readonly SweepUse[]>;
}

/** Lists the ids of sweeps that are marked, and whose rows are not all deleted. */
export async function listMarked(sql: Queryable): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from sweeps where removed_at is not null order by removed_at, id`;
  return rows.map(({ id }) => id);
}

/** Whether a sweep of this id or name is marked. */
export async function isMarked(sql: Queryable, idOrName: string): Promise<boolean> {
  const rows = await sql`select from sweeps where removed_at is not null and (id = ${idOrName} or name = ${idOrName}) limit 1`;
  return rows.length > 0;
}

/** Deletes the rows of a marked sweep; returns the number of trials. Concurrent calls share it. */
export async function purgeSweep(sql: Queryable, id: string): Promise<number> {
  let trials = 0;
  for (;;) {
    const [row] = await sql<{ deleted: number | null }[]>`select purge_sweep(${id}, ${BATCH_TRIALS}) as deleted`;
    trials += row?.deleted ?? 0;
    if (row === undefined || row.deleted === null || row.deleted < BATCH_TRIALS) return trials;
  }
}

/** Finishes removals that were interrupted; returns the number of deleted trials. */
export async function purgeMarked(sql: Queryable): Promise<number> {
  let trials = 0;
  for (const id of await listMarked(sql)) trials += await purgeSweep(sql, id);
  return trials;
}

/** Size of a sweep's results. */
export interface SweepSize {
  readonly sweepId: string;
  readonly trials: number;
  /** Bytes of the stored values, without indexes and free space. */
  readonly bytes: number;
}

/** Measures sweeps, in their order. */
export async function measureSweeps(sql: Queryable, ids: readonly string[]): Promise<SweepSize[]> {
  const sizeOf = (columns: readonly string[]) =>
    sql.unsafe([ROW_BYTES, ...columns.map((column) => `coalesce(pg_column_size(d.${column}), 0)`)].join(' + '));
  const ofTrials = (table: string, ...columns: string[]) =>
    sql`(select sum(${sizeOf(columns)}) from ${sql(table)} d join trials t on t.id = d.trial_id where t.sweep_id = s.id)`;
  const ofSweep = (table: string, ...columns: string[]) =>
    sql`(select sum(${sizeOf(columns)}) from ${sql(table)} d where d.sweep_id = s.id)`;
  const sizes = [
    ofSweep('trials', 'configuration'),
    ofSweep('proposals', 'value', 'sampler'),
    ofSweep('covered_variances'),
    ofTrials('test_errors', 'errors', 'structure_errors'),
    ofSweep('test_rows', 'spreads', 'structure_spreads', 'structure_squares', 'units', 'strata'),
    ofTrials('rung_scores'),
    ofSweep('writes', 'core_seconds'),
    ofTrials('latents', 'bytes', 'sample'),
    ofTrials('components', 'coefficients'),
    ofTrials('learning_curves', 'train', 'validation'),
    ofSweep('checkpoints', 'bytes'),
    ofSweep('models', 'bytes'),
    ofSweep('baselines'),
    ofSweep('baseline_errors', 'errors'),
    ofSweep('comparisons', 'result'),
    ofSweep('interpretations', 'result'),
    ofSweep('fields', 'bytes'),
  ];
  const total = sizes.map((size) => sql`coalesce(${size}, 0)`).reduce((sum, size) => sql`${sum} + ${size}`);
  return sql<SweepSize[]>`
    select s.id as "sweepId", (select count(*)::int from trials t where t.sweep_id = s.id) as trials, (${total})::float8 as bytes
    from unnest(${[...ids]}::text[]) with ordinality as s (id, place) order by s.place`;
}

/** Bytes of a row's header, keys and numbers, roughly. */
const ROW_BYTES = 100;
