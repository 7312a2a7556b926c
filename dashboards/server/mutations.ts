/** Shared by all routes that change something: idempotency keys, and a deadline for Temporal. */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { findNameFault } from '../../search/names.ts';
import type { ServerDependencies } from './dependencies.ts';
import { currentPrincipal } from './middleware/auth.ts';
import { createIdempotency, type StoredResponse } from './middleware/idempotency.ts';

const MAX_KEY_LENGTH = 200;

/** Deadline of calls to Temporal. */
const TEMPORAL_MILLISECONDS = 5000;

export const optionalKey = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(MAX_KEY_LENGTH)
    .refine((key) => findNameFault(key, MAX_KEY_LENGTH) === null, 'must be printable characters')
    .describe('Requests with the same key are executed once.')
    .optional(),
});

export interface Mutations {
  /** Responds with the result of `execute`, which runs once per idempotency key. */
  respond(context: Context, execute: () => Promise<StoredResponse>): Promise<never>;
  /** Rejects if Temporal does not respond in time. */
  withDeadline<T>(call: () => Promise<T>): Promise<T>;
}

export function createMutations({ db, temporal }: ServerDependencies): Mutations {
  const runOnce = createIdempotency(db);
  return {
    async respond(context, execute) {
      const key = context.req.header('idempotency-key');
      const request = {
        principal: currentPrincipal(context).id,
        key: key ?? '',
        route: `${context.req.method} ${context.req.path}`,
        body: await context.req.text(),
      };
      const { status, answer } = await (key === undefined ? execute() : runOnce(request, execute));
      return context.json(answer as object, status as ContentfulStatusCode, { 'cache-control': 'no-store' }) as never;
    },
    withDeadline: (call) => temporal.withDeadline(Date.now() + TEMPORAL_MILLISECONDS, call),
  };
}
