/** Connections that operations work on; callers open and close them. */
import type { Client } from '@temporalio/client';
import type { BlobStore } from '../db/blobs.ts';
import type { Database } from '../db/client.ts';

export interface Storage {
  readonly db: Database;
  readonly blobs: BlobStore;
}

export interface Servers {
  readonly db: Database;
  readonly temporal: Client;
}

/** Whether an error has this name; asking by name does not load the client's library. */
export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
