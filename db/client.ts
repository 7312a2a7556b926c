/** Connections to Postgres. Whatever goes wrong names the server, never the password. */
import postgres from 'postgres';
import { EXIT, NarrowsError } from '../infra/errors.ts';

export type Sql = postgres.Sql;

export interface Database {
  readonly sql: Sql;
  /** host:port/database: what may be shown. */
  readonly address: string;
  close(): Promise<void>;
}

/** host:port/database of a URL, without user and password. */
export function addressOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port || 5432}${pathname}`;
  } catch {
    return '(no valid URL)';
  }
}

/** Opens a pool and looks whether the server answers. Throws NarrowsError `database-unreachable`. */
export async function openDatabase(url: string, options: { max?: number } = {}): Promise<Database> {
  const address = addressOf(url);
  let sql: Sql;
  try {
    sql = postgres(url, {
      max: options.max ?? 4,
      onnotice: () => {},
      connect_timeout: 10,
      connection: { application_name: 'narrows' },
    });
  } catch (error) {
    throw unreachable(address, error);
  }
  try {
    await sql`select 1`;
  } catch (error) {
    await sql.end({ timeout: 1 }).catch(() => {});
    throw unreachable(address, error);
  }
  return { sql, address, close: () => sql.end({ timeout: 5 }) };
}

/** The error for a person; the cause keeps its code, so that callers can tell an outage from a fault. */
export function unreachable(address: string, cause: unknown): NarrowsError {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  return new NarrowsError('database-unreachable', `Postgres at ${address} does not answer: ${reason(code, message)}`, {
    fix: 'check NARROWS_DATABASE_URL; without it narrows starts its own Postgres',
    exit: EXIT.unreachable,
    cause,
  });
}

function reason(code: string, message: string): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'CONNECT_TIMEOUT') return 'no answer in time';
  if (code === 'ENOTFOUND') return 'no such host';
  if (code.startsWith('28')) return 'user or password not accepted';
  if (code === '3D000') return 'there is no such database';
  return code || message;
}
