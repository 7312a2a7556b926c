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

/** `principal`: the caller, whom keys are scoped to; `route`: method and path; `body`: raw. */
type IdempotentRequest = Omit<KeyedRequestRow, 'bodySha256'> & { readonly body: string };

/** Each request holds a connection of the pool in addition to those it works with. */
const MAX_CONCURRENT = 3;
/** Leaves one for others. */
const MAX_PER_PRINCIPAL = 2;

/**
 * Returns a function that returns the response of the first execution under a key; an error leaves
 * the key free. A request whose server died is executed again: `execute` must resume what the
 * earlier attempt left. Throws NarrowsError `idempotency-key-reused` if the key belongs to another
 * request.
 */
export function createIdempotency({ sql }: Database) {
  const semaphore = createSemaphore({ total: MAX_CONCURRENT, perKey: MAX_PER_PRINCIPAL });
  return ({ body, ...scope }: IdempotentRequest, execute: () => Promise<StoredResponse>): Promise<StoredResponse> => {
    const request: KeyedRequestRow = { ...scope, bodySha256: sha256Of(body) };
    return semaphore(scope.principal, () =>
      withRequestLock(sql, request, async () => {
        const known = await recordRequest(sql, request);
        if (known.route !== request.route || known.bodySha256 !== request.bodySha256) {
          throw new NarrowsError('idempotency-key-reused', `the key "${request.key}" belongs to another request`, {
            path: 'Idempotency-Key',
            fix: 'use a new key for a new request, and the same key only to repeat a request',
          });
        }
        if (known.status !== null) return { status: known.status, answer: known.answer };
        try {
          const response = await execute();
          await saveResponse(sql, request, response);
          return response;
        } catch (error) {
          await deleteRequest(sql, request).catch(() => {});
          throw error;
        }
      }),
    );
  };
}
