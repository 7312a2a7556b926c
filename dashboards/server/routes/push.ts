/** POST /api/datasets/{name}/shards: appends uploaded rows to a dataset. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { pushShard } from '../../../operations/push.ts';
import { appendedShardSchema } from '../../contract/datasets.ts';
import { keySchema } from '../../contract/shared.ts';
import { createAppending } from '../appending.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { LIMITS } from '../limits.ts';
import { callerKey } from '../middleware/caller-limits.ts';
import { createQuota } from '../middleware/quota.ts';
import { createRefusals } from '../refusals.ts';
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
  const receiving = createSemaphore({ total: Number.POSITIVE_INFINITY, perKey: limits.uploadsPerCaller });
  const refusals = createRefusals({ forgetMs: limits.refusalForgetMs, maxCallers: limits.refusedCallers });
  // Archives of a refused caller wait on the disk for long.
  const oneByOne = createSemaphore({ total: Number.POSITIVE_INFINITY, perKey: 1 });
  const append = createAppending(limits, refusals);
  app.openapi(pushRoute, async (context) => {
    const { body, signal } = context.req.raw;
    const { name } = context.req.valid('param');
    const caller = callerKey(context, dependencies);
    const release = quota(caller);
    const push = () =>
      pushShard(ports, name, body ?? new Blob([]).stream(), {
        signal,
        whenReceiving: (work) => receiving(caller, work),
        whenAppending: (work) => append(caller, work, signal),
      });
    try {
      const appended = await (refusals.count(caller) > 0 ? oneByOne(caller, push) : push());
      return context.json(appended, appended.created ? 201 : 200, { 'cache-control': 'no-store' });
    } finally {
      release();
    }
  });
}
