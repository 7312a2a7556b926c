/** libpq's password file: lines of host:port:database:user:password, where * stands for any. */
import { readFileSync, statSync } from 'node:fs';

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * Returns the password of the first line that fits; null without one. As with libpq, a file that
 * others may read is ignored.
 */
export function findPassword(file: string, { host, port, database, user }: Login): string | null {
  const wanted = [host, String(port), database, user];
  for (const line of readPrivate(file).split('\n')) {
    if (line.startsWith('#')) continue;
    const fields = (line.replace(/\r$/, '').match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).map((field) =>
      field.replace(/:$/, '').replace(/\\(.)/g, '$1'),
    );
    const password = fields[wanted.length];
    if (password !== undefined && wanted.every((value, i) => fields[i] === '*' || fields[i] === value)) return password;
  }
  return null;
}

function readPrivate(file: string): string {
  try {
    return (statSync(file).mode & 0o077) === 0 ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}
