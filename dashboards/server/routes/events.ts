/** GET /api/events: what changes, as it changes. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { type Event, eventSchema } from '../../contract/system.ts';
import type { ServerDependencies } from '../app.ts';
import { readErrors } from '../documented-responses.ts';
import { identifyPrincipal, type Principal } from '../middleware/auth.ts';

/** A reader that has not taken so many messages is gone, or as good as. */
const MOST_WAITING = 64;
const BEAT_MILLISECONDS = 15_000;
/** What a browser waits before it connects again. */
const RETRY_MILLISECONDS = 2000;
/** The longest that a timer can wait. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

const eventsRoute = createRoute({
  method: 'get',
  path: '/api/events',
  summary: 'What changes, as it changes',
  request: { query: z.object({ sweep: z.string().optional().openapi({ description: 'Id or name: of this sweep only.' }) }) },
  responses: {
    200: {
      description: 'Server-sent events; the data of each is one Event.',
      content: { 'text/event-stream': { schema: eventSchema } },
    },
    ...readErrors,
  },
});

export function eventRoutes(parts: ServerDependencies): OpenAPIHono {
  const app = new OpenAPIHono();
  const beat = parts.beatMilliseconds ?? BEAT_MILLISECONDS;
  app.openapi(eventsRoute, async (context) => {
    const { sweep } = context.req.valid('query');
    const sweepId = sweep === undefined ? null : (await findSweep(parts.db.sql, sweep)).id;
    const stream = lineTo(parts, context, sweepId, beat);
    return context.body(stream, 200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Proxies that would collect the answer first.
      'x-accel-buffering': 'no',
    }) as never;
  });
  return app;
}

/** The messages for one client. It ends when the client does, when it does not keep up, when its token ends and when the server goes. */
function lineTo(parts: ServerDependencies, context: Context, sweepId: string | null, beat: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const cleanup = new DisposableStack();
  let greeted = false;
  let number = 0;
  let early: Event[] = [];
  const open = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const end = () => {
      if (cleanup.disposed) return;
      cleanup.dispose();
      try {
        controller.close();
      } catch {
        // The client has closed it already.
      }
    };
    const write = (event: Event) => {
      if (cleanup.disposed) return;
      if ((controller.desiredSize ?? 0) <= 0) return end();
      number += 1;
      controller.enqueue(encoder.encode(`id: ${number}\ndata: ${JSON.stringify(event)}\n\n`));
    };
    const tell = (event: Event) => {
      if (sweepId !== null && (event.kind === 'retraining' || (event.kind === 'sweep' && event.sweepId !== sweepId))) return;
      if (greeted) write(event.kind === 'hello' ? only(event, sweepId) : event);
      else early.push(event);
    };
    cleanup.defer(parts.events.subscribe({ send: tell, close: end }));
    const timer = setInterval(() => void stillAllowed(parts, context).then((is) => (is ? write({ kind: 'beat' }) : end())), beat);
    cleanup.defer(() => clearInterval(timer));
    const { expiresAt } = context.get('principal') as Principal;
    if (expiresAt) {
      const left = Math.min(LONGEST_TIMER_MILLISECONDS, Math.max(0, expiresAt.getTime() - Date.now()));
      const expiry = setTimeout(end, left);
      cleanup.defer(() => clearTimeout(expiry));
    }
    controller.enqueue(encoder.encode(`retry: ${RETRY_MILLISECONDS}\n\n`));
    parts.events.snapshot().then(
      (hello) => {
        greeted = true;
        write(only(hello, sweepId));
        for (const event of early) write(event);
        early = [];
      },
      // The database went in between: the client comes again.
      end,
    );
  };
  return new ReadableStream(
    { start: open, cancel: () => cleanup.dispose() },
    new CountQueuingStrategy({ highWaterMark: MOST_WAITING }),
  );
}

function only(event: Event, sweepId: string | null): Event {
  if (event.kind !== 'hello' || sweepId === null) return event;
  return { kind: 'hello', sweeps: event.sweeps.filter((sweep) => sweep.sweepId === sweepId) };
}

/** A token may have been revoked since. While the database does not answer, nobody can tell: then it may. */
async function stillAllowed(parts: ServerDependencies, context: Context): Promise<boolean> {
  try {
    await identifyPrincipal(parts, context);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && String(error.code).startsWith('token-'));
  }
}
