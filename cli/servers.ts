/** The way from a command to the servers: the person's own, or the embedded stack, started where it is not up. */
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { type BlobStore, createBlobStore } from '../db/blobs.ts';
import { type Database, reaching } from '../db/client.ts';
import { withStack } from '../infra/connect.ts';
import { readEnvironment } from '../infra/env.ts';
import type { CliContext } from './context.ts';

export interface CommandServers {
  readonly db: Database;
  readonly temporal: Client;
  readonly blobs: BlobStore;
  /** True when this call started the embedded stack. */
  readonly started: boolean;
}

/** Connects, works, and closes the connections; the stack stays up. Throws NarrowsErrors with exit 5. */
export async function withServers<T>(context: CliContext, work: (servers: CommandServers) => Promise<T>): Promise<T> {
  const environment = readEnvironment();
  const connections = await withStack(environment, { note: (text) => context.note(text), signal: context.signal });
  try {
    const { db, temporal, started } = connections;
    const blobs = createBlobStore(db.sql, join(environment.home, 'cache', 'blobs'));
    return await reaching(db, work({ db, temporal, started, blobs }));
  } finally {
    await connections.close();
  }
}
