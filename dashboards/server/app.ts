/** The HTTP API as one function from requests to answers; who listens is decided elsewhere, so that a test needs no socket. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { problem, problemOf } from './problem.ts';

export interface ServerParts {
  readonly db: Database;
  readonly temporal: Client;
  readonly blobs: BlobStore;
  readonly version: string;
  /** Told what no person asked for: a fault of the server. */
  readonly log: (error: unknown) => void;
}

export function createApp(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono();
  app.onError((error, context) => problemOf(context, error, parts.log));
  app.notFound((context) => problem(context, 404, { code: 'route-unknown', detail: `there is no ${context.req.path}` }));
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'narrows', version: parts.version } });
  return app;
}
