/** Passwords of the embedded Postgres, each in a file that only this user can read. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseRole } from '../../db/roles.ts';
import { type Home, writeAtomically } from '../home.ts';

/** Name of the superuser, who made the cluster. */
export const SUPERUSER = 'narrows';

/** `superuser` made the cluster; only the supervisor uses it. */
type Login = 'superuser' | DatabaseRole;

/** Returns the file of a login's password; clusters of earlier versions have the superuser's. */
export const passwordFile = ({ directory }: Home, login: Login): string =>
  join(directory, login === 'superuser' ? 'postgres.password' : `postgres.${login}.password`);

export function readPassword(home: Home, login: Login): string {
  return readFileSync(passwordFile(home, login), 'utf8').trim();
}

/** Writes a new random password. */
export function writePassword(home: Home, login: Login): void {
  writeAtomically(passwordFile(home, login), `${randomBytes(24).toString('hex')}\n`);
}

/** Returns the password of a role, which is created where it has none. */
export function ensurePassword(home: Home, role: DatabaseRole): string {
  try {
    return readPassword(home, role);
  } catch {
    writePassword(home, role);
    return readPassword(home, role);
  }
}
