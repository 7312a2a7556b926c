/** Requests with a key are done once, however often they come: at once, after a lost answer, after the death of the server that began them. */

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
  /** As JSON. */
  readonly answer: unknown;
}

export interface IdempotentRequest {
  /** Who asks: keys of others are others. */
  readonly principal: string;
  readonly key: string;
  /** Method and path. */
  readonly route: string;
  /** As it was sent. */
  readonly body: string;
}

/** Each holds a connection of the pool, beside those that it works with. */
const MOST_AT_ONCE = 3;

/**
 * Answers with what `work` answered the first time that this was asked. What throws leaves the key free. Where the server died on the way, the same request
 * is done again: `work` must find what the earlier attempt has left. Throws NarrowsError `idempotency-key-reused` where the key came with another request before.
 */
export type RunOnce = (asked: IdempotentRequest, work: () => Promise<StoredResponse>) => Promise<StoredResponse>;

export function createIdempotency(db: Database): RunOnce {
  const slots = createSemaphore(MOST_AT_ONCE);
  return async ({ principal, key, route, body }, work) => {
    const request: KeyedRequestRow = { principal, key, route, bodySha256: sha256Of(body) };
    return slots(() =>
      withRequestLock(db.sql, request, async () => {
        const before = await recordRequest(db.sql, request);
        if (before.route !== request.route || before.bodySha256 !== request.bodySha256) throw keyReusedError(key);
        if (before.status !== null) return { status: before.status, answer: before.answer };
        try {
          const done = await work();
          await saveResponse(db.sql, request, done);
          return done;
        } catch (error) {
          await deleteRequest(db.sql, request).catch(() => {});
          throw error;
        }
      }),
    );
  };
}

function keyReusedError(key: string): NarrowsError {
  return new NarrowsError('idempotency-key-reused', `the key "${key}" came with another request before`, {
    path: 'Idempotency-Key',
    fix: 'take a new key for a new request; the same key only to send the same request again',
  });
}
