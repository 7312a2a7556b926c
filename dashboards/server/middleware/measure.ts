/** Measures responses. */
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';

export interface MeasuredResponse {
  readonly method: string;
  /** Pattern of the route, such as /api/sweeps/:sweep; `other`: a page, a file, an unknown path. */
  readonly route: string;
  readonly status: number;
  /** From the request's head to the response, whose body may still be streamed. */
  readonly seconds: number;
}

/** Returns the pattern of a request's route: paths that clients make up must not become labels. */
export const routeOf = (context: Context): string =>
  // Middleware is on patterns with a wildcard.
  matchedRoutes(context).findLast(({ path }) => !path.includes('*'))?.path ?? 'other';

/** Calls the function with each response. */
export const measureResponses =
  (onResponse: (response: MeasuredResponse) => void): MiddlewareHandler =>
  async (context, next) => {
    const from = performance.now();
    await next();
    onResponse({
      method: context.req.method,
      route: routeOf(context),
      status: context.res.status,
      seconds: (performance.now() - from) / 1000,
    });
  };
