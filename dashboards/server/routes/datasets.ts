/** Imported datasets. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type DatasetDescription, descriptorColumns, findSpectraTarget, joinLineage } from '../../../datasets/description.ts';
import { type ListedDataset, listDatasets } from '../../../db/queries/datasets/dataset-list.ts';
import { findDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { type DatasetDetail, type DatasetVersion, datasetDetailSchema, datasetVersionSchema } from '../../contract/datasets.ts';
import { keySchema } from '../../contract/shared.ts';
import type { QueryContext } from '../query-context.ts';
import { respondJson } from '../responses.ts';
import { jsonRoute } from '../route-definitions.ts';

const listRoute = jsonRoute(z.object({ items: z.array(datasetVersionSchema) }), {
  path: '/api/datasets',
  summary: 'Dataset versions, newest first',
});

const detailRoute = jsonRoute(datasetDetailSchema, {
  path: '/api/datasets/{name}/{version}',
  summary: 'One version of a dataset',
  params: z.object({
    name: keySchema,
    version: z
      .string()
      .regex(/^(newest|[0-9a-f]{12,64})$/, 'a version is 12 to 64 hexadecimal characters, or "newest"')
      .describe('Its first 12 to 64 hexadecimal characters, or newest.'),
  }),
});

export function addDatasetRoutes(app: OpenAPIHono, { db: { sql } }: QueryContext): void {
  app.openapi(listRoute, async (context) => respondJson(context, { items: (await listDatasets(sql)).map(formatDataset) }));

  app.openapi(detailRoute, async (context) => {
    const { name, version } = context.req.valid('param');
    const found = await findDatasetVersion(sql, version === 'newest' ? name : `${name}@${version}`);
    const [row] = await listDatasets(sql, { name: found.name, version: found.version });
    return respondJson(context, describeDataset(row as ListedDataset, joinLineage(found)));
  });
}

function formatDataset({ importedAt, targets, ...row }: ListedDataset): DatasetVersion {
  return { ...row, importedAt: importedAt.toISOString(), targets: [...targets] };
}

function describeDataset(row: ListedDataset, description: DatasetDescription): DatasetDetail {
  const { manifest, files, targets } = description;
  const energies = Object.entries(targets).flatMap(([name, { energies: axis }]) => {
    const [from, to] = [axis?.[0], axis?.at(-1)];
    if (axis === null || from === undefined || to === undefined) return [];
    return [[name, { from, to, unit: findSpectraTarget(description, name)?.energyUnit ?? 'eV', points: axis.length }] as const];
  });
  return {
    ...formatDataset(row),
    licence: manifest.licence,
    source: manifest.source,
    series: manifest.series?.name ?? null,
    columns: descriptorColumns(description).map(({ name, unit }) => ({ name, unit })),
    files: { ...files },
    energies: Object.fromEntries(energies),
  };
}
