/** Limits of a sweep's cells: search/limits/limits.ts. */
import { addLimits, type CellLimits, countLeftOut } from '../../../search/limits/limits.ts';
import type { Queryable, Sql } from '../../client.ts';
import { sweepUnknown } from '../not-found.ts';
import { notifySweepChange } from './revision.ts';
import { lockSweep, type SweepRow } from './sweeps.ts';

/** Returns the limits of a sweep; null: none. Throws NarrowsError `sweep-unknown`. */
export async function findLimits(sql: Queryable, id: string): Promise<CellLimits | null> {
  const [row] = await sql<Pick<SweepRow, 'limits'>[]>`select limits from sweeps where id = ${id} and removed_at is null`;
  if (row) return row.limits;
  throw sweepUnknown(id);
}

/**
 * Limits cells to their first points, for good: a cell that has a limit keeps it. Nobody may have
 * begun a point from the limit on. Returns the limits of the sweep. Throws NarrowsError
 * `sweep-unknown`, and those of addLimits.
 */
export const limitCells = (sql: Sql, id: string, limits: CellLimits): Promise<CellLimits> =>
  sql.begin(async (transaction) => setLimits(transaction, await lockSweep(transaction, id), limits)) as Promise<CellLimits>;

/** The same for a sweep whose row the transaction has locked. */
export async function setLimits(
  sql: Queryable,
  { id, state, spec, limits: before }: Pick<SweepRow, 'id' | 'state' | 'spec' | 'limits'>,
  further: CellLimits,
): Promise<CellLimits> {
  const limits = addLimits(spec, before, further);
  if (before !== null && Object.keys(limits).length === Object.keys(before).length) return before;
  const [row] = await sql<[{ revision: number }]>`
    update sweeps set limits = ${sql.json(limits)}::jsonb, left_out = ${countLeftOut(spec, limits)}, revision = revision + 1
    where id = ${id} returning revision::float8 as revision`;
  await notifySweepChange(sql, { sweepId: id, revision: row.revision, state });
  return limits;
}
