/** Sessions of browsers, of whose ids only hashes are stored. */
import type { Queryable } from '../../client.ts';
import type { apiSessions } from '../../schema.ts';
import { type TokenRow, tokenColumns } from './tokens.ts';

type SessionRow = Readonly<typeof apiSessions.$inferSelect>;

/** Sessions kept per token: a script that signs in again and again leaves no more. */
const MAX_SESSIONS = 100;

/** Inserts a session; deletes expired ones, and the oldest of a token that has too many. */
export async function saveSession(
  sql: Queryable,
  { sha256, tokenId, expiresAt }: Pick<SessionRow, 'sha256' | 'tokenId' | 'expiresAt'>,
): Promise<void> {
  await sql`insert into api_sessions (sha256, token_id, expires_at) values (${sha256}, ${tokenId}, ${expiresAt})`;
  await sql`
    delete from api_sessions where expires_at <= now() or sha256 in (
      select sha256 from api_sessions where token_id = ${tokenId} order by created_at desc, sha256 offset ${MAX_SESSIONS})`;
}

/** Returns a session with its token, possibly expired; null where there is none. */
export async function findSession(
  sql: Queryable,
  sha256: string,
): Promise<(Pick<SessionRow, 'expiresAt'> & { readonly token: TokenRow }) | null> {
  const [session] = await sql<Pick<SessionRow, 'tokenId' | 'expiresAt'>[]>`
    select token_id as "tokenId", expires_at as "expiresAt" from api_sessions where sha256 = ${sha256}`;
  if (!session) return null;
  const [token] = await sql<TokenRow[]>`select ${tokenColumns(sql)} from api_tokens where id = ${session.tokenId}`;
  return token ? { expiresAt: session.expiresAt, token } : null;
}

export async function deleteSession(sql: Queryable, sha256: string): Promise<void> {
  await sql`delete from api_sessions where sha256 = ${sha256}`;
}
