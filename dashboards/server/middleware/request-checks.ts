/** What a request must be before anybody looks at what it asks for: small, JSON, and not sent by a page of somebody else. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { problemResponse } from '../problem-response.ts';
import type { Access } from './auth.ts';
import { isReadRequest } from './auth.ts';

/** A spec has 200,000 characters at most. */
const MOST_BYTES = 256_000;

/** Where archives come in; their route reads them piece by piece, and bounds them itself. */
const isPush = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'POST' && /^\/api\/datasets\/[^/]+\/shards$/.test(path);

export const limitBodySize = (): MiddlewareHandler => {
  const limit = bodyLimit({
    maxSize: MOST_BYTES,
    onError: (context) =>
      problemResponse(context, 413, { code: 'body-too-large', detail: `a request may have ${MOST_BYTES / 1000} kB at most` }),
  });
  return (context, next) => (isPush(context.req) ? next() : limit(context, next));
};

/** A body is JSON, and parses; none is none. Of a push it is a zip archive. */
export const requireJsonBody = (): MiddlewareHandler => async (context, next) => {
  if (isReadRequest(context.req.method)) return next();
  if (isPush(context.req)) {
    if (/^application\/zip$/i.test(context.req.header('content-type') ?? '')) return next();
    return problemResponse(context, 415, {
      code: 'body-no-zip',
      detail: 'a shard is sent as a zip archive',
      fix: 'send it with "Content-Type: application/zip"',
    });
  }
  const text = await context.req.text();
  if (text === '') return next();
  if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? '')) {
    return problemResponse(context, 415, {
      code: 'body-no-json',
      detail: 'a body is JSON here',
      fix: 'send it with "Content-Type: application/json"',
    });
  }
  try {
    JSON.parse(text);
  } catch {
    // What the parser says quotes the body, which may be a token.
    return problemResponse(context, 400, { code: 'json-broken', detail: 'the body is no JSON' });
  }
  return next();
};

/** Nothing from elsewhere, nothing inline, in no frame. */
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
    // For whoever puts TLS in front to decide.
    strictTransportSecurity: false,
    xXssProtection: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  });

const THIS_MACHINE = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * Where no token is asked for, a page of somebody else must not reach this server under a name of its own that it lets point to 127.0.0.1: the browser would
 * take the two for one.
 */
export const requireHost =
  ({ kind }: Access): MiddlewareHandler =>
  async (context, next) => {
    const host = context.req.header('host') ?? new URL(context.req.url).host;
    if (kind !== 'open' || THIS_MACHINE.test(host)) return next();
    return problemResponse(context, 403, {
      code: 'host-refused',
      detail: 'this server answers under 127.0.0.1, localhost and [::1] only',
      path: 'Host',
      fix: 'open it under 127.0.0.1; "narrows serve --host" serves other names, with tokens',
    });
  };

/** A page of another origin may not change anything, whatever cookie the browser sends along. */
export const requireSameOrigin = (): MiddlewareHandler => async (context, next) => {
  if (isReadRequest(context.req.method)) return next();
  const site = context.req.header('sec-fetch-site');
  const origin = context.req.header('origin');
  const host = context.req.header('host') ?? new URL(context.req.url).host;
  const same = site !== undefined ? site === 'same-origin' : origin === undefined || hostOf(origin) === host;
  if (same) return next();
  return problemResponse(context, 403, {
    code: 'origin-refused',
    detail: 'a page of another site may not ask this of the server',
    path: site === undefined ? 'Origin' : 'Sec-Fetch-Site',
  });
};

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
