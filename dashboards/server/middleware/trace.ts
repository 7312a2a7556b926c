/** Traces requests. */
import type { MiddlewareHandler } from 'hono';
import { routeOf } from './measure.ts';

export interface TracedRequest {
  readonly method: string;
  /** As the caller sent it (W3C Trace Context). */
  readonly traceparent: string | undefined;
}

/** Works on a request within a span; `respond` returns what it was. */
export type RequestTracer = (
  request: TracedRequest,
  respond: () => Promise<{ readonly route: string; readonly status: number }>,
) => Promise<void>;

export const traceResponses =
  (trace: RequestTracer): MiddlewareHandler =>
  (context, next) =>
    trace({ method: context.req.method, traceparent: context.req.header('traceparent') }, async () => {
      await next();
      return { route: routeOf(context), status: context.res.status };
    });
