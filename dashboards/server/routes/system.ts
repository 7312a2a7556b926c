/** GET /api/system: database, Temporal, task queues and engines. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { listRecentEngines, readDatabaseFacts } from '../../../db/queries/api/system.ts';
import { withoutOverlap } from '../../../operations/installation.ts';
import { readTaskQueues, temporalFacts } from '../../../operations/queues.ts';
import { type System, systemSchema } from '../../contract/system.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { jsonContent, readErrors } from '../route-definitions.ts';

const systemRoute = createRoute({
  method: 'get',
  path: '/api/system',
  summary: 'Database, Temporal, task queues and engines',
  responses: {
    200: jsonContent('Current state; without details of Temporal while that does not respond.', systemSchema),
    ...readErrors,
  },
});

export function addSystemRoutes(app: OpenAPIHono, dependencies: ServerDependencies): void {
  const { db, temporal, temporalServer, version, askProcesses = async () => [] } = dependencies;
  const processesNow = withoutOverlap(askProcesses);
  app.openapi(systemRoute, async (context) => {
    const { address, namespace, url } = temporalServer;
    const names = await readTaskQueues({ db });
    const [database, engines, facts, processes] = await Promise.all([
      readDatabaseFacts(db.sql),
      listRecentEngines(db.sql),
      temporalFacts(temporal, names),
      processesNow(),
    ]);
    const unknown = names.map((name) => ({ ...name, workers: [], backlog: null }));
    const body: System = {
      version,
      database: { address: db.address, reachable: true, ...database },
      temporal: { address, namespace, reachable: facts !== null, version: facts?.version ?? null, url },
      processes: [...processes],
      queues: (facts?.queues ?? unknown).map((queue) => ({ ...queue, workers: [...queue.workers] })),
      engines: engines.map((engine) => ({ ...engine, lastTrial: engine.lastTrial.toISOString() })),
    };
    return context.json(body, 200, { 'cache-control': 'no-store' });
  });
}
