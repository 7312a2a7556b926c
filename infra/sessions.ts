/** Connections for the length of one piece of work, such as a command's. */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { mapUnreachable } from '../db/client.ts';
import { openCurrentDatabase } from '../db/schema-version.ts';
import { type Servers, type Storage, toTemporalError } from '../operations/servers.ts';
import { openBlobs } from './blob-store.ts';
import { connectTemporalLazily, connectToStack, createClient, ensureServers, type StackOptions } from './connect.ts';
import { type Environment, readEnvironment } from './env.ts';
import { printNote } from './output.ts';
import type { ServerAddresses } from './servers.ts';
import { currentTracing } from './tracing/tracing.ts';

export interface ServerSession extends Storage, Servers {
  /** True when this session started the embedded stack. */
  readonly started: boolean;
}

/**
 * Connects to Postgres and Temporal, works, and closes the connections; the stack stays up. Throws
 * NarrowsErrors of the kind `unreachable`.
 */
export async function withServers<T>(options: StackOptions, work: (session: ServerSession) => Promise<T>): Promise<T> {
  const environment = readEnvironment();
  const { db, temporal, servers, started, close } = await connectToStack(environment, options);
  const server = { address: servers.temporal.address ?? '', namespace: servers.namespace };
  const session = { ...storageOf(db, environment), temporal, started };
  const working = work(session).catch((error: unknown) => {
    throw toTemporalError(error, server);
  });
  return abandonAfterInterrupt(mapUnreachable(db, working), options.signal).finally(close);
}

export interface StorageSession extends Storage {
  /** Returns a client whose requests fail while Temporal is away. */
  readonly connectTemporal: () => Promise<Client>;
}

/** As withServers, with Postgres alone: it starts sooner, and works while Temporal is away. */
export async function withStorage<T>(options: StackOptions, work: (session: StorageSession) => Promise<T>): Promise<T> {
  const environment = readEnvironment();
  const { servers } = await ensureServers(environment, options);
  await using resources = new AsyncDisposableStack();
  const db = await openCurrentDatabase(servers.databaseUrl, { onRequest: currentTracing()?.traceStatement });
  resources.defer(() => db.close());
  let client: Promise<Client> | null = null;
  const connectTemporal = () => {
    client ??= openClient(servers, resources);
    return client;
  };
  const working = mapUnreachable(db, work({ ...storageOf(db, environment), connectTemporal }));
  return await abandonAfterInterrupt(working, options.signal);
}

/** Time that work has to end in order after an interrupt: a query may wait for a lock for ever. */
const GRACE_MS = 3000;

/** Resolves as `work` does; throws the signal's reason where that does not end after an abort. */
async function abandonAfterInterrupt<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const ended = new AbortController();
  const overdue = async (): Promise<never> => {
    if (!signal.aborted) await once(signal, 'abort', { signal: ended.signal });
    await setTimeout(GRACE_MS, undefined, { signal: ended.signal });
    throw signal.reason;
  };
  try {
    return await Promise.race([work, overdue()]);
  } finally {
    ended.abort();
  }
}

async function openClient(servers: ServerAddresses, resources: AsyncDisposableStack): Promise<Client> {
  const connection = await connectTemporalLazily(servers);
  resources.defer(() => connection.close());
  return createClient(connection, servers);
}

const storageOf = (db: Storage['db'], { home }: Environment): Storage => ({
  db,
  blobs: openBlobs(db.sql, home, printNote),
});
