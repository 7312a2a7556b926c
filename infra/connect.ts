/** Connections to Postgres and Temporal. */
import type { Client, Connection } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import { redactAddress } from '../db/connection-url.ts';
import { listPending, type MigrateOptions, migrate } from '../db/migrate.ts';
import { openCurrentDatabase } from '../db/schema-version.ts';
import { NarrowsError } from '../errors.ts';
import { recordNewBlobLocation } from './blob-store.ts';
import { describeHome, type Environment } from './env.ts';
import { resolveHome } from './home.ts';
import { clientOptions, readExternalServers, type ServerAddresses, serversOfState, temporalUnreachableError } from './servers.ts';
import { ensureStack } from './stack/stack.ts';
import { readLiveState, requireSameVersion } from './stack/state.ts';
import { currentTracing } from './tracing/tracing.ts';

/** A local server answers within milliseconds, one on another continent within a second. */
const CONNECT_MILLISECONDS = 5000;

const GRPC_UNAVAILABLE = 14;
const BUSY_RETRIES = 5;

export interface Connections {
  readonly db: Database;
  readonly temporal: Client;
  readonly servers: ServerAddresses;
  /** True where this call started the embedded stack. */
  readonly started: boolean;
  close(): Promise<void>;
}

export interface StackOptions {
  /** Receives the steps of the start. */
  readonly note?: (text: string) => void;
  /** Aborting it stops a stack that this call is starting, and throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to running servers. Throws NarrowsError `stack-down`, `temporal-unreachable`, and as
 * openCurrentDatabase does.
 */
export async function connect(environment: Environment): Promise<Connections> {
  const servers = readExternalServers(environment) ?? runningServers(environment);
  return connectTo(servers, false);
}

/** Returns the external servers, or the embedded ones, started if they are down. */
export async function ensureServers(
  environment: Environment,
  options: StackOptions = {},
): Promise<{ readonly servers: ServerAddresses; readonly started: boolean }> {
  const external = readExternalServers(environment);
  if (!external) {
    noteHome(environment, options);
    return ensureStack(environment, options);
  }
  return { servers: external, started: false };
}

export interface Migration {
  /** Address of the database. */
  readonly database: string;
  /** Names of migrations. */
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

/**
 * Migrates as the owner of the tables, and grants the roles their rights also where no migration is
 * pending. Throws as ensureServers, `migrate` and recordNewBlobLocation do, and
 * `not-owner`.
 */
export async function migrateServers(
  environment: Environment,
  options: StackOptions & Pick<MigrateOptions, 'lockSeconds'> = {},
): Promise<Migration> {
  const { servers } = await ensureServers(environment, options);
  const url = migrationUrl(servers);
  const applied = await migrate(url, { ...options, regrant: true });
  await recordNewBlobLocation(url);
  return { database: redactAddress(url), applied: applied.map(({ tag }) => tag), pending: [] };
}

/** Returns what migrateServers would apply; starts and changes nothing. */
export async function planMigration(environment: Environment): Promise<Migration> {
  const url = migrationUrl(readExternalServers(environment) ?? runningServers(environment));
  const pending = await listPending(url);
  return { database: redactAddress(url), applied: [], pending: pending.map(({ tag }) => tag) };
}

const migrationUrl = ({ databaseUrl, directDatabaseUrl }: ServerAddresses): string => directDatabaseUrl ?? databaseUrl;

/** Notes where the home folder is not that of the working directory. */
export function noteHome(environment: Environment, { note }: StackOptions): void {
  const text = describeHome(environment);
  if (text !== null) note?.(text);
}

/** Connects to the servers of ensureServers. */
export async function connectToStack(environment: Environment, options: StackOptions = {}): Promise<Connections> {
  const { servers, started } = await ensureServers(environment, options);
  return connectTo(servers, started);
}

function runningServers(environment: Environment): ServerAddresses {
  const home = resolveHome(environment.home);
  const state = readLiveState(home);
  const servers = state === null || state === 'starting' ? null : serversOfState(state);
  if (state !== null && state !== 'starting' && servers) {
    requireSameVersion(home, state);
    return servers;
  }
  throw new NarrowsError('stack-down', `the embedded servers of ${environment.home} are not up`, {
    path: environment.home,
    fix: 'start them with "narrows up --detach"',
    kind: 'unreachable',
  });
}

async function connectTo(servers: ServerAddresses, started: boolean): Promise<Connections> {
  const [database, connection] = await Promise.allSettled([
    openCurrentDatabase(servers.databaseUrl, { onRequest: currentTracing()?.traceStatement }),
    connectTemporal(servers),
  ]);
  if (database.status === 'fulfilled' && connection.status === 'fulfilled') {
    const temporal = await createClient(connection.value, servers);
    const close = async () => {
      await Promise.all([database.value.close(), connection.value.close()]);
    };
    return { db: database.value, temporal, servers, started, close };
  }
  if (database.status === 'fulfilled') await database.value.close();
  if (connection.status === 'fulfilled') await connection.value.close();
  throw database.status === 'rejected' ? database.reason : (connection as PromiseRejectedResult).reason;
}

/** Returns a client whose starts of workflows are traced, where this process has traces. */
export async function createClient(connection: Connection, { namespace }: Pick<ServerAddresses, 'namespace'>): Promise<Client> {
  const { Client } = await import('@temporalio/client');
  const tracing = currentTracing();
  const interceptors = tracing === null ? {} : (await import('./tracing/temporal.ts')).traceStarts(tracing);
  return new Client({ connection, namespace, interceptors });
}

/** Returns a connection made on first use and after it broke; requests fail while it is down. */
export async function connectTemporalLazily(servers: Pick<ServerAddresses, 'temporal'>): Promise<Connection> {
  const { Connection, isRetryableError, makeGrpcRetryInterceptor } = await import('@temporalio/client');
  const options = clientOptions(servers);
  return Connection.lazy({
    ...options,
    connectTimeout: 2000,
    interceptors: [
      // The default retries an unreachable server for 20 s, even after the connection is closed. A
      // busy server is worth a retry.
      makeGrpcRetryInterceptor({
        retryableDecider: (attempt, status) =>
          attempt <= BUSY_RETRIES && status.code !== GRPC_UNAVAILABLE && isRetryableError(status),
        delayFunction: (attempt) => attempt * 100,
      }),
    ],
    channelArgs: { ...options.channelArgs, 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1000 },
  });
}

async function connectTemporal(servers: ServerAddresses): Promise<Connection> {
  // Lazy import: neither --help nor a command that fails early needs the client.
  const { Connection } = await import('@temporalio/client');
  try {
    return await Connection.connect({ ...clientOptions(servers), connectTimeout: CONNECT_MILLISECONDS });
  } catch (error) {
    throw temporalUnreachableError(servers, error);
  }
}
