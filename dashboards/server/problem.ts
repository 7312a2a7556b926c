/** Errors as answers: RFC 9457, with the code, path and fix that the command line prints. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { EXIT, type ExitCode, NarrowsError } from '../../infra/errors.ts';
import type { Problem } from '../contract/shared.ts';

/** Where an exit code alone does not say it. */
const STATUS_BY_CODE: Readonly<Record<string, ContentfulStatusCode>> = { 'sweep-running': 409 };

const STATUS_BY_EXIT: Readonly<Record<ExitCode, ContentfulStatusCode>> = {
  [EXIT.ok]: 500,
  [EXIT.failure]: 500,
  [EXIT.invalid]: 422,
  [EXIT.notFound]: 404,
  [EXIT.partial]: 500,
  [EXIT.unreachable]: 503,
  [EXIT.interrupted]: 503,
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
};

export type ProblemDetails = Pick<Problem, 'code' | 'detail'> & Partial<Pick<Problem, 'path' | 'fix' | 'errors'>>;

export function problem(context: Context, status: ContentfulStatusCode, details: ProblemDetails): Response {
  const body: Problem = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, ...details };
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

/** A person's mistake is told as it is; anything else is logged, and told without its insides. */
export function problemOf(context: Context, error: unknown, log: (error: unknown) => void): Response {
  if (error instanceof NarrowsError) {
    const status = STATUS_BY_CODE[error.code] ?? STATUS_BY_EXIT[error.exit];
    return problem(context, status, {
      code: error.code,
      detail: error.message,
      ...(error.path !== undefined && { path: error.path }),
      ...(error.fix !== undefined && { fix: error.fix }),
    });
  }
  log(error);
  return problem(context, 500, { code: 'internal', detail: 'something failed on the server; its log tells what' });
}
