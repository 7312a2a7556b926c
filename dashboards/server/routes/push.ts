/** POST /api/datasets/{name}/shards: appends uploaded rows to a dataset. */
import { setTimeout as wait } from 'node:timers/promises';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { NarrowsError } from '../../../errors.ts';
import { pushShard } from '../../../operations/push.ts';
import { appendedShardSchema } from '../../contract/datasets.ts';
import { keySchema } from '../../contract/shared.ts';
import { createBackoff } from '../backoff.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { LIMITS } from '../limits.ts';
import { callerKey } from '../middleware/caller-limits.ts';
import { createQuota } from '../middleware/quota.ts';
import { jsonContent, mutationErrors, problemContent } from '../route-definitions.ts';
import { createSemaphore } from '../semaphore.ts';

const pushRoute = createRoute({
  method: 'post',
  path: '/api/datasets/{name}/shards',
  summary: 'Append the rows of a dataset folder, sent as a zip archive; repeating it adds nothing',
  request: {
    params: z.object({ name: keySchema }),
    body: { required: true, content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } } },
  },
  responses: {
    200: jsonContent('No row is new.', appendedShardSchema),
    201: jsonContent('A version with the new rows.', appendedShardSchema),
    ...mutationErrors,
    507: problemContent('The disk of the server is full.'),
  },
});

export function addPushRoutes(app: OpenAPIHono, dependencies: ServerDependencies): void {
  const { limits = LIMITS, ...ports } = dependencies;
  const quota = createQuota({
    code: 'too-many-uploads',
    what: 'uploads',
    perKey: limits.waitingUploadsPerCaller,
    retrySeconds: 30,
  });
  const backoff = createBackoff({
    free: limits.refusedUploads,
    firstMs: limits.refusedUploadFirstMs,
    maxMs: limits.refusedUploadLongestMs,
    forgetMs: limits.refusedUploadForgetMs,
  });
  const receiving = createSemaphore({ total: Number.POSITIVE_INFINITY, perKey: limits.uploadsPerCaller });
  const appending = createSemaphore({ total: limits.appends, perKey: limits.appendsPerCaller });
  app.openapi(pushRoute, async (context) => {
    const { body, signal } = context.req.raw;
    const { name } = context.req.valid('param');
    const caller = callerKey(context, dependencies);
    const release = quota(caller);
    try {
      const appended = await pushShard(ports, name, body ?? new Blob([]).stream(), {
        signal,
        whenReceiving: (work) =>
          receiving(caller, async () => {
            // An upload that is aborted meanwhile ends by its own check.
            await wait(backoff.pause(caller), undefined, { signal }).catch(() => {});
            return work();
          }),
        whenAppending: (work) => appending(caller, work),
      });
      backoff.record(caller, 'accepted');
      return context.json(appended, appended.created ? 201 : 200, { 'cache-control': 'no-store' });
    } catch (error) {
      if (error instanceof NarrowsError && error.kind === 'invalid') backoff.record(caller, 'refused');
      throw error;
    } finally {
      release();
    }
  });
}
