/** Executes requests with an idempotency key once, even if the server dies in between. */
import type { Database } from '../../../db/client.ts';
import {
  deleteRequest,
  type KeyedRequestRow,
  recordRequest,
  saveResponse,
  withRequestLock,
} from '../../../db/queries/api/idempotency-keys.ts';
import { NarrowsError } from '../../../errors.ts';
import { sha256Of } from '../../../platform.ts';
import { createSemaphore } from '../semaphore.ts';

export interface StoredResponse {
  readonly status: number;
  /** Body, encoded as JSON. */
  readonly answer: unknown;
}

export interface IdempotentRequest {
  /** Caller; idempotency keys are scoped to it. */
  readonly principal: string;
  readonly key: string;
  /** Method and path. */
  readonly route: string;
  /** Raw body. */
  readonly body: string;
}

/** Each request holds a connection of the pool in addition to those it works with. */
const MAX_CONCURRENT = 3;

/**
 * Returns the response of the first execution under this key; an error leaves the key free.
 * A request whose server died is executed again: `execute` must resume what the earlier attempt
 * left. Throws NarrowsError `idempotency-key-reused` if the key belongs to another request.
 */
export type RunOnce = (request: IdempotentRequest, execute: () => Promise<StoredResponse>) => Promise<StoredResponse>;

export function createIdempotency(db: Database): RunOnce {
  const semaphore = createSemaphore(MAX_CONCURRENT);
  return async ({ principal, key, route, body }, execute) => {
    const request: KeyedRequestRow = { principal, key, route, bodySha256: sha256Of(body) };
    return semaphore(() =>
      withRequestLock(db.sql, request, async () => {
        const known = await recordRequest(db.sql, request);
        if (known.route !== request.route || known.bodySha256 !== request.bodySha256) throw keyReusedError(key);
        if (known.status !== null) return { status: known.status, answer: known.answer };
        try {
          const response = await execute();
          await saveResponse(db.sql, request, response);
          return response;
        } catch (error) {
          await deleteRequest(db.sql, request).catch(() => {});
          throw error;
        }
      }),
    );
  };
}

function keyReusedError(key: string): NarrowsError {
  return new NarrowsError('idempotency-key-reused', `the key "${key}" belongs to another request`, {
    path: 'Idempotency-Key',
    fix: 'use a new key for a new request, and the same key only to repeat a request',
  });
}
