/** Revision of a sweep, which rises with every write to it: docs/decisions/0010-revisions.md. */
import type { Queryable, Sql } from '../../client.ts';
import { sweepUnknown } from '../not-found.ts';

/** Channel of notifications `{"sweepId", "revision", "state"}`, sent on commit. */
export const SWEEP_CHANNEL = 'narrows_sweep';

/**
 * Runs `work` in a transaction that no other transaction on the sweep overlaps. `work` stamps the
 * trials that it writes with the number of the new revision and returns whether it changed
 * anything.
 *
 * Only a change takes the number and notifies listeners, so revisions are committed in order and
 * without gaps: a reader of revision n finds every later row by `revision > n`. Throws NarrowsError
 * `sweep-unknown`.
 */
export async function reviseSweep(
  sql: Sql,
  sweepId: string,
  work: (transaction: Queryable, revision: number) => Promise<boolean>,
): Promise<void> {
  await sql.begin(async (transaction) => {
    // The sweep's row is locked before any other: different orders of locks could deadlock.
    const [next] = await transaction<{ revision: number }[]>`
      select (revision + 1)::float8 as revision from sweeps
      where id = ${sweepId} and removed_at is null for no key update`;
    if (!next) throw sweepUnknown(sweepId);
    if (!(await work(transaction, next.revision))) return;
    const [revised] = await transaction<{ state: string }[]>`
      update sweeps set revision = ${next.revision} where id = ${sweepId} returning state`;
    await notifySweepChange(transaction, { sweepId, revision: next.revision, state: revised?.state as string });
  });
}

/** Notifies listeners of a change, when the transaction is committed. */
export async function notifySweepChange(
  sql: Queryable,
  news: { readonly sweepId: string; readonly revision: number; readonly state: string },
): Promise<void> {
  await sql`select pg_notify(${SWEEP_CHANNEL}, ${JSON.stringify(news)})`;
}
