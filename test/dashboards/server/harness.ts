/** The HTTP API with a database of its own, called without a socket. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { Client } from '@temporalio/client';
import { createApp } from '../../../dashboards/server/app.ts';
import type { ServerDependencies } from '../../../dashboards/server/dependencies.ts';
import { type EventHub, openEventHub } from '../../../dashboards/server/event-hub.ts';
import type { Access } from '../../../dashboards/server/middleware/auth.ts';
import { trustProxies } from '../../../dashboards/server/middleware/peer.ts';
import { createRateLimiter } from '../../../dashboards/server/middleware/rate-limit.ts';
import { createBlobCache } from '../../../db/blob-cache.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import { connectTo, type Database } from '../../../db/client.ts';
import { connectTemporalLazily } from '../../../infra/connect.ts';
import { freePort } from '../../../infra/processes/ports.ts';
import { createHealth, databaseChecks } from '../../../operations/health.ts';
import { closedDatabase, urlFor } from '../../db/database.ts';

export interface ApiHarness extends AsyncDisposable {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly dependencies: ServerDependencies;
  readonly events: EventHub;
  /** Errors that the server logged. */
  readonly logged: unknown[];
  /** Creates another server on the same database. */
  app(changes?: Partial<ServerDependencies>): OpenAPIHono;
}

export const OPEN: Access = { kind: 'open', isOwner: async () => true };

/** `temporal`: address of a server; without it Temporal is unreachable. */
export async function startApiHarness(temporal?: string): Promise<ApiHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-api-'));
  const database = await closedDatabase();
  const sql = connectTo(database.url, 10, { failFast: true });
  const db: Database = { sql, address: 'the test', close: () => sql.end({ timeout: 1 }) };
  const address = temporal ?? `127.0.0.1:${await freePort()}`;
  const connection = await connectTemporalLazily({ temporal: { address } });
  const logged: unknown[] = [];
  const log = (error: unknown) => void logged.push(error);
  // The server has the rights of its role, tests those of the owner.
  const own = connectTo(urlFor(database.url, 'api'), 10, { failFast: true });
  const served: Database = { ...db, sql: own };
  const events = openEventHub(served, log);
  const health = createHealth({ stopping: new AbortController().signal });
  health.begin({ live: {}, ready: databaseChecks(served) });
  const parts: ServerDependencies = {
    db: served,
    temporal: new Client({ connection }),
    blobs: createBlobStore(own, createBlobCache({ directory: join(folder, 'blobs'), mostBytes: 2 ** 30 })),
    scratch: join(folder, 'pushed'),
    version: '0.0.0+test',
    log,
    access: OPEN,
    hosts: [],
    isProxy: trustProxies([]),
    signInLimiter: createRateLimiter(),
    events,
    pages: { folder: async () => writePages(join(folder, 'pages')) },
    health,
    temporalServer: { address, namespace: 'default', url: null },
  };
  return {
    db,
    databaseUrl: database.url,
    dependencies: parts,
    events,
    logged,
    app: (changes = {}) => fromLoopback(createApp({ ...parts, signInLimiter: createRateLimiter(), ...changes })),
    async [Symbol.asyncDispose]() {
      events.close();
      await connection.close();
      await own.end({ timeout: 1 });
      await db.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the bindings of a request over a connection from this address. */
export const fromAddress = (remoteAddress: string) => ({
  incoming: { socket: { remoteAddress, remotePort: 1, remoteFamily: remoteAddress.includes('.') ? 'IPv4' : 'IPv6' } },
});

/** Makes requests come from this machine where a test names no other address. */
function fromLoopback(app: OpenAPIHono): OpenAPIHono {
  const { request } = app;
  return Object.assign(app, {
    request: (...[input, init, env = fromAddress('127.0.0.1')]: Parameters<typeof request>) => request(input, init, env),
  });
}

/** Writes minimal pages, and a file outside their folder that must not be served. */
function writePages(folder: string): string {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>narrows</title>');
  writeFileSync(join(folder, 'assets/index-abc.js'), 'export {};');
  writeFileSync(join(folder, '../secret.txt'), 'secret');
  return folder;
}

/** A request of a script on this machine. */
export const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export interface ReportedProblem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly path?: string;
  readonly fix?: string;
  readonly errors?: readonly { path: string; line?: number; column?: number; message: string; fix?: string }[];
}

/** Reads the problem of a response; throws if it is none. */
export async function readProblem(response: Response): Promise<ReportedProblem> {
  const type = response.headers.get('content-type');
  if (type !== 'application/problem+json') throw new Error(`${response.status} ${type}: ${await response.text()}`);
  return (await response.json()) as ReportedProblem;
}
