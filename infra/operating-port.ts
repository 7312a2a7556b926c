/** Ports apart from the API's, for what operates a process: probes and metrics. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { type AddressFlags, httpUrl, listen } from './processes/listen.ts';

export interface OperatingAddress {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

/** More concurrent connections than this are not probes or scrapes. */
const MOST_CONNECTIONS = 64;

/** Milliseconds for a request, and how often it is checked that none takes longer. */
const REQUEST_TIMES = {
  headersTimeout: 5000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 1000,
} as const;

/**
 * Answers requests on a port that does not keep the process alive. Throws NarrowsError
 * `port-taken`, `port-refused`, `host-invalid`.
 */
export async function serveOperatingPort(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: OperatingAddress,
  flags: AddressFlags,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createAdaptorServer({ fetch, serverOptions: REQUEST_TIMES }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  const bound = await listen(server, { host, port }, flags);
  server.unref();
  return {
    url: httpUrl(host, bound),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
