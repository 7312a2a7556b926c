/** Connections to Postgres. Errors name the server, never the password. */
import type Postgres from 'postgres';
import { NarrowsError } from '../errors.ts';
import { registerArrayTypes } from './array-types.ts';
import { connectionUrlError, parseConnectionUrl, redactAddress } from './connection-url.ts';
import { postgres } from './driver.ts';
import { driverOptions } from './driver-options.ts';
import { databaseRightError } from './rights.ts';

export type Sql = Postgres.Sql;

/** A pool or a transaction, on which queries run. */
export type Queryable = Postgres.ISql;

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

/** SQLSTATE of a write for which the server has no space: an outage, which ends. */
const DISK_FULL = '53100';

export const isUnreachableCode = (code: string): boolean => UNREACHABLE.test(code);

/** Whether a SQLSTATE means that Postgres found its own files damaged: data, or an index. */
export const isDamagedCode = (code: string): boolean => /^XX00[12]$/.test(code);

/**
 * Opens a pool of at most `max` connections. Over a pooler it prepares no statements, because each
 * transaction may have another session. Throws NarrowsError `database-unreachable`,
 * `database-timeout`, `database-url-invalid`.
 */
export async function openDatabase(
  url: string,
  { max = 4, onResult, onRequest }: { readonly max?: number } & Pick<PoolOptions, 'onResult' | 'onRequest'> = {},
): Promise<Database> {
  const sql = connectTo(url, max, { onResult, onRequest });
  const address = redactAddress(url);
  try {
    if ((await isPooled(sql)) && parseConnectionUrl(url).parameters.prepare === undefined) sql.options.prepare = false;
  } catch (error) {
    await sql.end({ timeout: 1 }).catch(() => {});
    if (isSettingRefused(error)) throw settingRefusedError(address, error);
    const timeout = databaseTimeoutError(address, error);
    if (timeout) throw timeout;
    throw databaseUnreachableError([address, ...describeDemands(url)].join(' '), error);
  }
  return { sql, address, close: () => sql.end({ timeout: 5 }) };
}

/** Names what may have lost the connection: the driver leaves a server of another kind. */
function describeDemands(url: string): string[] {
  const { target_session_attrs: session = 'any', sslcert } = parseConnectionUrl(url).parameters;
  return [
    ...(session === 'any' ? [] : [`with target_session_attrs=${session}`]),
    ...(sslcert === undefined ? [] : [`with sslcert=${sslcert}`]),
  ];
}

/** Whether a pooler is in between: it announces a process of its own, in place of the server's. */
export async function isPooled(sql: Sql): Promise<boolean> {
  const result = await sql.unsafe<[{ pid: number }]>('select pg_backend_pid() as pid');
  return result.state.pid !== result[0].pid;
}

/** SQLSTATE of a setting that the server does not know, or of a value that it does not take. */
const isSettingRefused = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && (error.code === '42704' || error.code === '22023');

const settingRefusedError = (address: string, { message }: Error): NarrowsError =>
  connectionUrlError(
    `Postgres at ${address} refuses a parameter of the database URL: ${message}`,
    'remove the parameter, or correct it',
  );

export interface PoolOptions {
  /** Whether sessions keep prepared statements; by default as the URL has it. */
  readonly prepare?: boolean | undefined;
  /** Fails within seconds where the server does not answer: a person waits for the response. */
  readonly failFast?: boolean;
  /** Called with every statement and its parameters. */
  readonly onStatement?: (statement: string, parameters: unknown[]) => void;
  /** Called with the seconds from sending a statement to its last row, or its error. */
  readonly onResult?: ((seconds: number) => void) | undefined;
  /**
   * Called in the context of the caller with each statement that it requests, as a function that
   * reads its subject; returns a function that is called when it ends, with its error or null;
   * null: it need not be.
   */
  readonly onRequest?: ((readSubject: () => StatementSubject) => ((error: unknown) => void) | null) | undefined;
}

/** Subject of a statement, without any value in it. */
export interface StatementSubject {
  /** First word, such as SELECT. */
  readonly operation: string;
  readonly table: string | null;
}

