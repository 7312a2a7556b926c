/** Requests with idempotency keys, and who started a sweep over HTTP. */
import type { Queryable, Sql } from '../../client.ts';
import { holdTransaction } from '../../held-transactions.ts';
import type { apiRequests } from '../../schema.ts';

type RequestRow = Readonly<typeof apiRequests.$inferSelect>;
type RequestKey = Pick<RequestRow, 'principal' | 'key'>;

export type KeyedRequestRow = RequestKey & Pick<RequestRow, 'route' | 'bodySha256'>;

/** Status and answer are null while the request is being processed, or where it was interrupted. */
export type SavedRequest = Pick<RequestRow, 'route' | 'bodySha256' | 'status' | 'answer'>;

/** Runs `work` under a lock on principal and key; occupies a connection of the pool meanwhile. */
export function withRequestLock<T>(sql: Sql, { principal, key }: RequestKey, work: () => Promise<T>): Promise<T> {
  return holdTransaction(sql, async (transaction) => {
    await transaction`select pg_advisory_xact_lock(hashtextextended(${`narrows request ${principal} ${key}`}, 0))`;
    return work();
  });
}

/** Records a request and returns its row, or that of an earlier request with the same key. */
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
  { principal, key }: RequestKey,
  { status, answer }: { readonly status: number; readonly answer: unknown },
): Promise<void> {
  await sql`
    update api_requests set status = ${status}, answer = ${sql.json(answer as never)} where principal = ${principal} and key = ${key}`;
}

export async function deleteRequest(sql: Queryable, { principal, key }: RequestKey): Promise<void> {
  await sql`delete from api_requests where principal = ${principal} and key = ${key}`;
}

/** Records the principal that started a sweep; idempotent. */
export async function saveStarter(sql: Queryable, sweepId: string, principal: string): Promise<void> {
  await sql`insert into sweep_starters (sweep_id, principal) values (${sweepId}, ${principal}) on conflict do nothing`;
}

/** Returns the principal that started the sweep over HTTP; null if none. */
export async function findSweepStarter(sql: Queryable, sweepId: string): Promise<string | null> {
  const [row] = await sql<{ principal: string }[]>`select principal from sweep_starters where sweep_id = ${sweepId}`;
  return row?.principal ?? null;
}
