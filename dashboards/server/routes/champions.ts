/** Champions and their lineage. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findChampionById, listChampionHistory, listCurrentChampions } from '../../../db/queries/retraining/champions.ts';
import { findRunsById, listVersionsWithAncestors, loadTestScores, scoreKey } from '../../../db/queries/retraining/pages.ts';
import { findSweepsById } from '../../../db/queries/sweeps/sweeps.ts';
import { type ChampionDetail, championDetailSchema, championSchema } from '../../contract/retraining.ts';
import { textSchema } from '../../contract/shared.ts';
import { formatChampion, formatRun, formatVersion } from '../answers/retraining.ts';
import type { QueryContext } from '../query-context.ts';
import { respondJson } from '../responses.ts';
import { jsonRoute } from '../route-definitions.ts';

export const championParam = z.object({ champion: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

const listRoute = jsonRoute(z.object({ items: z.array(championSchema) }), {
  path: '/api/champions',
  summary: 'Current champions, by retraining, method and width',
  query: z.object({ retraining: textSchema(200).optional() }),
});
const detailRoute = jsonRoute(championDetailSchema, {
  path: '/api/champions/{champion}',
  summary: 'One champion, current or former: its data, trial, sweep, run and predecessors',
  params: championParam,
});

export function addChampionRoutes(app: OpenAPIHono, { db: { sql } }: QueryContext): void {
  app.openapi(listRoute, async (context) => {
    const rows = await listCurrentChampions(sql, context.req.valid('query').retraining ?? null);
    return respondJson(context, { items: rows.map(formatChampion) });
  });

  app.openapi(detailRoute, async (context) => {
    const row = await findChampionById(sql, context.req.valid('param').champion);
    const { name, dataset, method, k, trialId, configuration, engine, engineBuild, codeVersion } = row;
    const history = await listChampionHistory(sql, name);
    const champions = history.filter((one) => one.method === method && one.k === k).toReversed();
    const datasetVersions = champions.map(({ datasetVersion }) => datasetVersion);
    const runIds = champions.flatMap(({ runId }) => runId ?? []);
    const [test, versions, runs, sweeps] = await Promise.all([
      loadTestScores(sql, [row]),
      listVersionsWithAncestors(sql, dataset, datasetVersions),
      findRunsById(sql, runIds),
      findSweepsById(sql, [...new Set(champions.map(({ sweepId }) => sweepId))]),
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
        champions: champions.map(formatChampion),
      },
    };
    // The configuration is JSON, which an open record type cannot express.
    return respondJson(context, detail) as never;
  });
}
