/** The trials of a sweep that were written after a revision. */
import type { Queryable } from '../../client.ts';

/**
 * Returns a table expression of these trials with the `revision` of their write. A loop over the
 * writes, each with its trials by index: `offset 0` rules out plans that read the whole sweep.
 */
export const writtenAfter = (sql: Queryable, sweepId: string, since: number) => sql`
      select t.*, w.revision
      from (select write_id, revision from writes where sweep_id = ${sweepId} and revision > ${since} offset 0) as w
      cross join lateral (select * from trials where sweep_id = ${sweepId} and write_id = w.write_id offset 0) as t`;
