/** Connections to Postgres. Errors name the server, never the password. */
import postgres from 'postgres';
import { NarrowsError } from '../errors.ts';
import { registerArrayTypes } from './array-types.ts';

export type Sql = postgres.Sql;

/** A pool or a transaction, on which queries run. */
export type Queryable = postgres.ISql;

export interface Database {
  readonly sql: Sql;
  /** host:port/database, safe to print. */
  readonly address: string;
  close(): Promise<void>;
}

const CONNECT_SECONDS = 10;
const FAIL_FAST_SECONDS = 3;

/**
 * Error codes of Node, the driver and Postgres (SQLSTATE) that mean an unavailable server: 08
 * connection, 28 authorisation, 3D000 no such database, 53 resources, 57P server stopping.
 */
const UNREACHABLE =
  /^(ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|CONNECT_TIMEOUT|CONNECTION_\w+|08...|28...|3D000|53...|57P..)$/;

export const isUnreachableCode = (code: string): boolean => UNREACHABLE.test(code);

/** Returns host:port/database of a URL, possibly malformed, without user, password, parameters. */
export function redactAddress(url: string): string {
  const address = url.slice(url.lastIndexOf('@') + 1).replace(/^\w+:\/\//, '');
  const [, host = '', database = ''] = /^([^/?#]*)(\/[^?#]*)?/.exec(address) ?? [];
  return `${host}${/:\d+$/.test(host) ? '' : ':5432'}${database}`;
}

/** Opens a pool of at most `max` connections. Throws NarrowsError `database-unreachable`. */
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
      // Seconds before a query tries to reconnect; the default grows.
      ...(failFast && { backoff: () => 0.2 }),
      connection: { application_name: 'narrows' },
    });
    registerArrayTypes(sql);
    return sql;
  } catch {
    // The URL parser's error contains the whole URL: it is not kept as the cause.
    throw new NarrowsError('database-url-invalid', 'the database URL cannot be read', {
      path: 'NARROWS_DATABASE_URL',
      fix: 'write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters percent-encoded',
    });
  }
}

/** Returns the error to show; its cause keeps the code, which tells an outage from a fault. */
export function databaseUnreachableError(address: string, cause: unknown): NarrowsError {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  return new NarrowsError('database-unreachable', `Postgres at ${address} does not answer: ${describeReason(code, message)}`, {
    fix: 'check NARROWS_DATABASE_URL; without it narrows starts its own Postgres',
    kind: 'unreachable',
    cause,
  });
}

/** Resolves as `work` does, but turns a lost connection into `database-unreachable`. */
export async function mapUnreachable<T>({ address }: Pick<Database, 'address'>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isUnreachable(error) ? databaseUnreachableError(address, error) : error;
  }
}

/** Returns whether the connection failed, rather than the query. */
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
  if (code === '3D000') return 'the database does not exist';
  return message || code;
}
