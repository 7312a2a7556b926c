/** Headers of every response, and the origin of mutations. */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { NarrowsError } from '../../../errors.ts';
import { isReadRequest } from './auth.ts';

/** No third-party or inline content, no framing. */
export const setSecurityHeaders = (): MiddlewareHandler =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      objectSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
    },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
    // Left to the proxy that terminates TLS.
    strictTransportSecurity: false,
    xXssProtection: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  });

/** Rejects methods that a Request cannot have: reading it would fail. */
export const requireMethod = (): MiddlewareHandler => async (context, next) => {
  const { method } = context.req;
  if (!FORBIDDEN_METHODS.has(method.toUpperCase())) return next();
  throw new NarrowsError('method-refused', `the method ${method} is not allowed`);
};

const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** Rejects mutations from other origins, whose requests may carry the session cookie. */
export const requireSameOrigin = (): MiddlewareHandler => async (context, next) => {
  if (isReadRequest(context.req.method)) return next();
  const site = context.req.header('sec-fetch-site');
  const origin = context.req.header('origin');
  const host = context.req.header('host') ?? new URL(context.req.url).host;
  const same = site !== undefined ? site === 'same-origin' : origin === undefined || URL.parse(origin)?.host === host;
  if (same) return next();
  const path = site === undefined ? 'Origin' : 'Sec-Fetch-Site';
  throw new NarrowsError('origin-refused', 'requests from other sites are not allowed', { path });
};
