/** Health of this process: logged where it changes, and served on a port of its own. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { healthRoutes } from '../dashboards/server/routes/health.ts';
import { createHealth, type Health } from '../operations/health.ts';
import type { Logger } from './logger.ts';
import { httpUrl, listen } from './processes/listen.ts';

export interface HealthAddress {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

/** Creates the health of this process; `stopping` aborts at the start of its graceful stop. */
export const openHealth = (stopping: AbortSignal, logger: Logger): Health =>
  createHealth({
    stopping,
    onChange: (check, reason) => {
      if (reason === null) logger.info(`health: ${check} is ok again`);
      else logger.warn(`health: ${check} fails: ${(reason as Error).message}`);
    },
  });

/** More concurrent connections than this are not probes. */
const MOST_CONNECTIONS = 64;

/** Milliseconds for a request, and how often it is checked that none takes longer. */
const REQUEST_TIMES = {
  headersTimeout: 5000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 1000,
} as const;

/**
 * Answers probes at /livez and /readyz, and nothing else. Throws NarrowsError `port-taken`,
 * `port-refused`, `host-invalid`.
 */
export async function serveHealth(
  health: Health,
  { host, port }: HealthAddress,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createAdaptorServer({
    fetch: healthRoutes(health).fetch,
    serverOptions: REQUEST_TIMES,
  }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  const bound = await listen(server, { host, port }, { host: '--health-host', port: '--health-port' });
  // Probes do not keep a process that has ended its work.
  server.unref();
  return {
    url: httpUrl(host, bound),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
