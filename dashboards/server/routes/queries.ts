/** Everything that is read, on one memory of what was read before. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { ServerDependencies } from '../app.ts';
import { createQueryContext } from '../query-context.ts';
import { championRoutes } from './champions.ts';
import { compareRoutes } from './compare.ts';
import { datasetRoutes } from './datasets.ts';
import { interpretationRoutes } from './interpretation.ts';
import { retrainingRoutes } from './retraining.ts';
import { sweepRoutes } from './sweeps.ts';
import { trialRoutes } from './trials.ts';

export function readRoutes(parts: ServerDependencies): OpenAPIHono {
  const reading = createQueryContext(parts);
  const app = new OpenAPIHono();
  for (const routes of [
    sweepRoutes,
    trialRoutes,
    datasetRoutes,
    interpretationRoutes,
    compareRoutes,
    retrainingRoutes,
    championRoutes,
  ]) {
    app.route('/', routes(reading));
  }
  return app;
}
