/** GET /api/system: the servers behind the API, and who works. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { listRecentEngines, readDatabaseFacts } from '../../../db/queries/api/system.ts';
import { temporalFacts } from '../../../operations/queues.ts';
import { TASK_QUEUES } from '../../../workflows/task-queues.ts';
import { type System, systemSchema } from '../../contract/system.ts';
import type { ServerDependencies } from '../app.ts';
import { readErrors } from '../documented-responses.ts';

const systemRoute = createRoute({
  method: 'get',
  path: '/api/system',
  summary: 'The servers, the queues, and what trains',
  responses: {
    200: {
      description: 'As it stands; while Temporal does not answer, without what it knows.',
      content: { 'application/json': { schema: systemSchema } },
    },
    ...readErrors,
  },
});

export function systemRoutes({ db, temporal, temporalServer, version }: ServerDependencies): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(systemRoute, async (context) => {
    const { address, namespace, url } = temporalServer;
    const [database, engines, facts] = await Promise.all([
      readDatabaseFacts(db.sql),
      listRecentEngines(db.sql),
      temporalFacts(temporal, namespace),
    ]);
    const silent = Object.entries(TASK_QUEUES).map(([role, name]) => ({ name, role, workers: [], backlog: null }));
    const body: System = {
      version,
      database: { address: db.address, reachable: true, ...database },
      temporal: { address, namespace, reachable: facts !== null, version: facts?.version ?? null, url },
      queues: (facts?.queues ?? silent).map((queue) => ({ ...queue, workers: [...queue.workers] })),
      engines: engines.map((engine) => ({ ...engine, lastTrial: engine.lastTrial.toISOString() })),
    };
    context.header('cache-control', 'no-store');
    return context.json(body, 200);
  });
  return app;
}
