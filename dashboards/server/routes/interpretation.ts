/** The stored interpretation of a sweep and its fields. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findField, findInterpretationJson } from '../../../db/queries/sweeps/interpretation.ts';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { notFound } from '../../../errors.ts';
import { COLUMNS_TYPE, encodeColumns } from '../../contract/columns.ts';
import { keySchema } from '../../contract/shared.ts';
import { type QueryContext, revisionKey } from '../query-context.ts';
import { type EncodedBytes, respondCached } from '../responses.ts';
import { bytesRoute, jsonRoute, sweepParam } from '../route-definitions.ts';

const interpretationSchema = z
  .looseObject({ format: z.literal(1), fields: z.array(z.string()).describe('Names of stored fields.') })
  .openapi('Interpretation', { description: 'As computed by models/interpretation.' });

const interpretationRoute = jsonRoute(interpretationSchema, {
  path: '/api/sweeps/{sweep}/interpretation',
  summary: 'Interpretation of the sweep in terms of the structure',
  params: sweepParam,
});
const fieldRoute = bytesRoute({
  path: '/api/sweeps/{sweep}/fields/{name}',
  summary: 'A scalar field over three descriptors',
  params: sweepParam.extend({ name: keySchema }),
});

export function addInterpretationRoutes(app: OpenAPIHono, { db: { sql }, responses }: QueryContext): void {
  app.openapi(interpretationRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    return respondCached(context, responses, { key: `interpretation ${row.id}`, version: revisionKey(row) }, async () => {
      const text = await findInterpretationJson(sql, row.id);
      if (text === null) {
        const fix = `wait until the sweep has finished, or run "narrows report ${row.name}"`;
        throw notFound('interpretation-missing', `${row.name} has no interpretation`, 'sweep', fix);
      }
      return new TextEncoder().encode(text) as EncodedBytes<never>;
    });
  });

  app.openapi(fieldRoute, async (context) => {
    const { sweep, name } = context.req.valid('param');
    const row = await findSweep(sql, sweep);
    const cached = { key: `field ${row.id} ${name}`, version: revisionKey(row), type: COLUMNS_TYPE };
    return respondCached<string>(context, responses, cached, async () => {
      const field = await findField(sql, row.id, name);
      if (!field) {
        const fix = 'see "fields" of its interpretation; fields exist if exactly three descriptors vary';
        throw notFound('field-missing', `${row.name} has no field "${name}"`, 'name', fix);
      }
      const axes = Object.fromEntries(field.axes.map((axis, i) => [`axes${i}`, JSON.stringify(axis)]));
      return encodeColumns({ rows: field.values.length, columns: [{ name: 'value', values: field.values }], about: axes });
    }) as never;
  });
}
