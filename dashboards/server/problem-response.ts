/** Errors as responses of RFC 9457, with the code, path and fix that the command line prints. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isUnreachable } from '../../db/client.ts';
import { type ErrorKind, NarrowsError } from '../../errors.ts';
import { describeOutage, isNamed } from '../../operations/servers.ts';
import { LocatedSpecError } from '../../search/fault.ts';
import type { Problem } from '../contract/shared.ts';

/** Statuses that differ from that of the kind of error. */
const STATUS_BY_CODE: Readonly<Record<string, ContentfulStatusCode>> = {
  'token-missing': 401,
  'token-wrong': 401,
  'token-expired': 401,
  'role-too-small': 403,
  'too-many-attempts': 429,
  'idempotency-key-missing': 400,
  'sweep-ended': 409,
  'sweep-lost': 409,
  'sweep-running': 409,
  'action-running': 409,
  'nothing-to-retry': 409,
  'archive-too-large': 413,
  'body-too-large': 413,
  'body-no-json': 415,
  'body-no-zip': 415,
  'host-refused': 403,
  'json-broken': 400,
  'origin-refused': 403,
  'disk-full': 507,
  'schedule-missing': 409,
  'champion-ended': 409,
  'nothing-to-roll-back': 409,
};

const STATUS_BY_KIND: Readonly<Record<ErrorKind, ContentfulStatusCode>> = {
  failure: 500,
  invalid: 422,
  'not-found': 404,
  unreachable: 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'A server is unreachable',
  507: 'No space left',
};

type ProblemDetails = Pick<Problem, 'code' | 'detail'> & Partial<Pick<Problem, 'path' | 'fix' | 'errors'>>;

export function problemResponse(context: Context, status: ContentfulStatusCode, details: ProblemDetails): Response {
  const body: Problem = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, ...details };
  if (status === 401) context.header('www-authenticate', 'Bearer');
  context.header('cache-control', 'no-store');
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
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
    const status = errors ? 422 : (STATUS_BY_CODE[code] ?? STATUS_BY_KIND[error.kind]);
    return problemResponse(context, status, { code, detail: message, path, fix, errors });
  }
  if (error instanceof HTTPException && (error.status === 400 || error.status === 415)) {
    const code = error.status === 400 ? 'json-broken' : 'body-no-json';
    return problemResponse(context, error.status, { code, ...BODY_NO_JSON });
  }
  if (isUnreachable(error))
    return problemResponse(context, 503, { code: 'database-unreachable', detail: 'Postgres does not respond', fix: TRY_AGAIN });
  if (describeOutage(error) !== null)
    return problemResponse(context, 503, { code: 'temporal-unreachable', detail: 'Temporal does not respond', fix: TRY_AGAIN });
  if (isNamed(error, 'NamespaceNotFoundError')) {
    const fix = 'start this server with a TEMPORAL_NAMESPACE that exists';
    return problemResponse(context, 503, { code: 'namespace-missing', detail: (error as Error).message, fix });
  }
  log(error);
  return problemResponse(context, 500, { code: 'internal', detail: 'internal error; see the log of the server' });
}
