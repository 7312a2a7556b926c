/** Creates the HTTP API over a database without workers, for the server and the plans. */
import { tmpdir } from 'node:os';
import { Client, Connection } from '@temporalio/client';
import { createApp } from '../../dashboards/server/app.ts';
import { openEventHub } from '../../dashboards/server/event-hub.ts';
import { trustProxies } from '../../dashboards/server/middleware/peer.ts';
import { createRateLimiter } from '../../dashboards/server/middleware/rate-limit.ts';
import { createBlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { createHealth } from '../../operations/health.ts';

export function createReader(db: Database) {
  // Without Temporal, answers omit the number of trials in training.
  const temporal = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  const log = (error: unknown) => console.error(error);
  const events = openEventHub(db, log);
  const app = createApp({
    db,
    temporal,
    blobs: createBlobStore(db.sql, null),
    scratch: tmpdir(),
    version: 'bench',
    log,
    access: { kind: 'open', isOwner: async () => true },
    hosts: [],
    isProxy: trustProxies([]),
    signInLimiter: createRateLimiter(),
    events,
    pages: { folder: async () => process.cwd() },
    health: createHealth({ stopping: new AbortController().signal }),
    temporalServer: { address: '127.0.0.1:1', namespace: 'default', url: null },
  });
  const close = async () => {
    events.close();
    await temporal.connection.close();
    await db.close();
  };
  return { app, close };
}
