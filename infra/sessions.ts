/** Connections for the length of one piece of work, such as a command's. */
import { join } from 'node:path';
import { createBlobStore } from '../db/blobs.ts';
import { mapUnreachable, openDatabase } from '../db/client.ts';
import type { Servers, Storage } from '../operations/servers.ts';
import { connectToStack, ensureServers, type StackOptions } from './connect.ts';
import { type Environment, readEnvironment } from './env.ts';

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
  const { db, temporal, started, close } = await connectToStack(environment, options);
  return mapUnreachable(db, work({ ...storageOf(db, environment), temporal, started })).finally(close);
}

/** As withServers, with Postgres alone: it starts sooner, and works while Temporal is away. */
export async function withStorage<T>(options: StackOptions, work: (storage: Storage) => Promise<T>): Promise<T> {
  const environment = readEnvironment();
  const { servers } = await ensureServers(environment, options);
  const db = await openDatabase(servers.databaseUrl);
  return mapUnreachable(db, work(storageOf(db, environment))).finally(db.close);
}

const storageOf = (db: Storage['db'], { home }: Environment): Storage => ({
  db,
  blobs: createBlobStore(db.sql, join(home, 'cache', 'blobs')),
});
