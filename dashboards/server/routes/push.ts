/** What jobs send: rows for a dataset that grows. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { pushShard } from '../../../operations/push.ts';
import { appendedShardSchema } from '../../contract/datasets.ts';
import type { ServerDependencies } from '../app.ts';
import { mutationErrors, problemContent } from '../documented-responses.ts';
import { createRouter } from '../responses.ts';
import { createSemaphore } from '../semaphore.ts';

const pushRoute = createRoute({
  method: 'post',
  path: '/api/datasets/{name}/shards',
  summary: 'Append the rows of a dataset folder, sent as a zip archive; sent again, it adds nothing',
  request: {
    params: z.object({ name: z.string().min(1) }),
    body: { required: true, content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } } },
  },
  responses: {
    200: { description: 'It has no row that is new.', content: { 'application/json': { schema: appendedShardSchema } } },
    201: { description: 'A version with its rows.', content: { 'application/json': { schema: appendedShardSchema } } },
    ...mutationErrors,
    507: problemContent('The disk of the server is full.'),
  },
});

/** Appending holds one connection and needs others: a few at once would wait for each other. */
const PUSHES_AT_ONCE = 2;

export function pushRoutes({ db, blobs, scratch }: ServerDependencies): OpenAPIHono {
  const app = createRouter();
  const slots = createSemaphore(PUSHES_AT_ONCE);
  app.openapi(pushRoute, async (context) => {
    const { body, signal } = context.req.raw;
    const { name } = context.req.valid('param');
    const appended = await slots(() => pushShard({ db, blobs, scratch }, name, body ?? new Blob([]).stream(), { signal }));
    context.header('cache-control', 'no-store');
    return context.json(appended, appended.created ? 201 : 200);
  });
  return app;
}
