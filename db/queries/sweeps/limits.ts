/** Limits of a sweep's cells: search/limits/limits.ts. */
import { canonicalJson } from '../../../models/canonical-json.ts';
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
 * Leaves cells out whole, and opens others that were; none of their trials may have begun. Throws
 * NarrowsError `sweep-unknown`, and those of addLimits.
 */
export const leaveOutCells = (
  sql: Sql,
  id: string,
  { closed, opened }: { readonly closed: readonly string[]; readonly opened: readonly string[] },
): Promise<void> =>
  sql.begin(async (transaction) => {
    const row = await lockSweep(transaction, id);
    const before = row.limits ?? {};
    const kept = Object.entries(before).filter(([cell, points]) => points > 0 || !opened.includes(cell));
    const limits = addLimits(row.spec, Object.fromEntries(kept), Object.fromEntries(closed.map((cell) => [cell, 0])));
    if (canonicalJson(limits) !== canonicalJson(before)) await saveLimits(transaction, row, limits);
  }) as Promise<void>;

/**
 * Limits cells of a sweep, whose row the transaction has locked, to their first points, for good: a
 * cell that has a limit keeps it. Nobody may have begun a point from the limit on. Returns the
 * limits of the sweep. Throws those of addLimits.
 */
export async function setLimits(sql: Queryable, sweep: LimitedSweep, further: CellLimits): Promise<CellLimits> {
  const { spec, limits: before } = sweep;
  const limits = addLimits(spec, before, further);
  if (before !== null && Object.keys(limits).length === Object.keys(before).length) return before;
  await saveLimits(sql, sweep, limits);
  return limits;
}

type LimitedSweep = Pick<SweepRow, 'id' | 'state' | 'spec' | 'limits'>;

async function saveLimits(sql: Queryable, { id, state, spec }: LimitedSweep, limits: CellLimits): Promise<void> {
  const [row] = await sql<[{ revision: number }]>`
    update sweeps set limits = ${sql.json(limits)}::jsonb, left_out = ${countLeftOut(spec, limits)}, revision = revision + 1
    where id = ${id} returning revision::float8 as revision`;
  await notifySweepChange(sql, { sweepId: id, revision: row.revision, state });
}
