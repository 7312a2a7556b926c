/** The HTTP API as one function from requests to answers; who listens is decided elsewhere, so that a test needs no socket. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { problem, problemOf } from './problem.ts';
import { readRoutes } from './routes/reads.ts';

export interface ServerParts {
  readonly db: Database;
  readonly temporal: Client;
  readonly blobs: BlobStore;
  readonly version: string;
  /** The workflow of a sweep in Temporal's own pages; left out where there are none. */
  readonly workflowUrl?: (sweepId: string) => string | null;
  /** Told what no person asked for: a fault of the server. */
  readonly log: (error: unknown) => void;
}

export function createApp(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono();
  app.onError((error, context) => problemOf(context, error, parts.log));
  app.notFound((context) => problem(context, 404, { code: 'route-unknown', detail: `there is no ${context.req.path}` }));
  app.route('/', readRoutes(parts));
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'narrows', version: parts.version } });
  return app;
}
