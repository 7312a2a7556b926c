/** Several sweeps beside one another. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import { compareSchema } from '../../contract/compare.ts';
import { compareSweeps } from '../answers/compare.ts';
import { isRunning, type QueryContext, revisionKey } from '../query-context.ts';
import { createRouter, encodeJson, jsonRoute, respondCached } from '../responses.ts';

/** Sweeps that fit beside one another; each pair is held against each other. */
const MOST_SWEEPS = 6;

const compareRoute = jsonRoute(compareSchema, {
  path: '/api/compare',
  summary: 'Sweeps beside one another',
  query: z.object({ sweeps: z.string().min(1).max(2000).openapi({ description: 'Ids or names, joined by commas.' }) }),
});

export function compareRoutes(reading: QueryContext): OpenAPIHono {
  const { parts, responses: answers } = reading;
  const app = createRouter();
  app.openapi(compareRoute, async (context) => {
    const wanted = context.req
      .valid('query')
      .sweeps.split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
    const found = await Promise.all(wanted.map((one) => findSweep(parts.db.sql, one)));
    const sweeps = [...new Map(found.map((row) => [row.id, row])).values()];
    if (sweeps.length === 0 || sweeps.length > MOST_SWEEPS) {
      throw new NarrowsError('parameter-invalid', `${sweeps.length} sweeps cannot be compared`, {
        path: 'sweeps',
        fix: `name 1 to ${MOST_SWEEPS}, joined by commas`,
      });
    }
    const asking = { version: sweeps.map(revisionKey).join(), allowStale: sweeps.some(isRunning) };
    return respondCached(context, answers, `compare ${sweeps.map(({ id }) => id).join()}`, asking, async () =>
      encodeJson(await compareSweeps(reading, sweeps)),
    );
  });
  return app;
}
