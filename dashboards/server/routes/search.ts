/** Search results of a sweep by validation scores: Pareto front, history, slices, rungs. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { OBJECTIVE_NAMES, parseObjectives } from '../../../models/evaluation/objectives.ts';
import { PARAMETERS } from '../../../search/parameters.ts';
import { textSchema } from '../../contract/shared.ts';
import { historySchema, paretoFrontSchema, rungCountsSchema, slicesSchema } from '../../contract/sweeps.ts';
import { computeHistory, computeParetoFront, computeSlices } from '../answers/configurations.ts';
import { countRungs } from '../answers/sweeps.ts';
import { respondWithEtag } from '../middleware/etag.ts';
import { cacheRequest, type QueryContext, revisionKey } from '../query-context.ts';
import { encodeJson, respondCached } from '../responses.ts';
import { jsonRoute, sweepParam } from '../route-definitions.ts';

const partitionSchema = z.coerce
  .number()
  .int()
  .min(0)
  .default(0)
  .describe('Partition whose validation rows score; 0: the first.');

const paretoRoute = jsonRoute(paretoFrontSchema, {
  path: '/api/sweeps/{sweep}/pareto',
  summary: 'Pareto front of the configurations, means over seeds of validation scores, and hypervolumes by method',
  params: sweepParam,
  query: z.object({
    objectives: textSchema(200)
      .default('parameters')
      .describe(`One or two, by commas; covered variance is always another one: ${OBJECTIVE_NAMES.slice(1).join(', ')}.`),
    partition: partitionSchema,
  }),
});

const historyRoute = jsonRoute(historySchema, {
  path: '/api/sweeps/{sweep}/history',
  summary: 'Optimisation history: the best validation score so far by configurations tried, of each method and width',
  params: sweepParam,
  query: z.object({ partition: partitionSchema }),
});

const slicesRoute = jsonRoute(slicesSchema, {
  path: '/api/sweeps/{sweep}/slices',
  summary: 'Slice plot: validation scores of the configurations of each method and width against one parameter',
  params: sweepParam,
  query: z.object({ parameter: z.enum(PARAMETERS).default('learningRate'), partition: partitionSchema }),
});

const rungsRoute = jsonRoute(rungCountsSchema, {
  path: '/api/sweeps/{sweep}/rungs',
  summary: 'Trials of each method and width by the rung that they reached',
  params: sweepParam,
});

export function addSearchRoutes(app: OpenAPIHono, query: QueryContext): void {
  const { responses } = query;
  const { sql } = query.db;

  app.openapi(paretoRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { partition, ...named } = context.req.valid('query');
    const objectives = parseObjectives(named.objectives);
    const cached = { key: `pareto ${row.id} ${objectives} ${partition}`, ...cacheRequest(row) };
    return respondCached(context, responses, cached, async () =>
      encodeJson(await computeParetoFront(query, row, { objectives, partition })),
    );
  });

  app.openapi(historyRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { partition } = context.req.valid('query');
    const cached = { key: `history ${row.id} ${partition}`, ...cacheRequest(row) };
    return respondCached(context, responses, cached, async () => encodeJson(await computeHistory(query, row, partition)));
  });

  app.openapi(slicesRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const choice = context.req.valid('query');
    const cached = { key: `slices ${row.id} ${choice.parameter} ${choice.partition}`, ...cacheRequest(row) };
    return respondCached(context, responses, cached, async () => encodeJson(await computeSlices(query, row, choice)));
  });

  app.openapi(rungsRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    return respondWithEtag(context, revisionKey(row), async () => countRungs(row, await query.table(row)));
  });
}
