/** Questions about requests that carry a key, and about who started what. */
import type { Queryable, Sql } from '../../client.ts';

export interface KeyedRequestRow {
  readonly principal: string;
  readonly key: string;
  readonly route: string;
  readonly bodySha256: string;
}

export interface SavedRequest {
  readonly route: string;
  readonly bodySha256: string;
  /** null: it was begun, and its end is not known. */
  readonly status: number | null;
  readonly answer: unknown;
}

/** Runs `work` while no other process runs one of the same principal and key; whoever dies lets go of it. Takes a connection of the pool meanwhile. */
export async function withRequestLock<T>(
  sql: Sql,
  { principal, key }: Pick<KeyedRequestRow, 'principal' | 'key'>,
  work: () => Promise<T>,
): Promise<T> {
  return (await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(hashtextextended(${`narrows request ${principal} ${key}`}, 0))`;
    return work();
  })) as T;
}

/** What is known of the request after it has been written down: its own row, or that of an earlier one with the same key. */
export async function recordRequest(
  sql: Queryable,
  { principal, key, route, bodySha256 }: KeyedRequestRow,
): Promise<SavedRequest> {
  await sql`delete from api_requests where created_at < now() - interval '1 day'`;
  await sql`
    insert into api_requests (principal, key, route, body_sha256) values (${principal}, ${key}, ${route}, ${bodySha256})
    on conflict (principal, key) do nothing`;
  const [row] = await sql<SavedRequest[]>`
    select route, body_sha256 as "bodySha256", status, answer from api_requests where principal = ${principal} and key = ${key}`;
  return row ?? { route, bodySha256, status: null, answer: null };
}

export async function saveResponse(
  sql: Queryable,
  { principal, key }: Pick<KeyedRequestRow, 'principal' | 'key'>,
  { status, answer }: { readonly status: number; readonly answer: unknown },
): Promise<void> {
  await sql`
    update api_requests set status = ${status}, answer = ${sql.json(answer as never)} where principal = ${principal} and key = ${key}`;
}

export async function deleteRequest(
  sql: Queryable,
  { principal, key }: Pick<KeyedRequestRow, 'principal' | 'key'>,
): Promise<void> {
  await sql`delete from api_requests where principal = ${principal} and key = ${key}`;
}

/** A second call changes nothing. */
export async function saveStarter(sql: Queryable, sweepId: string, principal: string): Promise<void> {
  await sql`insert into sweep_starters (sweep_id, principal) values (${sweepId}, ${principal}) on conflict do nothing`;
}

/** Who started it over HTTP; null where nobody did. */
export async function findSweepStarter(sql: Queryable, sweepId: string): Promise<string | null> {
  const [row] = await sql<{ principal: string }[]>`select principal from sweep_starters where sweep_id = ${sweepId}`;
  return row?.principal ?? null;
}
