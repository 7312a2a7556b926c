/** GET /api/compare: several sweeps compared. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import { compareSchema } from '../../contract/compare.ts';
import { textSchema } from '../../contract/shared.ts';
import { compareSweeps } from '../answers/compare.ts';
import { cacheRequest, type QueryContext } from '../query-context.ts';
import { encodeJson, respondCached } from '../responses.ts';
import { jsonRoute } from '../route-definitions.ts';

/** Each pair of sweeps is compared. */
const MAX_SWEEPS = 6;

const compareRoute = jsonRoute(compareSchema, {
  path: '/api/compare',
  summary: 'Compare sweeps',
  query: z.object({ sweeps: textSchema(2000).min(1).describe('Ids or names, separated by commas.') }),
});

export function addCompareRoutes(app: OpenAPIHono, query: QueryContext): void {
  app.openapi(compareRoute, async (context) => {
    const names = context.req
      .valid('query')
      .sweeps.split(',')
      .map((name) => name.trim());
    const found = await Promise.all(names.filter((name) => name !== '').map((name) => findSweep(query.db.sql, name)));
    const sweeps = [...new Map(found.map((row) => [row.id, row])).values()];
    if (sweeps.length === 0 || sweeps.length > MAX_SWEEPS) {
      throw new NarrowsError('parameter-invalid', `${sweeps.length} sweeps cannot be compared`, {
        path: 'sweeps',
        fix: `name 1 to ${MAX_SWEEPS}, separated by commas`,
      });
    }
    const cached = { key: `compare ${sweeps.map(({ id }) => id).join()}`, ...cacheRequest(...sweeps) };
    return respondCached(context, query.responses, cached, async () => encodeJson(await compareSweeps(query, sweeps)));
  });
}
