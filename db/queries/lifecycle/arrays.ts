/** Arrays of datasets: the lock of their writers, and what refers to them. */
import type { Queryable, Sql } from '../../client.ts';
import { holdTransaction } from '../../held-transactions.ts';

/**
 * Arrays are stored before the version that refers to them: writers of both hold this lock together
 * until the version is written, and unused arrays are deleted only while none holds it.
 */
export const ARRAYS_LOCK = "hashtext('arrays'), 0";

/** Statement by which a transaction that stores arrays holds the lock, with other ones. */
export const HOLD_ARRAYS = `select pg_advisory_xact_lock_shared(${ARRAYS_LOCK})`;

/** Statement by which a transaction waits for the writers of arrays, and keeps others out. */
export const KEEP_WRITERS_OUT = `select pg_advisory_xact_lock(${ARRAYS_LOCK})`;

/**
 * Runs work that stores arrays and then, in the transaction, their version, while unused arrays
 * stay: a version is not written once the lock has been lost.
 */
export function withArraysHeld<T>(sql: Sql, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  return holdTransaction(sql, async (transaction) => {
    await transaction.unsafe(HOLD_ARRAYS);
    return work(transaction);
  });
}

/** Hashes of arrays in descriptions, however deep they are. */
export const hashesIn = (sql: Queryable) =>
  sql`jsonb_path_query(description, '$.** ? (@.type() == "string" && @ like_regex "^[0-9a-f]{64}$")')`;

/** Returns the bytes of the arrays that only these versions of a dataset have. */
export async function measureArrays(sql: Queryable, name: string, versions: readonly string[]): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`
    with used as (
      select hash #>> '{}' as sha256, bool_and(d.name = ${name} and d.version = any(${[...versions]}::text[])) as goes
      from dataset_versions d, ${hashesIn(sql)} as hash group by 1
    )
    select coalesce(sum(bytes), 0)::float8 as bytes from blobs join used using (sha256) where goes`;
  return row?.bytes ?? 0;
}

/** Versions and sweeps that cannot do without an array. */
export interface ArrayUses {
  /** Versions that have the array, by themselves or by what they extend: 'water@0123456789ab'. */
  readonly datasets: readonly string[];
  /** Names of the unfinished sweeps on these versions. */
  readonly sweeps: readonly string[];
}

export async function findArrayUses(sql: Queryable, sha256: string): Promise<ArrayUses> {
  const [uses] = await sql<[ArrayUses]>`
    with recursive needing as (
      select name, version from dataset_versions where position(${sha256} in description::text) > 0
      union
      select v.name, v.version from dataset_versions v join needing n on v.name = n.name and v.parent = n.version
    )
    select array(select name || '@' || left(version, 12) from needing order by 1) as datasets,
           array(select s.name from sweeps s join needing n on s.dataset = n.name and s.dataset_version = n.version
                 where s.state in ('running', 'paused') and s.removed_at is null order by s.started_at) as sweeps`;
  return uses;
}
