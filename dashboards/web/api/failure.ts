/** What a request can come to besides an answer. */
import type { Problem } from '../../contract/shared.ts';

/** `status` 0: the server did not answer. */
export class Failure extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  /** Seconds after which the server wants to be asked again (429, 503); null where it did not say. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Problem | null, message: string, retryAfter: number | null = null) {
    super(message);
    this.name = 'Failure';
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** The answer of a fetch, if it is one. Throws Failure, and the AbortError of a request that is given up. */
export async function requireSuccess(asked: Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Failure(0, null, 'the server does not answer');
  }
  if (response.ok) return response;
  const told = response.headers.get('content-type')?.startsWith('application/problem+json');
  const problem = told ? ((await response.json()) as Problem) : null;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  const message = problem?.detail ?? `the server answered ${response.status}`;
  throw new Failure(response.status, problem, message, Number.isFinite(wait) ? wait : null);
}