/** A statement of the driver. */
interface SentQuery {
  readonly strings: readonly string[];
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** Calls `onEnd` before a statement is settled, with its error or null. */
function watchEnd(query: SentQuery, onEnd: (error: unknown) => void): void {
  const { resolve, reject } = query;
  query.resolve = (result) => {
    onEnd(null);
    resolve(result);
  };
  query.reject = (error) => {
    onEnd(error);
    reject(error);
  };
}

/** Returns a function that measures the statements that it is called with. */
const measureQuery =
  (onResult: (seconds: number) => void) =>
  (query: SentQuery): void => {
    const from = performance.now();
    watchEnd(query, () => onResult((performance.now() - from) / 1000));
  };

/** Returns the first word of a statement, and the first table that it names. */
export function subjectOf(text: string): StatementSubject {
  const [, operation = 'QUERY'] = /^[\s(]*(\w+)/.exec(text) ?? [];
  const [, table = null] = /\b(?:from|into|update|join)\s+"?([a-z_]\w*)/i.exec(text) ?? [];
  return { operation: operation.toUpperCase(), table };
}

/** Returns a function that reports the statements that it is called with, and their ends. */
const reportQuery =
  (onRequest: NonNullable<PoolOptions['onRequest']>) =>
  (query: SentQuery): void => {
    const onEnd = onRequest(() => subjectOf(query.strings.join('$')));
    if (onEnd !== null) watchEnd(query, onEnd);
  };

/** Connections of a pool, and what waits for one. */
export interface PoolState {
  readonly used: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Returns the state of a pool; `used` are those that open, too. */
export function readPool(sql: Sql): PoolState {
  type Queue = Readonly<Record<'length', number>>;
  const { pool } = sql as unknown as {
    readonly pool: Readonly<Record<'connecting' | 'reserved' | 'busy' | 'full' | 'open' | 'queries', Queue>>;
  };
  const used = pool.connecting.length + pool.reserved.length + pool.busy.length + pool.full.length;
  return { used, idle: pool.open.length, waiting: pool.queries.length };
}

/** Seconds before an attempt to reconnect, as the driver has it, but at most 1 s, not 20 s. */
const growingBackoff = (retries: number): number => (0.5 + Math.random() / 2) * Math.min(3 ** retries / 100, 1);

/** Creates a pool without connecting. Throws NarrowsError `database-url-invalid`. */
export function connectTo(
  url: string,
  max: number,
  { failFast = false, prepare, onStatement, onResult, onRequest }: PoolOptions = {},
): Sql {
  const { target_session_attrs, ...options } = driverOptions(url, failFast ? FAIL_FAST_SECONDS : CONNECT_SECONDS);
  const pool = postgres({
    ...options,
    ...(prepare !== undefined && { prepare }),
    max,
    fetch_types: false,
    onnotice: () => {},
    debug: onStatement ? (_connection: number, ...statement: [string, unknown[]]) => onStatement(...statement) : false,
    // Seconds before a query tries to reconnect; the default grows.
    backoff: failFast ? () => 0.2 : growingBackoff,
    target_session_attrs: 'read-write',
  } as object);
  // Without a value the driver would read PGTARGETSESSIONATTRS: it is taken out of parsed options.
  const onsend = onResult && measureQuery(onResult);
  const onrequest = onRequest && reportQuery(onRequest);
  const sql = postgres({ ...pool.options, target_session_attrs, onsend, onrequest } as object);
  registerArrayTypes(sql);
  return sql;
}

/** Returns the error to show; its cause keeps the code, which tells an outage from a fault. */
function databaseUnreachableError(address: string, cause: unknown): NarrowsError {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  if (code === DISK_FULL) {
    return new NarrowsError('database-unreachable', `the disk of Postgres at ${address} is full: ${message}`, {
      fix: 'free some space there; sweeps wait, and go on by themselves',
      kind: 'unreachable',
      cause,
    });
  }
  return new NarrowsError('database-unreachable', `Postgres at ${address} does not answer: ${describeReason(code, message)}`, {
    fix: 'check NARROWS_DATABASE_URL; without it narrows starts its own Postgres',
    kind: 'unreachable',
    cause,
  });
}

/** SQLSTATE of a statement, a lock or a transaction that took longer than the role may. */
const TIMED_OUT = /^(57014|55P03|25P0[34])$/;

/** Returns the error to show for a time limit of the server; null for other errors. */
export function databaseTimeoutError(address: string, error: unknown): NarrowsError | null {
  if (!(error instanceof Error && 'code' in error && TIMED_OUT.test(String(error.code)))) return null;
  return new NarrowsError('database-timeout', `Postgres at ${address} does not give enough time: ${error.message}`, {
    fix: 'raise the limit: "alter role NAME set statement_timeout = 0", or ?statement_timeout=0 in NARROWS_DATABASE_URL',
    kind: 'failure',
    cause: error,
  });
}

/** Returns the error to show where Postgres found its files damaged; null for other errors. */
function databaseDamagedError(address: string, error: unknown): NarrowsError | null {
  if (!(error instanceof Error && 'code' in error && isDamagedCode(String(error.code)))) return null;
  return new NarrowsError('database-corrupt', `Postgres at ${address} found its own files damaged: ${error.message}`, {
    fix: 'check the disk, and restore the database from a backup; "narrows verify" lists what cannot be read',
    kind: 'failure',
    cause: error,
  });
}

/**
 * Resolves as `work` does, but turns a lost connection into `database-unreachable`, a time limit
 * into `database-timeout`, damaged files into `database-corrupt`, and a missing right into
 * `right-missing` or `database-read-only`.
 */
export async function mapUnreachable<T>({ address }: Pick<Database, 'address'>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw (
      databaseTimeoutError(address, error) ??
      databaseRightError(address, error) ??
      databaseDamagedError(address, error) ??
      (isUnreachable(error) ? databaseUnreachableError(address, error) : error)
    );
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
  if (/before secure TLS connection/.test(message)) return 'it offers no encryption; use sslmode=prefer or disable';
  if (/^(CONNECTION_|ECONNRESET|EPIPE)/.test(code)) return 'the connection was lost';
  if (code === '28000' && /no encryption/.test(message)) return 'it wants an encrypted connection; add ?sslmode=require';
  if (/CERT|SIGNATURE|^ERR_TLS/.test(code))
    return `its certificate is not accepted: ${message.split(';')[0]}; sslrootcert names its authority`;
  if (code === '28000' && /client certificate/.test(message))
    return 'it wants a certificate of the client; sslcert and sslkey name it';
  if (/^ERR_SSL_|^EPROTO/.test(code)) return `encryption failed: ${message.replace(/^.*:SSL routines:/, '')}`;
  if (code.startsWith('28')) return 'user or password not accepted';
  if (code === '3D000') return 'the database does not exist';
  return message || code;
}
