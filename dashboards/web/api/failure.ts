/** Failed requests. */
import type { Problem } from '../../contract/shared.ts';

/** `status` is 0 if the server did not respond. */
export class Failure extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  /** Seconds after which the server accepts a retry (429, 503); null if unknown. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Problem | null, message: string, retryAfter: number | null = null) {
    super(message);
    this.name = 'Failure';
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** Wraps any error. */
  static from(error: unknown): Failure {
    return error instanceof Failure ? error : new Failure(0, null, (error as Error).message);
  }
}

/** Awaits a fetch. Throws Failure unless it succeeds, and the AbortError of an aborted request. */
export async function requireSuccess(fetched: Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await fetched;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Failure(0, null, 'the server does not respond');
  }
  if (response.ok) return response;
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  const problem = isProblem ? ((await response.json()) as Problem) : null;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  const message = problem?.detail ?? `the server responded with ${response.status}`;
  throw new Failure(response.status, problem, message, Number.isFinite(wait) ? wait : null);
}
