/** Traces requests of the HTTP API. */
import type { RequestTracer } from '../../dashboards/server/middleware/trace.ts';
import type { Tracing } from './tracing.ts';

/** Returns the function that answers each request within a span, of the caller's trace if any. */
export const traceRequests =
  (tracing: Tracing): RequestTracer =>
  ({ method, traceparent }, respond) =>
    tracing.trace(
      { name: method, kind: 'server', attributes: { 'http.request.method': method } },
      async (span) => {
        const { route, status } = await respond();
        span.describe(`${method} ${route}`, { 'http.route': route, 'http.response.status_code': status });
        if (status >= 500) span.fail();
      },
      traceparent === undefined ? null : { traceparent },
    );
