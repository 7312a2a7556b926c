/** The HTTP API as one function from requests to answers; who listens is decided elsewhere, so that a test needs no socket. */
import { randomBytes } from 'node:crypto';
import { OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import type { Context } from 'hono';
import { COMPRESSIBLE_CONTENT_TYPE_REGEX, compress } from 'hono/compress';
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { COLUMNS_TYPE } from '../contract/columns.ts';
import { type PageBundle, serveAssets } from './assets.ts';
import type { EventHub } from './event-hub.ts';
import { type Access, authenticate, isReadRequest } from './middleware/auth.ts';
import { createRateLimiter, type RateLimiter } from './middleware/rate-limit.ts';
import {
  limitBodySize,
  requireHost,
  requireJsonBody,
  requireSameOrigin,
  setSecurityHeaders,
} from './middleware/request-checks.ts';
import { createMutations } from './mutations.ts';
import { openApiDocument } from './openapi.ts';
import { errorResponse, problemResponse } from './problem-response.ts';
import { eventRoutes } from './routes/events.ts';
import { planRoutes } from './routes/plan.ts';
import { pushRoutes } from './routes/push.ts';
import { readRoutes } from './routes/queries.ts';
import { retrainingActionRoutes } from './routes/retraining-actions.ts';
import { sessionRoutes } from './routes/session.ts';
import { actionRoutes } from './routes/sweep-actions.ts';
import { systemRoutes } from './routes/system.ts';

export interface ServerDependencies {
  readonly db: Database;
  readonly temporal: Client;
  readonly blobs: BlobStore;
  /** A folder on a disk with room for what is sent. */
  readonly scratch: string;
  readonly version: string;
  /** The workflow of a sweep in Temporal's own pages; left out where there are none. */
  readonly workflowUrl?: (sweepId: string) => string | null;
  /** Told what no person asked for: a fault of the server. */
  readonly log: (error: unknown) => void;
  readonly access: Access;
  readonly signInLimiter: RateLimiter;
  readonly events: EventHub;
  /** How often a line of events shows that it is alive. */
  readonly beatMilliseconds?: number;
  readonly pages: PageBundle;
  /** Where Temporal is, for whoever asks; `url`: its own pages, where they are. */
  readonly temporalServer: { readonly address: string; readonly namespace: string; readonly url: string | null };
}

export { createRateLimiter };

export function createApp(parts: ServerDependencies): OpenAPIHono {
  const { access, log, version } = parts;
  // Other code may tell the same state in other words: what one process has answered is not taken for what the next would.
  const build = randomBytes(4).toString('hex');
  const app = new OpenAPIHono({
    defaultHook: (result, context) => {
      return result.success ? undefined : refused(context, result.target, result.error.issues);
    },
  });
  app.use(compress({ contentTypeFilter: (type) => type.startsWith(COLUMNS_TYPE) || COMPRESSIBLE_CONTENT_TYPE_REGEX.test(type) }));
  app.use(setSecurityHeaders());
  app.use(limitBodySize(), requireHost(access), requireSameOrigin(), requireJsonBody());
  app.use(async (context, next) => {
    context.set('build' as never, build as never);
    await next();
  });
  app.route('/', sessionRoutes(parts));
  app.use('/api/*', authenticate(parts));
  for (const routes of [readRoutes, planRoutes, pushRoutes, eventRoutes, systemRoutes]) app.route('/', routes(parts));
  const acting = createMutations(parts);
  for (const routes of [actionRoutes, retrainingActionRoutes]) app.route('/', routes(parts, acting));
  app.get('/openapi.json', (context) => context.json(openApiDocument(app, version)));
  const page = serveAssets(parts.pages, log);
  app.notFound((context) => {
    const { path, method } = context.req;
    if (path === '/api' || path.startsWith('/api/') || !isReadRequest(method))
      return problemResponse(context, 404, {
        code: 'route-unknown',
        detail: `there is no ${method} ${path}`,
        fix: 'see /openapi.json',
      });
    return page(context);
  });
  app.onError((error, context) => errorResponse(context, error, log));
  return app;
}

/** What a request asks with does not hold: the first fault is told, the others beside it. */
function refused(context: Context, target: string, issues: readonly z.core.$ZodIssue[]): Response {
  const errors = issues.map((issue) => ({ path: issue.path.join('.') || target, message: issue.message }));
  const [first] = errors;
  return problemResponse(context, 422, {
    code: target === 'json' ? 'request-invalid' : 'parameter-invalid',
    detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
    ...(first && { path: first.path }),
    ...(errors.length > 1 && { errors }),
  });
}
