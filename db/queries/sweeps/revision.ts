/** Revision of a sweep, which rises with every write to it: docs/decisions/0010-revisions.md. */
import { randomInt } from 'node:crypto';
import type { Queryable, Sql } from '../../client.ts';
import type { writes } from '../../schema.ts';
import { sweepUnknown } from '../not-found.ts';

/** Channel of notifications `{"sweepId", "revision", "state"}`, sent on commit. */
export const SWEEP_CHANNEL = 'narrows_sweep';

/** Trials that a transaction wrote, whose rows have the id of the write. */
export type TrialsWritten = Readonly<
  Pick<typeof writes.$inferSelect, 'ended' | 'engine' | 'engineBuild' | 'host' | 'coreSeconds'>
>;

/** Change of a transaction: trials, anything else of the sweep, or nothing. */
type Change = TrialsWritten | 'other' | 'nothing';

const NO_TRIALS: TrialsWritten = { ended: 0, engine: null, engineBuild: null, host: null, coreSeconds: null };

/** Ids of writes: those of rows from before there were ids are small. */
const [FIRST_ID, LAST_ID] = [2 ** 32, 2 ** 48 - 1];

/** SQLSTATE of a write whose sweep was removed meanwhile. */
const NO_DATA_FOUND = 'P0002';

/**
 * Runs `work` in a transaction and gives what it changed the next revision. `work` stamps the
 * trials that it writes with the id of the write.
 *
 * A trigger takes the revision within the commit: nobody waits for a transaction that is not
 * committing, and revisions are in the order of the commits, without gaps. A reader of revision n
 * finds every later row by its write's `revision > n`. Other rows are locked before the sweep's:
 * different orders could deadlock. Throws NarrowsError `sweep-unknown`.
 */
export async function reviseSweep(
  sql: Sql,
  sweepId: string,
  work: (transaction: Queryable, writeId: number) => Promise<Change>,
): Promise<void> {
  try {
    await sql.begin(async (transaction) => {
      // A process that stalls in the middle holds its rows for a minute at most.
      const [sweep] = await transaction`
        select set_config('idle_in_transaction_session_timeout', '1min', true) from sweeps where id = ${sweepId} and removed_at is null`;
      if (!sweep) throw sweepUnknown(sweepId);
      const writeId = randomInt(FIRST_ID, LAST_ID);
      const change = await work(transaction, writeId);
      if (change === 'nothing') return;
      const { ended, engine, engineBuild, host, coreSeconds } = change === 'other' ? NO_TRIALS : change;
      await transaction`
        insert into writes (sweep_id, write_id, ended, engine, engine_build, host, core_seconds)
        values (${sweepId}, ${writeId}, ${ended}, ${engine}, ${engineBuild}, ${host}, ${coreSeconds && transaction.json(coreSeconds)}::jsonb)`;
    });
  } catch (error) {
    throw (error as { code?: string }).code === NO_DATA_FOUND ? sweepUnknown(sweepId) : error;
  }
}

/** Notifies listeners of a change, when the transaction is committed. */
export async function notifySweepChange(
  sql: Queryable,
  news: { readonly sweepId: string; readonly revision: number; readonly state: string },
): Promise<void> {
  await sql`select pg_notify(${SWEEP_CHANNEL}, ${JSON.stringify(news)})`;
}
