/** The HTTP API on loopback, for bench/queries.ts: prints its port, and serves until its standard input ends. */
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { createApp, createAttempts } from '../../dashboards/server/app.ts';
import { openEvents } from '../../dashboards/server/events.ts';
import { createBlobStore } from '../../db/blobs.ts';
import { openDatabase } from '../../db/client.ts';

const [url = '', connections = '8'] = process.argv.slice(2);
const db = await openDatabase(url, { max: Number(connections) });
// Nothing that is read here asks Temporal: no sweep runs, and where one does, its count of trials in training is left out.
const temporal = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
const log = (error: unknown) => console.error(error);
const app = createApp({
  db,
  temporal,
  blobs: createBlobStore(db.sql, null),
  scratch: tmpdir(),
  version: 'bench',
  log,
  access: { kind: 'open' },
  attempts: createAttempts(),
  events: openEvents(db, log),
  pages: { folder: async () => process.cwd() },
  temporalServer: { address: '127.0.0.1:1', namespace: 'default', url: null },
});
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (at: AddressInfo) => console.log(at.port));
process.stdin.on('end', () => {
  server.close();
  process.exit(0);
});
process.stdin.resume();
