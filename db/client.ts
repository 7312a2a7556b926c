/** Connections to Postgres. Whatever goes wrong names the server, never the password. */
import postgres from 'postgres';
import { NarrowsError } from '../errors.ts';
import { registerArrayTypes } from './array-types.ts';

export type Sql = postgres.Sql;

/** What questions are asked of: a pool, or one transaction of it. */
export type Queryable = postgres.ISql;

export interface Database {
  readonly sql: Sql;
  /** host:port/database: what may be shown. */
  readonly address: string;
  close(): Promise<void>;
}

const CONNECT_SECONDS = 10;
const FAIL_FAST_SECONDS = 3;

/**
 * Codes of Node and of the driver, and SQLSTATEs, that say that the server cannot serve just now: 08 connection, 28 authorisation,
 * 3D000 no such database, 53 resources, 57P server stopping.
 */
const UNREACHABLE =
  /^(ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|CONNECT_TIMEOUT|CONNECTION_\w+|08...|28...|3D000|53...|57P..)$/;

export const isUnreachableCode = (code: string): boolean => UNREACHABLE.test(code);

/** host:port/database of a URL, without user, password and parameters, however malformed it is. */
export function redactAddress(url: string): string {
  const address = url.slice(url.lastIndexOf('@') + 1).replace(/^\w+:\/\//, '');
  const [, host = '', database = ''] = /^([^/?#]*)(\/[^?#]*)?/.exec(address) ?? [];
  return `${host}${/:\d+$/.test(host) ? '' : ':5432'}${database}`;
}

/** Opens a pool of at most `max` connections and looks whether the server answers. Throws NarrowsError `database-unreachable`. */
export async function openDatabase(url: string, { max = 4 }: { readonly max?: number } = {}): Promise<Database> {
  const sql = connectTo(url, max);
  const address = redactAddress(url);
  try {
    await sql`select 1`;
  } catch (error) {
    await sql.end({ timeout: 1 }).catch(() => {});
    throw databaseUnreachableError(address, error);
  }
  return { sql, address, close: () => sql.end({ timeout: 5 }) };
}

export interface PoolOptions {
  /** Fails within seconds where the server does not answer: a person waits for the response. */
  readonly failFast?: boolean;
  /** Called with every statement and its parameters. */
  readonly onStatement?: (statement: string, parameters: unknown[]) => void;
}

/** Creates a pool without connecting. Throws NarrowsError `database-url-invalid`. */
export function connectTo(url: string, max: number, { failFast = false, onStatement }: PoolOptions = {}): Sql {
  try {
    const sql = postgres(url, {
      max,
      fetch_types: false,
      onnotice: () => {},
      ...(onStatement && { debug: (_connection: number, ...statement: [string, unknown[]]) => onStatement(...statement) }),
      connect_timeout: failFast ? FAIL_FAST_SECONDS : CONNECT_SECONDS,
      // How long a query waits before the next attempt to connect; by default longer and longer.
      ...(failFast && { backoff: () => 0.2 }),
      connection: { application_name: 'narrows' },
    });
    registerArrayTypes(sql);
    return sql;
  } catch {
    // The error of the URL parser carries the whole URL, so it is no cause to keep.
    throw new NarrowsError('database-url-invalid', 'the database URL cannot be read', {
      path: 'NARROWS_DATABASE_URL',
      fix: 'write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters percent-encoded',
    });
  }
}

/** The error for a person; the cause keeps its code, so that callers can tell an outage from a fault. */
export function databaseUnreachableError(address: string, cause: unknown): NarrowsError {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  return new NarrowsError('database-unreachable', `Postgres at ${address} does not answer: ${describeReason(code, message)}`, {
    fix: 'check NARROWS_DATABASE_URL; without it narrows starts its own Postgres',
    kind: 'unreachable',
    cause,
  });
}

/** Passes the work's answer on; a lost connection becomes NarrowsError `database-unreachable`, every other error stays as it is. */
export async function mapUnreachable<T>({ address }: Pick<Database, 'address'>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isUnreachable(error) ? databaseUnreachableError(address, error) : error;
  }
}

/** Whether it is the connection that failed, and not what was asked. */
export function isUnreachable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return !(error instanceof NarrowsError) && isUnreachableCode(code);
}

function describeReason(code: string, message: string): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'CONNECT_TIMEOUT') return `no answer in ${CONNECT_SECONDS} s`;
  if (code === 'ENOTFOUND') return 'no such host';
  if (code.startsWith('CONNECTION_')) return 'the connection was lost';
  if (code.startsWith('28')) return 'user or password not accepted';
  if (code === '3D000') return 'there is no such database';
  return message || code;
}
