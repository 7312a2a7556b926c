/**
 * The way from a command to the servers: the person's own, or the embedded stack, started where it
 * is not up.
 */
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { type BlobStore, createBlobStore } from '../db/blobs.ts';
import { type Database, mapUnreachable, openDatabase } from '../db/client.ts';
import { connectToStack, ensureServers, type StackOptions } from '../infra/connect.ts';
import { type Environment, readEnvironment } from '../infra/env.ts';
import type { CliContext } from './context.ts';

/** What a command needs that asks the database alone. */
export interface CommandDatabase {
  readonly db: Database;
  readonly blobs: BlobStore;
}

export interface CommandServers extends CommandDatabase {
  readonly temporal: Client;
  /** True when this call started the embedded stack. */
  readonly started: boolean;
}

/**
 * Connects to both servers, works, and closes the connections; the stack stays up. Throws
 * NarrowsErrors with exit 5.
 */
export async function withServers<T>(context: CliContext, work: (servers: CommandServers) => Promise<T>): Promise<T> {
  const environment = readEnvironment();
  const { db, temporal, started, close } = await connectToStack(environment, startingFor(context));
  return closing(close, mapUnreachable(db, work({ db, temporal, started, blobs: blobsOf(db, environment) })));
}

/**
 * As withServers, for what has nothing to do with Temporal: it begins sooner, and also where
 * Temporal is away.
 */
export async function withDatabase<T>(context: CliContext, work: (database: CommandDatabase) => Promise<T>): Promise<T> {
  const environment = readEnvironment();
  const { servers } = await ensureServers(environment, startingFor(context));
  const db = await openDatabase(servers.databaseUrl);
  return closing(db.close, mapUnreachable(db, work({ db, blobs: blobsOf(db, environment) })));
}

function startingFor(context: CliContext): StackOptions {
  return { note: (text) => context.note(text), signal: context.signal };
}

function blobsOf(db: Database, { home }: Environment): BlobStore {
  return createBlobStore(db.sql, join(home, 'cache', 'blobs'));
}

async function closing<T>(close: () => Promise<void>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    await close();
  }
}
