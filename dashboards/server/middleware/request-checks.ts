/** Checks that every request passes before its route: size, JSON and origin. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { NarrowsError } from '../../../errors.ts';
import { BODY_NO_JSON } from '../problem-response.ts';
import { isReadRequest } from './auth.ts';

/** Enough for a spec, which has 200,000 characters at most. */
const MAX_BYTES = 256_000;

/** Uploads of archives, which their route streams and limits itself. */
const isPush = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'POST' && /^\/api\/datasets\/[^/]+\/shards$/.test(path);

export const limitBodySize = (): MiddlewareHandler => {
  const onError = () => {
    throw new NarrowsError('body-too-large', `the body of a request is limited to ${MAX_BYTES / 1000} kB`);
  };
  const limit = bodyLimit({ maxSize: MAX_BYTES, onError });
  return (context, next) => (isPush(context.req) ? next() : limit(context, next));
};

/** Requires a body to be valid JSON, that of an upload a zip archive. An empty body passes. */
export const requireJsonBody = (): MiddlewareHandler => async (context, next) => {
  if (isReadRequest(context.req.method)) return next();
  if (isPush(context.req)) {
    if (/^application\/zip$/i.test(context.req.header('content-type') ?? '')) return next();
    const fix = 'send it with "Content-Type: application/zip"';
    throw new NarrowsError('body-no-zip', 'a shard must be a zip archive', { fix });
  }
  const text = await context.req.text();
  if (text === '') return next();
  if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? ''))
    throw new NarrowsError('body-no-json', BODY_NO_JSON.detail, { fix: BODY_NO_JSON.fix });
  try {
    JSON.parse(text);
  } catch {
    // The parser's message quotes the body, which may hold a token.
    throw new NarrowsError('json-broken', 'the body is not valid JSON');
  }
  return next();
};

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
