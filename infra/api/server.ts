/** HTTP server of the dashboards. */
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Client } from '@temporalio/client';
import { createApp } from '../../dashboards/server/app.ts';
import type { PageBundle } from '../../dashboards/server/assets.ts';
import type { ServerDependencies } from '../../dashboards/server/dependencies.ts';
import { openEventHub } from '../../dashboards/server/event-hub.ts';
import { createRateLimiter } from '../../dashboards/server/middleware/rate-limit.ts';
import { refuseConnection } from '../../dashboards/server/problem-response.ts';
import { connectTo, type Database, readPool } from '../../db/client.ts';
import { redactAddress } from '../../db/connection-url.ts';
import { NarrowsError } from '../../errors.ts';
import { databaseChecks } from '../../operations/health.ts';
import { createInstallationReader } from '../../operations/installation.ts';
import { hasValidToken } from '../../operations/tokens.ts';
import { openBlobs, requireOwnBlobs } from '../blob-store.ts';
import { readCodeVersion } from '../code-version.ts';
import { connectTemporalLazily } from '../connect.ts';
import { openHealth } from '../health.ts';
import { resolveHome } from '../home.ts';
import { createLogger, type Logger } from '../logger.ts';
import { exposeInstallation } from '../metrics/installation.ts';
import { serverMeasures } from '../metrics/measures.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { exposeHealth, exposePool } from '../metrics/process.ts';
import { httpUrl, type ListenOptions, listen } from '../processes/listen.ts';
import type { ServerAddresses } from '../servers.ts';
import { settlePeriodically } from '../settling.ts';
import { traceRequests } from '../tracing/requests.ts';
import { traceStarts } from '../tracing/temporal.ts';
import { currentTracing } from '../tracing/tracing.ts';
import { type AccessOptions, chooseAccess } from './access.ts';
import { CONNECTION_TIMES, type ConnectionLimits, limitConnections, limitOthers } from './connections.ts';

export const DEFAULT_PORT = 8622;

export interface ServeOptions extends AccessOptions, ListenOptions {
  readonly servers: ServerAddresses;
  /** Whether sessions keep prepared statements; by default they do, unless the URL denies it. */
  readonly prepare?: boolean;
  /** URL of Temporal's own web UI, if known. */
  readonly temporalUrl: string | null;
  /** Home folder, whose cache holds blobs. */
  readonly home: string;
  /** Replaces those of CONNECTION_LIMITS. */
  readonly connectionLimits?: ConnectionLimits;
  readonly pages: PageBundle;
  /** Asks the processes of the embedded stack; absent without one. */
  readonly askProcesses?: ServerDependencies['askProcesses'];
  /** Receives unexpected errors. */
  readonly log: (error: unknown) => void;
  /** Receives changes of its health; default: text on stderr. */
  readonly logger?: Logger;
  /** Time for which a stopping server goes on serving, and is not ready; by default none. */
  readonly drainMs?: number;
  /** Receives what the server does; absent: nothing is measured. */
  readonly metrics?: Metrics;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /**
   * Is not ready from now on, serves for the time of draining, then ends event streams, completes
   * pending responses, and resolves within two seconds.
   */
  close(): Promise<void>;
}

/** Size of the connection pool; further requests wait. */
const CONNECTIONS = 10;
/** Time for pending responses when the server stops. */
const GRACE_MILLISECONDS = 1200;

/**
 * Starts to listen. Neither Postgres nor Temporal has to be reachable, except where tokens are
 * required. Throws NarrowsError `port-taken`, `port-refused`, `host-invalid`, `tokens-needed`,
 * `database-unreachable`, and those of chooseAccess and requireOwnBlobs.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { servers, prepare, home, host, log, pages, metrics, drainMs = 0, logger = createLogger('api', 'text') } = options;
  await using resources = new AsyncDisposableStack();
  const { databaseUrl, directDatabaseUrl } = servers;
  const measures = metrics && serverMeasures(metrics);
  const tracing = currentTracing();
  const onRequest = tracing?.traceStatement;
  const sql = connectTo(databaseUrl, CONNECTIONS, { failFast: true, prepare, onResult: measures?.onResult, onRequest });
  const db: Database = { sql, address: redactAddress(databaseUrl), close: () => sql.end({ timeout: 1 }) };
  resources.defer(() => db.close());
  const { access, hosts, isProxy } = chooseAccess(options);
  if (access.kind === 'tokens' && !(await hasValidToken(db))) throw tokensNeededError(host);

  const connection = await connectTemporalLazily(servers);
  resources.defer(() => connection.close());
  const events = openEventHub(
    db,
    log,
    directDatabaseUrl === undefined ? sql : connectTo(directDatabaseUrl, 1, { failFast: true }),
  );
  resources.defer(() => events.close());
  const temporal = new Client({ connection, namespace: servers.namespace, interceptors: traceStarts(tracing) });
  resources.defer(settlePeriodically({ db, temporal }));
  const stopping = new AbortController();
  const health = openHealth(stopping.signal, logger);
  health.begin({ live: {}, ready: databaseChecks(db) });
  if (metrics) {
    exposeHealth(metrics, health);
    exposePool(metrics, () => readPool(sql));
    exposeInstallation(metrics, createInstallationReader({ db, temporal }));
  }
  const blobs = openBlobs(sql, home, logger.warn);
  await requireOwnBlobs(blobs, logger.warn);
  const app = createApp({
    db,
    health,
    ...(measures && { onResponse: measures.onResponse, onBoxEnd: measures.onBoxEnd }),
    ...(tracing && { traceRequest: traceRequests(tracing) }),
    temporal,
    blobs,
    scratch: join(resolveHome(home).cache, 'pushed'),
    version: readCodeVersion(),
    log,
    access,
    hosts,
    isProxy,
    signInLimiter: createRateLimiter(),
    events,
    pages,
    ...(options.askProcesses && { askProcesses: options.askProcesses }),
    workflowUrl: (workflowId) => buildWorkflowUrl(options, workflowId),
    temporalServer: { address: servers.temporal.address ?? '', namespace: servers.namespace, url: options.temporalUrl },
  });
  const server = createAdaptorServer({
    fetch: (request, env) => (isRefused((env as HttpBindings).incoming.socket) ? refuseConnection() : app.fetch(request, env)),
    serverOptions: CONNECTION_TIMES,
  }) as Server;
  const isRefused = limitConnections(server, isProxy, options.connectionLimits);
  if (access.kind === 'open') limitOthers(server, access.isOwner);
  const port = await listen(server, options, { host: '--host', port: '--port' });
  const owned = resources.move();
  return {
    url: httpUrl(host, port),
    port,
    async close() {
      stopping.abort();
      if (drainMs > 0) await pause(drainMs);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      events.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
      await closed;
      clearTimeout(timer);
      await owned.disposeAsync();
    },
  };
}

/** Returns the URL of a workflow in Temporal's web UI. */
function buildWorkflowUrl({ temporalUrl, servers }: ServeOptions, workflowId: string): string | null {
  if (temporalUrl === null) return null;
  const words = ['namespaces', servers.namespace, 'workflows', workflowId];
  return `${temporalUrl}/${words.map(encodeURIComponent).join('/')}`;
}

function tokensNeededError(host: string): NarrowsError {
  return new NarrowsError('tokens-needed', `${host} can be reached from other machines, and no token exists`, {
    path: '--host',
    fix: 'create one with "narrows token create --name NAME --role read", or hand one over with --admin-token-file, or name the header of a trusted proxy with --proxy-header',
  });
}
