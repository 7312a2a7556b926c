/** The models in use, and where one comes from. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findChampionById, listChampionHistory, listCurrentChampions } from '../../../db/queries/retraining/champions.ts';
import { findRunsById, listVersionsWithAncestors, loadTestScores, scoreKey } from '../../../db/queries/retraining/pages.ts';
import { findSweepsById } from '../../../db/queries/sweeps/sweeps.ts';
import { type ChampionDetail, championDetailSchema, championSchema } from '../../contract/retraining.ts';
import { formatChampion, formatRun, formatVersion } from '../answers/retraining.ts';
import type { QueryContext } from '../query-context.ts';
import { createRouter, jsonRoute, respondJson } from '../responses.ts';

export const championParam = z.object({ champion: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

const listRoute = jsonRoute(z.object({ items: z.array(championSchema) }), {
  path: '/api/champions',
  summary: 'The models in use, by retraining, method and width',
  query: z.object({ retraining: z.string().max(200).optional() }),
});
const detailRoute = jsonRoute(championDetailSchema, {
  path: '/api/champions/{champion}',
  summary: 'One champion, in use or of the past: its data, trial, sweep, run and predecessors',
  params: championParam,
});

export function championRoutes({ parts }: QueryContext): OpenAPIHono {
  const { sql } = parts.db;
  const app = createRouter();

  app.openapi(listRoute, async (context) => {
    const rows = await listCurrentChampions(sql, context.req.valid('query').retraining ?? null);
    return respondJson(context, { items: rows.map(formatChampion) });
  });

  app.openapi(detailRoute, async (context) => {
    const row = await findChampionById(sql, context.req.valid('param').champion);
    const { name, dataset, method, k, trialId, configuration, engine, engineBuild, codeVersion } = row;
    const all = await listChampionHistory(sql, name);
    const own = all.filter((one) => one.method === method && one.k === k).toReversed();
    const [test, versions, runs, sweeps] = await Promise.all([
      loadTestScores(sql, [row]),
      listVersionsWithAncestors(
        sql,
        dataset,
        own.map((one) => one.datasetVersion),
      ),
      findRunsById(
        sql,
        own.flatMap(({ runId }) => runId ?? []),
      ),
      findSweepsById(sql, [...new Set(own.map(({ sweepId }) => sweepId))]),
    ]);
    const detail: ChampionDetail = {
      ...formatChampion(row),
      test: test.get(scoreKey(trialId, k)) ?? null,
      configuration: { ...configuration },
      ...{ engine, engineBuild, codeVersion },
      lineage: {
        versions: versions.map(formatVersion),
        runs: runs.map(formatRun),
        sweeps: sweeps.map(({ id, name, datasetVersion }) => ({ sweepId: id, name, datasetVersion })),
        champions: own.map(formatChampion),
      },
    };
    // The configuration is JSON, which the type of an open record does not tell.
    return respondJson(context, detail) as never;
  });

  return app;
}
