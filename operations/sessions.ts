/** Sessions of browsers: each has a random id in place of the token that it was started with. */
import { randomBytes } from 'node:crypto';
import type { Database } from '../db/client.ts';
import { deleteSession, findSession, saveSession } from '../db/queries/api/sessions.ts';
import { markTokenUsed } from '../db/queries/api/tokens.ts';
import { sha256Of } from '../platform.ts';
import { hasExpired, type Recognised, type TokenRow } from './tokens.ts';

const RANDOM_BYTES = 32;
/** Then a browser signs in again, so that a copy of its cookie is of no more use. */
const LIFE_MILLISECONDS = 30 * 86_400_000;

/** Starts a session, which ends with its token or after 30 days. Returns its id, not stored. */
export async function startSession(db: Database, token: TokenRow): Promise<{ readonly id: string; readonly expiresAt: Date }> {
  const id = randomBytes(RANDOM_BYTES).toString('base64url');
  const expiresAt = new Date(Math.min(Date.now() + LIFE_MILLISECONDS, token.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY));
  await saveSession(db.sql, { sha256: sha256Of(id), tokenId: token.id, expiresAt });
  return { id, expiresAt };
}

/** Returns the token of a session; it expires with the session. */
export async function recogniseSession(db: Database, id: string): Promise<Recognised> {
  const found = await findSession(db.sql, sha256Of(id));
  if (!found) return { kind: 'unknown' };
  const now = new Date();
  if (hasExpired(found.token, now)) return { kind: 'expired' };
  if (hasExpired(found, now)) return { kind: 'session-expired' };
  await markTokenUsed(db.sql, found.token.id);
  return { kind: 'valid', row: { ...found.token, expiresAt: found.expiresAt } };
}

/** Ends a session; nothing happens where it has ended. */
export const endSession = (db: Database, id: string): Promise<void> => deleteSession(db.sql, sha256Of(id));
