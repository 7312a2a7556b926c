/** GET /api/events: changes as server-sent events. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { keySchema } from '../../contract/shared.ts';
import { type Event, eventSchema } from '../../contract/system.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { LIMITS } from '../limits.ts';
import { currentPrincipal, identifyPrincipal } from '../middleware/auth.ts';
import { callerKey, EVENTS_PATH } from '../middleware/caller-limits.ts';
import { createQuota } from '../middleware/quota.ts';
import type { RateLimiter } from '../middleware/rate-limit.ts';
import { readErrors } from '../route-definitions.ts';

/** A client that lags behind by so many messages is disconnected. */
const MAX_PENDING = 64;
const BEAT_MILLISECONDS = 15_000;
/** Delay before a browser reconnects. */
const RETRY_MILLISECONDS = 2000;
/** Maximum delay of a timer. */
const MAX_TIMER_MILLISECONDS = 2 ** 31 - 1;

const eventsRoute = createRoute({
  method: 'get',
  path: EVENTS_PATH,
  summary: 'Stream changes',
  request: { query: z.object({ sweep: keySchema.optional().describe('Id or name: of this sweep only.') }) },
  responses: {
    200: {
      description: 'Server-sent events; the data of each is one Event.',
      content: { 'text/event-stream': { schema: eventSchema } },
    },
    ...readErrors,
  },
});

export function addEventRoutes(app: OpenAPIHono, dependencies: ServerDependencies): void {
  const { limits = LIMITS } = dependencies;
  const quota = createQuota({
    code: 'too-many-streams',
    what: 'event streams',
    perKey: limits.streamsPerCaller,
    total: limits.streams,
    retrySeconds: 30,
  });
  app.openapi(eventsRoute, async (context) => {
    const { sweep } = context.req.valid('query');
    const sweepId = sweep === undefined ? null : (await findSweep(dependencies.db.sql, sweep)).id;
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Prevents buffering by proxies.
      'x-accel-buffering': 'no',
    };
    // A stream without a reader would never end.
    if (context.req.method === 'HEAD') return context.body(null, 200, headers) as never;
    const release = quota(callerKey(context, dependencies));
    return context.body(openStream(dependencies, context, sweepId, release), 200, headers) as never;
  });
}

/**
 * Opens the stream of a client. It ends with client, token or server, or if the client lags;
 * `release` is called then.
 */
function openStream(
  dependencies: ServerDependencies,
  context: Context,
  sweepId: string | null,
  release: () => void,
): ReadableStream<Uint8Array> {
  const { events, beatMilliseconds = BEAT_MILLISECONDS } = dependencies;
  const encoder = new TextEncoder();
  const cleanup = new DisposableStack();
  cleanup.defer(release);
  /** Events before the snapshot; null once it was sent. */
  let early: Event[] | null = [];
  let number = 0;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const end = () => {
      if (cleanup.disposed) return;
      cleanup.dispose();
      try {
        controller.close();
      } catch {
        // Already closed by the client.
      }
    };
    const write = (event: Event) => {
      if (cleanup.disposed) return;
      if ((controller.desiredSize ?? 0) <= 0) return end();
      number += 1;
      controller.enqueue(encoder.encode(`id: ${number}\ndata: ${JSON.stringify(event)}\n\n`));
    };
    const send = (event: Event) => {
      if (sweepId !== null && (event.kind === 'retraining' || (event.kind === 'sweep' && event.sweepId !== sweepId))) return;
      if (early) early.push(event);
      else write(restrictTo(sweepId, event));
    };
    cleanup.defer(events.subscribe({ send, close: end }));
    const beat = async () => ((await isStillAllowed(dependencies, context)) ? write({ kind: 'beat' }) : end());
    const timer = setInterval(() => void beat(), beatMilliseconds);
    cleanup.defer(() => clearInterval(timer));
    const { expiresAt } = currentPrincipal(context);
    if (expiresAt) {
      const left = Math.min(MAX_TIMER_MILLISECONDS, Math.max(0, expiresAt.getTime() - Date.now()));
      const expiry = setTimeout(end, left);
      cleanup.defer(() => clearTimeout(expiry));
    }
    controller.enqueue(encoder.encode(`retry: ${RETRY_MILLISECONDS}\n\n`));
    events.snapshot().then(
      (hello) => {
        write(restrictTo(sweepId, hello));
        for (const event of early ?? []) write(event);
        early = null;
      },
      // The database was lost in between: the client reconnects.
      end,
    );
  };
  return new ReadableStream({ start, cancel: () => cleanup.dispose() }, new CountQueuingStrategy({ highWaterMark: MAX_PENDING }));
}

function restrictTo(sweepId: string | null, event: Event): Event {
  if (event.kind !== 'hello' || sweepId === null) return event;
  return { kind: 'hello', sweeps: event.sweeps.filter((sweep) => sweep.sweepId === sweepId) };
}

/** A token of a stream that was revoked since is no failed attempt to sign in. */
const UNLIMITED: RateLimiter = { retryAfterSeconds: () => 0, recordFailure: () => {} };

/** Whether the token is still valid; also true while the database cannot answer. */
async function isStillAllowed(dependencies: ServerDependencies, context: Context): Promise<boolean> {
  try {
    await identifyPrincipal({ ...dependencies, signInLimiter: UNLIMITED }, context);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && String(error.code).startsWith('token-'));
  }
}
