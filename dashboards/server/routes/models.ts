/** POST /api/trials/{trial}/predict and /encode: a trained model on new structures. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import type { Matrix } from '../../../models/axes.ts';
import { rowOf } from '../../../models/vectors.ts';
import { findModelWarnings, loadChosenModel, ON_STRUCTURES, readStructures } from '../../../operations/apply.ts';
import { sweepOfTrial } from '../../../search/space.ts';
import { type Applied, appliedSchema, applyRequestSchema } from '../../contract/models.ts';
import { keySchema } from '../../contract/shared.ts';
import type { QueryContext } from '../query-context.ts';
import { jsonBody, jsonContent, mutationErrors } from '../route-definitions.ts';

const applyRoute = createRoute({
  method: 'post',
  path: '/api/trials/{trial}/{operation}',
  summary: 'Spectra (predict) or latents (encode) of new structures',
  request: {
    params: z.object({ trial: keySchema, operation: z.enum(ON_STRUCTURES) }),
    body: jsonBody(applyRequestSchema),
  },
  responses: { 200: jsonContent('The results.', appliedSchema), ...mutationErrors },
});

export function addModelRoutes(app: OpenAPIHono, query: QueryContext): void {
  app.openapi(applyRoute, async (context) => {
    const { trial, operation } = context.req.valid('param');
    const { k, rows, structures = '' } = context.req.valid('json');
    const { trialId, model } = await loadChosenModel(query, { trial, ...(k !== undefined && { k }) });
    const data = await query.data(await findSweep(query.db.sql, sweepOfTrial(trialId)));
    const { signal } = context.req.raw;
    const { scratch, onBoxEnd: onEnd } = query;
    const x = rows ? matrixOf(rows) : await readStructures(structures, data, { scratch, signal, onEnd });
    const result = model[operation](x);
    const warnings = findModelWarnings(operation, x, data);
    const applied = {
      trialId,
      method: model.method,
      k: model.k,
      rows: Array.from({ length: result.rows }, (_, row) => [...rowOf(result, row)]),
      warnings: warnings.flatMap((warning) => (warning.code === 'structure-far' ? [warning] : [])),
    } satisfies Applied;
    return context.json(applied, 200, { 'cache-control': 'no-store' });
  });
}

function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, data: Float32Array.from(rows.flat()) };
}
