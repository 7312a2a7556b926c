/** Tokens of the HTTP API: created, recognised, revoked, never stored. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Database, mapUnreachable } from '../db/client.ts';
import type { Role } from '../db/enums.ts';
import {
  deleteToken,
  duplicateTokenError,
  listTokens,
  markTokenUsed,
  renewToken,
  replaceToken,
  saveToken,
  type TokenRow,
} from '../db/queries/api/tokens.ts';
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
  const id = createId();
  const row = await saveToken(db.sql, { id, name, role, sha256: sha256Of(token), expiresAt });
  return { token, row };
}

/** Name of the token that the one who runs the server hands to it. */
export const ADMIN_TOKEN_NAME = 'admin-token';

/**
 * Makes a given token valid, with all rights, in place of the one given before, whose sessions end.
 * Any number of servers may do so at once, and again; of different tokens the last one stays.
 * Throws NarrowsError `token-weak`, `token-duplicate` where it is a token of another name without
 * all rights, and as mapUnreachable does.
 */
export async function ensureAdminToken(db: Database, token: string): Promise<void> {
  requireStrength(token);
  const sha256 = sha256Of(token);
  const stored = (await mapUnreachable(db, listTokens(db.sql))).find((row) => row.sha256 === sha256);
  // Then a role that may not create tokens is enough.
  if (stored && isAdmin(stored)) return;
  if (stored && stored.name !== ADMIN_TOKEN_NAME) throw duplicateTokenError(stored.name);
  const row = { id: createId(), name: ADMIN_TOKEN_NAME, role: 'admin', sha256, expiresAt: null } as const;
  await mapUnreachable(db, replaceToken(db.sql, row));
}

const isAdmin = (row: TokenRow): boolean => row.role === 'admin' && !hasExpired(row, new Date());

/** As many as 24 random bytes have in base64; 16 bytes have 32 hexadecimal digits. */
const FEWEST_CHARACTERS = 32;
const FEWEST_DIFFERENT = 8;

/** Throws NarrowsError `token-weak`, without the token. */
function requireStrength(token: string): void {
  const fault = !/^[\x21-\x7e]+$/.test(token)
    ? 'it has blanks or characters that no HTTP header can carry'
    : token.length < FEWEST_CHARACTERS
      ? `it has ${token.length} characters, and needs ${FEWEST_CHARACTERS}`
      : new Set(token).size < FEWEST_DIFFERENT
        ? 'it repeats a few characters'
        : null;
  if (fault === null) return;
  throw new NarrowsError('token-weak', `the administrator's token can be guessed or cannot be sent: ${fault}`, {
    path: 'admin-token',
    fix: 'make one with "openssl rand -base64 32"',
  });
}

const createId = (): string => `t${randomBytes(5).toString('hex')}`;

/**
 * Stores a given token; where it is stored already, only the time at which it expires changes.
 * Throws NarrowsError `token-weak`, `token-name-taken`, `token-duplicate`, `name-invalid`.
 */
export async function storeToken(
  db: Database,
  { token, ...wanted }: { readonly token: string; readonly name: string; readonly role: Role; readonly expiresAt: Date | null },
): Promise<TokenRow> {
  requireName(wanted.name);
  requireStrength(token);
  const given = { ...wanted, sha256: sha256Of(token) };
  return (await renewToken(db.sql, given)) ?? (await saveToken(db.sql, { id: createId(), ...given }));
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
