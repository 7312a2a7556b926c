/** Tokens of the HTTP API, of which only hashes are stored. */
import { NarrowsError } from '../../../errors.ts';
import type { Queryable, Sql } from '../../client.ts';
import type { apiTokens } from '../../schema.ts';

export type TokenRow = Readonly<typeof apiTokens.$inferSelect>;

type NewToken = Pick<TokenRow, 'id' | 'name' | 'role' | 'sha256' | 'expiresAt'>;

/** Inserts a token. Throws NarrowsError `token-name-taken`, `token-duplicate`. */
export async function saveToken(sql: Queryable, { id, name, role, sha256, expiresAt }: NewToken): Promise<TokenRow> {
  const [row] = await sql<TokenRow[]>`
    insert into api_tokens (id, name, role, sha256, expires_at) values (${id}, ${name}, ${role}, ${sha256}, ${expiresAt})
    on conflict do nothing returning ${tokenColumns(sql)}`;
  if (row) return row;
  const [duplicate] = await sql<Pick<TokenRow, 'name'>[]>`
    select name from api_tokens where sha256 = ${sha256} and name <> ${name}`;
  if (duplicate) throw duplicateTokenError(duplicate.name);
  throw new NarrowsError('token-name-taken', `there is a token named "${name}" already`, {
    path: '--name',
    fix: `take another name, or revoke it with "narrows token revoke ${name}"`,
  });
}

/** Returns the error for a text that is stored as the token of this name. */
export const duplicateTokenError = (name: string): NarrowsError =>
  new NarrowsError('token-duplicate', `the same text is stored already, as the token "${name}"`, {
    path: 'token',
    fix: `make another text, or revoke that token with "narrows token revoke ${name}"`,
  });

/** Sets when a token expires; null: never. Returns undefined where no such token is stored. */
export async function renewToken(
  sql: Queryable,
  { name, role, sha256, expiresAt }: Omit<NewToken, 'id'>,
): Promise<TokenRow | undefined> {
  const [row] = await sql<TokenRow[]>`
    update api_tokens set expires_at = ${expiresAt} where name = ${name} and role = ${role} and sha256 = ${sha256}
    returning ${tokenColumns(sql)}`;
  return row;
}

/**
 * Puts a token in place of another of its name, which ends the sessions of that one; of several at
 * once, the last one stays.
 */
export async function replaceToken(sql: Sql, { id, name, role, sha256, expiresAt }: NewToken): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`delete from api_tokens where name = ${name} and sha256 <> ${sha256}`;
    await tx`
      insert into api_tokens (id, name, role, sha256, expires_at) values (${id}, ${name}, ${role}, ${sha256}, ${expiresAt})
      on conflict (name) do update set role = excluded.role, sha256 = excluded.sha256, expires_at = excluded.expires_at`;
  });
}

/** Lists all tokens, including expired ones, oldest first. */
export const listTokens = (sql: Queryable) =>
  sql<TokenRow[]>`select ${tokenColumns(sql)} from api_tokens order by created_at, id`;

/** Deletes a token by name or id. Returns false where it does not exist. */
export async function deleteToken(sql: Queryable, nameOrId: string): Promise<boolean> {
  const { count } = await sql`delete from api_tokens where id = ${nameOrId} or name = ${nameOrId}`;
  return count > 0;
}

/** Records the use of a token, at most once a minute. */
export async function markTokenUsed(sql: Queryable, id: string): Promise<void> {
  await sql`
    update api_tokens set last_used_at = now()
    where id = ${id} and (last_used_at is null or last_used_at < now() - interval '1 minute')`;
}

export const tokenColumns = (sql: Queryable) => sql`
  id, name, role, sha256, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"`;
