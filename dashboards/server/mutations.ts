/** What all routes that change something have in common: done once under a key, within the time that Temporal may take. */
import { z } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Database } from '../../db/client.ts';
import type { Principal } from './middleware/auth.ts';
import { createIdempotency, type StoredResponse } from './middleware/idempotency.ts';

/** What Temporal may take, in milliseconds. */
const TEMPORAL_MILLISECONDS = 5000;

const keySchema = z.string().min(1).max(200).openapi({ description: 'The same request under the same key is done once.' });
export const optionalKey = z.object({ 'idempotency-key': keySchema.optional() });

export interface Mutations {
  /** Answers with what `work` answers; once, where the request has a key. */
  respond(context: Context, work: () => Promise<StoredResponse>): Promise<never>;
  /** Fails where Temporal does not answer in time. */
  withDeadline<T>(work: () => Promise<T>): Promise<T>;
}

export const currentPrincipal = (context: Context): Principal => context.get('principal') as Principal;

export function createMutations({ db, temporal }: { readonly db: Database; readonly temporal: Client }): Mutations {
  const once = createIdempotency(db);
  return {
    async respond(context, work) {
      const key = context.req.header('idempotency-key');
      const asked = {
        principal: currentPrincipal(context).id,
        key: key ?? '',
        route: `${context.req.method} ${context.req.path}`,
        body: await context.req.text(),
      };
      const { status, answer } = await (key === undefined ? work() : once(asked, work));
      context.header('cache-control', 'no-store');
      return context.json(answer as object, status as ContentfulStatusCode) as never;
    },
    withDeadline: (work) => temporal.withDeadline(Date.now() + TEMPORAL_MILLISECONDS, work),
  };
}
