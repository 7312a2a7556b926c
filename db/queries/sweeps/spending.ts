/** Points that a sweep begins within a budget which is spent while it runs. */
import { areDecided, beginPoints, NOTHING_SPENT, type Spending } from '../../../search/budget/spending.ts';
import type { PointKey } from '../../../search/proposals.ts';
import type { Queryable, Sql } from '../../client.ts';
import { sweepUnknown } from '../not-found.ts';
import { setLimits } from './limits.ts';
import { lockSweep, type SweepRow } from './sweeps.ts';

/** A sweep with what it has spent, as it was written last. */
type SpendingRow = Pick<SweepRow, 'spec' | 'limits'> & { readonly spending: Spending };

/** Returns what a sweep has spent, as of when it last began points. Throws `sweep-unknown`. */
export async function findSpending(sql: Queryable, id: string): Promise<SpendingRow> {
  const [row] = await sql<(Omit<SpendingRow, 'spending'> & { spending: Spending | null })[]>`
    select spec, limits, spending from sweeps where id = ${id} and removed_at is null`;
  if (row) return { ...row, spending: row.spending ?? NOTHING_SPENT };
  throw sweepUnknown(id);
}

/**
 * Begins those of these points that the budget of the sweep allows, and limits the cells of methods
 * whose share is spent; packs that begin at the same time wait for one another. It reads what was
 * written since the last time, and nothing where all points are decided. Throws NarrowsError
 * `sweep-unknown`.
 */
export async function spendOnPoints(sql: Sql, id: string, points: readonly PointKey[]): Promise<void> {
  if (areDecided(await findSpending(sql, id), points)) return;
  await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(hashtextextended(${`narrows spending ${id}`}, 0))`;
    const [now] = await transaction<[{ seconds: number; revision: number; coreSeconds: Record<string, number> } | undefined]>`
      select greatest(0, extract(epoch from clock_timestamp() - s.started_at) - s.idle_seconds)::float8 as seconds,
             s.revision::float8 as revision, coalesce(w.core_seconds, '{}') as "coreSeconds"
      from sweeps s cross join lateral (
        select jsonb_object_agg(method, seconds) as core_seconds from (
          select key as method, sum(value::float8) as seconds from writes w cross join lateral jsonb_each_text(w.core_seconds)
          where w.sweep_id = s.id and w.revision > coalesce((s.spending ->> 'revision')::bigint, 0) group by key
        ) by_method
      ) w where s.id = ${id}`;
    if (!now) throw sweepUnknown(id);
    // Last, as other writers do: its row is locked for as long as it takes to write it.
    const row = await lockSweep(transaction, id);
    const spending = row.spending ?? NOTHING_SPENT;
    const coreSeconds = addByMethod(spending.coreSeconds, now.coreSeconds);
    const sweep = { ...row, spending: { ...spending, coreSeconds, revision: now.revision } };
    const begun = beginPoints(sweep, now.seconds, points);
    if (Object.keys(begun.limits).length > 0) await setLimits(transaction, row, begun.limits);
    await transaction`update sweeps set spending = ${transaction.json(begun.spending as never)}::jsonb where id = ${id}`;
  });
}

const addByMethod = (before: Readonly<Record<string, number>>, further: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(further)])].map((method) => [
      method,
      (before[method] ?? 0) + (further[method] ?? 0),
    ]),
  );
