/** POST /api/datasets/{name}/shards: appends uploaded rows to a dataset. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { pushShard } from '../../../operations/push.ts';
import { appendedShardSchema } from '../../contract/datasets.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { jsonContent, mutationErrors, problemContent } from '../route-definitions.ts';
import { createSemaphore } from '../semaphore.ts';

const pushRoute = createRoute({
  method: 'post',
  path: '/api/datasets/{name}/shards',
  summary: 'Append the rows of a dataset folder, sent as a zip archive; repeating it adds nothing',
  request: {
    params: z.object({ name: z.string().min(1) }),
    body: { required: true, content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } } },
  },
  responses: {
    200: jsonContent('No row is new.', appendedShardSchema),
    201: jsonContent('A version with the new rows.', appendedShardSchema),
    ...mutationErrors,
    507: problemContent('The disk of the server is full.'),
  },
});

/** Appending holds one connection and needs others: too many at once would deadlock. */
const MAX_CONCURRENT = 2;

export function addPushRoutes(app: OpenAPIHono, { db, blobs, scratch }: ServerDependencies): void {
  const semaphore = createSemaphore(MAX_CONCURRENT);
  app.openapi(pushRoute, async (context) => {
    const { body, signal } = context.req.raw;
    const { name } = context.req.valid('param');
    const appended = await semaphore(() => pushShard({ db, blobs, scratch }, name, body ?? new Blob([]).stream(), { signal }));
    return context.json(appended, appended.created ? 201 : 200, { 'cache-control': 'no-store' });
  });
}
