/** Errors as responses of RFC 9457, with the code, path and fix that the command line prints. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { databaseTimeoutError, isUnreachable } from '../../db/client.ts';
import { databaseRightError } from '../../db/rights.ts';
import { type ErrorKind, NarrowsError } from '../../errors.ts';
import { describeOutage, isNamespaceMissing } from '../../operations/servers.ts';
import { LocatedSpecError } from '../../search/fault.ts';
import type { Problem } from '../contract/shared.ts';

/** Statuses with their titles, and the codes whose status is not that of their kind of error. */
const STATUSES: readonly (readonly [ContentfulStatusCode, title: string, ...codes: string[]])[] = [
  [400, 'Bad request', 'idempotency-key-missing', 'json-broken', 'body-cut-short'],
  [401, 'Not signed in', 'token-missing', 'token-wrong', 'token-expired'],
  [403, 'Not allowed', 'host-refused', 'origin-refused', 'peer-refused', 'role-too-small'],
  [404, 'Not found'],
  [405, 'Method not allowed', 'method-refused'],
  [408, 'Request timed out', 'body-too-slow'],
  [409, 'Conflict', 'sweep-ended', 'sweep-lost', 'sweep-running', 'action-running', 'nothing-to-retry'],
  [409, 'Conflict', 'schedule-missing', 'champion-ended', 'nothing-to-roll-back'],
  // Of a sweep that cannot be extended.
  [409, 'Conflict', 'sweep-failed', 'dataset-newer'],
  [413, 'Too large', 'archive-too-large', 'body-too-large'],
  [415, 'Unsupported media type', 'body-no-json', 'body-no-zip'],
  [422, 'Invalid'],
  [429, 'Too many requests', 'too-many-attempts', 'too-many-requests', 'too-many-uploads', 'too-many-streams'],
  [500, 'Internal error'],
  [503, 'A server is unreachable'],
  [507, 'No space left', 'disk-full'],
];

const STATUS_BY_KIND: Readonly<Record<ErrorKind, ContentfulStatusCode>> = {
  failure: 500,
  invalid: 422,
  'not-found': 404,
  unreachable: 503,
};

type ProblemDetails = Pick<Problem, 'code' | 'detail'> & Partial<Pick<Problem, 'path' | 'fix' | 'errors'>>;

export function problemResponse(context: Context, status: ContentfulStatusCode, details: ProblemDetails): Response {
  const [, title] = STATUSES.find(([own]) => own === status) ?? [status, 'Error'];
  const body: Problem = { type: 'about:blank', title, status, ...details };
  if (status === 401) context.header('www-authenticate', 'Bearer');
  context.header('cache-control', 'no-store');
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

/** Responds to a request over a connection that is one too many, and closes it. */
export function refuseConnection(): Response {
  const detail = 'too many connections at once';
  const fix = 'use fewer, and try again in 5 s';
  const body: Problem = {
    type: 'about:blank',
    title: 'Too many requests',
    status: 429,
    code: 'too-many-connections',
    detail,
    fix,
  };
  const headers = { 'content-type': 'application/problem+json', 'retry-after': '5', connection: 'close' };
  return new Response(JSON.stringify(body), { status: 429, headers });
}

export const BODY_NO_JSON = { detail: 'the body must be JSON', fix: 'send it with "Content-Type: application/json"' };
const TRY_AGAIN = 'try again in a moment; "narrows status" and "narrows doctor" show more';

/** Responds to an error: user errors in full; others are logged and reported without internals. */
export function errorResponse(context: Context, error: unknown, log: (error: unknown) => void): Response {
  if (error instanceof NarrowsError) {
    const { code, message, path, fix } = error;
    if ('wait' in error) context.header('retry-after', String(error.wait));
    const errors = error instanceof LocatedSpecError ? [...error.faults] : undefined;
    // A spec that names a missing dataset is itself invalid; the URL was found.
    const [ofCode] = STATUSES.find(([, , ...codes]) => codes.includes(code)) ?? [];
    const status = errors ? 422 : (ofCode ?? STATUS_BY_KIND[error.kind]);
    return problemResponse(context, status, { code, detail: message, path, fix, errors });
  }
  if (error instanceof HTTPException && (error.status === 400 || error.status === 415)) {
    const code = error.status === 400 ? 'json-broken' : 'body-no-json';
    return problemResponse(context, error.status, { code, ...BODY_NO_JSON });
  }
  const timeout = databaseTimeoutError('NARROWS_DATABASE_URL', error);
  if (timeout) return problemResponse(context, 503, { code: timeout.code, detail: timeout.message, fix: timeout.fix });
  const right = databaseRightError('NARROWS_DATABASE_URL', error);
  if (right) return problemResponse(context, 403, { code: right.code, detail: right.message, fix: right.fix });
  if (isUnreachable(error))
    return problemResponse(context, 503, { code: 'database-unreachable', detail: 'Postgres does not respond', fix: TRY_AGAIN });
  const outage = describeOutage(error);
  if (outage !== null)
    return problemResponse(context, 503, {
      code: 'temporal-unreachable',
      detail: `Temporal does not respond: ${outage}`,
      fix: TRY_AGAIN,
    });
  if (isNamespaceMissing(error)) {
    const fix = 'start this server with a TEMPORAL_NAMESPACE that exists';
    return problemResponse(context, 503, { code: 'namespace-missing', detail: (error as Error).message, fix });
  }
  const { signal } = context.req.raw;
  // Nobody receives this response.
  if (signal.aborted && error === signal.reason)
    return problemResponse(context, 408, { code: 'request-aborted', detail: 'the client ended the request' });
  log(error);
  return problemResponse(context, 500, { code: 'internal', detail: 'internal error; see the log of the server' });
}
