/** What a sweep found in terms of the structure, as it was stored. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findField, findInterpretationJson } from '../../../db/queries/sweeps/interpretation.ts';
import { findSweep, type SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import { COLUMNS_TYPE, encodeColumns } from '../../contract/columns.ts';
import { type QueryContext, revisionKey } from '../query-context.ts';
import { bytesRoute, createRouter, type EncodedBytes, jsonRoute, respondCached } from '../responses.ts';

const interpretationSchema = z
  .looseObject({ format: z.literal(1), fields: z.array(z.string()).openapi({ description: 'Names of stored fields.' }) })
  .openapi('Interpretation', { description: 'As models/interpretation computes it.' });

const sweepParam = z.object({ sweep: z.string().min(1) });

const interpretationRoute = jsonRoute(interpretationSchema, {
  path: '/api/sweeps/{sweep}/interpretation',
  summary: 'What the sweep found in terms of the structure',
  params: sweepParam,
});
const fieldRoute = bytesRoute({
  path: '/api/sweeps/{sweep}/fields/{name}',
  summary: 'A scalar over three descriptors',
  params: sweepParam.extend({ name: z.string().min(1) }),
});

export function interpretationRoutes({ parts, responses: answers }: QueryContext): OpenAPIHono {
  const { sql } = parts.db;
  const app = createRouter();

  app.openapi(interpretationRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    return respondCached(context, answers, `interpretation ${row.id}`, { version: revisionKey(row) }, async () => {
      const text = await findInterpretationJson(sql, row.id);
      if (text === null) throw missing(row);
      return new TextEncoder().encode(text) as EncodedBytes<never>;
    });
  });

  app.openapi(fieldRoute, async (context) => {
    const { sweep, name } = context.req.valid('param');
    const row = await findSweep(sql, sweep);
    const asking = { version: revisionKey(row) };
    const columns = async () => {
      const field = await findField(sql, row.id, name);
      if (!field) throw fieldMissing(row, name);
      const axes = Object.fromEntries(field.axes.map((axis, i) => [`axes${i}`, JSON.stringify(axis)]));
      return encodeColumns({ rows: field.values.length, columns: [{ name: 'value', values: field.values }], about: axes });
    };
    return respondCached<string>(context, answers, `field ${row.id} ${name}`, asking, columns, { type: COLUMNS_TYPE }) as never;
  });

  return app;
}

function missing({ name }: SweepRow): NarrowsError {
  return new NarrowsError('interpretation-missing', `${name} has no interpretation`, {
    path: 'sweep',
    fix: `it is made when a sweep has ended, or by "narrows report ${name}"`,
    kind: 'not-found',
  });
}

function fieldMissing(row: SweepRow, name: string): NarrowsError {
  return new NarrowsError('field-missing', `${row.name} has no field "${name}"`, {
    path: 'name',
    fix: 'see "fields" of its interpretation; there are some where exactly three descriptors vary',
    kind: 'not-found',
  });
}
