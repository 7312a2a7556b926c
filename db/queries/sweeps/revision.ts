/** The sweep's revision: a number that rises with everything that is written about it. See docs/decisions/0010-revisions.md. */
import { NarrowsError } from '../../../errors.ts';
import type { Queryable, Sql } from '../../client.ts';

/** Listeners hear `{"sweepId", "revision", "state"}` on this channel, once what it tells of is stored. */
export const SWEEP_CHANNEL = 'narrows_sweep';

export function sweepUnknownError(idOrName: string): NarrowsError {
  return new NarrowsError('sweep-unknown', `there is no sweep "${idOrName}"`, {
    path: 'sweep',
    fix: 'see "narrows sweep ls"',
    kind: 'not-found',
  });
}

/**
 * One transaction, the only one that writes about this sweep while it lasts: `work` gets the number of the revision that it makes, stamps the trials that it
 * writes with it, and returns whether it changed anything. Where it did, the revision counts and listeners hear of it; where not, the number is used by the
 * next. So revisions are stored in order and without gaps, and whoever has seen revision n misses no row that `revision > n` selects later.
 * Throws NarrowsError `sweep-unknown`.
 */
export async function reviseSweep(
  sql: Sql,
  sweepId: string,
  work: (transaction: Queryable, revision: number) => Promise<boolean>,
): Promise<void> {
  await sql.begin(async (transaction) => {
    // The sweep's row before any other: two transactions that lock in different orders would be a deadlock.
    const [next] = await transaction<{ revision: number }[]>`
      select (revision + 1)::float8 as revision from sweeps where id = ${sweepId} for no key update`;
    if (!next) throw sweepUnknownError(sweepId);
    if (!(await work(transaction, next.revision))) return;
    const [revised] = await transaction<{ state: string }[]>`
      update sweeps set revision = ${next.revision} where id = ${sweepId} returning state`;
    await notifySweepChange(transaction, { sweepId, revision: next.revision, state: revised?.state as string });
  });
}

/** Tells listeners that the sweep has news. */
export async function notifySweepChange(
  sql: Queryable,
  news: { readonly sweepId: string; readonly revision: number; readonly state: string },
): Promise<void> {
  await sql`select pg_notify(${SWEEP_CHANNEL}, ${JSON.stringify(news)})`;
}
