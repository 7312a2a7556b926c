/** GET /api/compare: several sweeps compared. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import { MOST_COMPARED_SWEEPS } from '../../../models/evaluation/comparison.ts';
import { compareSchema } from '../../contract/compare.ts';
import { textSchema } from '../../contract/shared.ts';
import { compareSweeps } from '../answers/compare.ts';
import { cacheRequest, type QueryContext } from '../query-context.ts';
import { encodeJson, respondCached } from '../responses.ts';
import { jsonRoute } from '../route-definitions.ts';

const compareRoute = jsonRoute(compareSchema, {
  path: '/api/compare',
  summary: 'Compare sweeps',
  query: z.object({ sweeps: textSchema(2000).min(1).describe('Ids or names, separated by commas.') }),
});

export function addCompareRoutes(app: OpenAPIHono, query: QueryContext): void {
  app.openapi(compareRoute, async (context) => {
    const given = context.req.valid('query').sweeps.split(',');
    const names = [...new Set(given.map((name) => name.trim()).filter((name) => name !== ''))];
    // A sweep may be named by its id as well.
    requireCount(names.length, 2 * MOST_COMPARED_SWEEPS);
    const found = await Promise.all(names.map((name) => findSweep(query.db.sql, name)));
    const sweeps = [...new Map(found.map((row) => [row.id, row])).values()];
    requireCount(sweeps.length, MOST_COMPARED_SWEEPS);
    const cached = { key: `compare ${sweeps.map(({ id }) => id).join()}`, ...cacheRequest(...sweeps) };
    return respondCached(context, query.responses, cached, async () => encodeJson(await compareSweeps(query, sweeps)));
  });
}

/** Throws NarrowsError `parameter-invalid`. */
function requireCount(sweeps: number, most: number): void {
  if (sweeps > 0 && sweeps <= most) return;
  throw new NarrowsError('parameter-invalid', `${sweeps} sweeps cannot be compared`, {
    path: 'sweeps',
    fix: `name 1 to ${MOST_COMPARED_SWEEPS}, separated by commas`,
  });
}
