/** The trials of a sweep that were written after a revision. */
import type { Queryable } from '../../client.ts';

/**
 * Returns the end of a lateral subquery that is to run for each row, by index: `offset 0` rules out
 * plans that read the whole sweep. The first read, of every row, is left to the planner.
 */
export const forEachRow = (sql: Queryable, since: number) => (since < 0 ? sql`` : sql`offset 0`);

/** Returns a table expression of these trials with the `revision` of their write. */
export const writtenAfter = (sql: Queryable, sweepId: string, since: number) => sql`
      select t.*, w.revision
      from (select write_id, revision from writes where sweep_id = ${sweepId} and revision > ${since} ${forEachRow(sql, since)}) as w
      cross join lateral (select * from trials where sweep_id = ${sweepId} and write_id = w.write_id ${forEachRow(sql, since)}) as t`;
