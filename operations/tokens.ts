/** Tokens of the HTTP API: created, recognised, revoked, never stored. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../db/client.ts';
import type { Role } from '../db/enums.ts';
import { deleteToken, listTokens, markTokenUsed, saveToken, type TokenRow } from '../db/queries/api/tokens.ts';
import { NarrowsError } from '../errors.ts';
import { sha256Of } from '../platform.ts';
import { requireName } from '../search/names.ts';

export { ROLES, type Role } from '../db/enums.ts';
export type { TokenRow };

const PREFIX = 'nrw_';
const RANDOM_BYTES = 32;

/**
 * Creates a token, shown once; `expiresAt` null: it does not expire. Throws NarrowsError
 * `token-name-taken`, `name-invalid`.
 */
export async function createToken(
  db: Database,
  { name, role, expiresAt }: { readonly name: string; readonly role: Role; readonly expiresAt: Date | null },
): Promise<{ readonly token: string; readonly row: TokenRow }> {
  requireName(name);
  const token = `${PREFIX}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
  const id = `t${randomBytes(5).toString('hex')}`;
  const row = await saveToken(db.sql, { id, name, role, sha256: sha256Of(token), expiresAt });
  return { token, row };
}

export type Recognised =
  | { readonly kind: 'valid'; readonly row: TokenRow }
  | { readonly kind: 'expired' }
  | { readonly kind: 'session-expired' }
  | { readonly kind: 'unknown' };

/** Looks a token up, comparing with every hash in constant time. */
export async function recogniseToken(db: Database, token: string): Promise<Recognised> {
  const given = Buffer.from(sha256Of(token), 'hex');
  const rows = await listTokens(db.sql);
  const row = rows.reduce<TokenRow | null>(
    (found, one) => (timingSafeEqual(Buffer.from(one.sha256, 'hex'), given) ? one : found),
    null,
  );
  if (!row) return { kind: 'unknown' };
  if (hasExpired(row, new Date())) return { kind: 'expired' };
  await markTokenUsed(db.sql, row.id);
  return { kind: 'valid', row };
}

export const hasExpired = ({ expiresAt }: Pick<TokenRow, 'expiresAt'>, now: Date): boolean =>
  expiresAt !== null && expiresAt <= now;

/** Whether there is a token that has not expired. */
export async function hasValidToken(db: Database): Promise<boolean> {
  const now = new Date();
  return (await listTokens(db.sql)).some((row) => !hasExpired(row, now));
}

/** Returns every token, without its text. */
export const listAllTokens = (db: Database): Promise<TokenRow[]> => listTokens(db.sql);

/** Revokes a token. Throws NarrowsError `token-unknown`. */
export async function revokeToken(db: Database, nameOrId: string): Promise<void> {
  if (await deleteToken(db.sql, nameOrId)) return;
  throw new NarrowsError('token-unknown', `there is no token "${nameOrId}"`, {
    path: 'token',
    fix: 'see "narrows token ls"',
    kind: 'not-found',
  });
}
