/** Trials: a sweep's list of them, and one trial with its curve, latents, spectra and weights. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep, sweepsById } from '../../../db/queries/sweeps/sweeps.ts';
import { learningCurveOf, loadModelBytes } from '../../../db/queries/trials/results.ts';
import { findTrial, trialsNumbered } from '../../../db/queries/trials/trial-pages.ts';
import { EXIT, NarrowsError } from '../../../errors.ts';
import { SPLITS } from '../../../models/axes.ts';
import { parseWhere } from '../../../search/columns/where.ts';
import { sweepOfTrial } from '../../../search/space.ts';
import { COLUMNS_TYPE } from '../../contract/columns.ts';
import { pageOf } from '../../contract/shared.ts';
import { curveSchema, spectraSchema, trialDetailSchema, trialRowSchema } from '../../contract/trials.ts';
import { latentBytes, spectraOfTrial, splitOf, trialDetail, trialRow, widthOf } from '../answers/trials.ts';
import { TABLE_COLUMNS, type TableColumn } from '../cache/trial-table.ts';
import { cursorInvalid, readCursor, writeCursor } from '../cursor.ts';
import { answer } from '../middleware/etag.ts';
import { type Reading, stateOf } from '../query-context.ts';
import { answerKept, createRouter, getBytes, getJson, jsonBytes, limitSchema } from '../responses.ts';

const listRoute = getJson(pageOf(trialRowSchema), {
  path: '/api/sweeps/{sweep}/trials',
  summary: 'Trials that were begun, in any order, page by page',
  params: z.object({ sweep: z.string().min(1) }),
  query: z.object({
    where: z.string().max(2000).default('').openapi({ description: 'Such as method=eca,validation>=0.9.' }),
    sort: z.enum(TABLE_COLUMNS as [string, ...string[]]).default('validation'),
    order: z.enum(['asc', 'desc']).default('desc'),
    limit: limitSchema,
    cursor: z.string().optional(),
  }),
});

const trialParam = z.object({ trial: z.string().min(1) });
const splitSchema = z.enum(SPLITS).optional().openapi({ description: 'Left out: test, or validation while the sweep goes on.' });
const widthSchema = z.coerce
  .number()
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'A rank of an ECA trial; its highest, where left out.' });

const detailRoute = getJson(trialDetailSchema, { path: '/api/trials/{trial}', summary: 'One trial', params: trialParam });
const curveRoute = getJson(curveSchema, { path: '/api/trials/{trial}/curve', summary: 'Its learning curve', params: trialParam });
const latentsRoute = getBytes({
  path: '/api/trials/{trial}/latents',
  summary: 'Its latents on one split, with descriptors of the structures beside them',
  params: trialParam,
  query: z.object({
    split: splitSchema,
    descriptors: z.string().max(10_000).default('').openapi({ description: 'Names joined by commas; * is all that vary.' }),
    k: widthSchema,
  }),
});
const spectraRoute = getJson(spectraSchema, {
  path: '/api/trials/{trial}/spectra',
  summary: 'The best, the median and the worst spectrum that it predicts, and one that is asked for',
  params: trialParam,
  query: z.object({
    split: splitSchema,
    k: widthSchema,
    row: z.coerce.number().int().min(0).optional().openapi({ description: 'Of the dataset, from 0; one of the split.' }),
  }),
});
const modelRoute = getBytes(
  { path: '/api/trials/{trial}/model', summary: 'The file of the trained model', params: trialParam },
  'application/octet-stream',
);

const cursorSchema = z.tuple([z.string(), z.string(), z.union([z.number(), z.string(), z.null()]), z.int().nonnegative()]);

export function trialRoutes(reading: Reading): OpenAPIHono {
  const { parts, answers } = reading;
  const { sql } = parts.db;
  const app = createRouter();

  /** A trial's id begins with that of its sweep: both are asked for at once. */
  const trialOf = async (trialId: string) => {
    const [trial, [sweep]] = await Promise.all([findTrial(sql, trialId), sweepsById(sql, [sweepOfTrial(trialId)])]);
    return { trial, sweep: sweep ?? (await findSweep(sql, trial.sweepId)) };
  };

  app.openapi(listRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { where, sort, order, limit, cursor } = context.req.valid('query');
    const conditions = parseWhere(where);
    const after = cursor === undefined ? null : placeOf(cursor, sort, order);
    return answer(context, { hash: stateOf(row) }, async () => {
      const table = await reading.table(row);
      const request = { where: conditions, sort: sort as TableColumn, descending: order === 'desc', limit, after };
      const { indices, matched, next } = table.page(request);
      const { total } = table;
      const trials = await trialsNumbered(sql, row.id, indices);
      return {
        items: trials.map(trialRow),
        matched,
        total,
        next: next && writeCursor([sort, order, next.value, next.index]),
      };
    });
  });

  app.openapi(detailRoute, async (context) => {
    const { trial, sweep } = await trialOf(context.req.valid('param').trial);
    return answer(context, { hash: stateOf(sweep) }, () => trialDetail(reading, sweep, trial));
  });

  app.openapi(curveRoute, async (context) => {
    const { trial, sweep } = await trialOf(context.req.valid('param').trial);
    return answer(context, { hash: stateOf(sweep) }, async () => {
      const curve = await learningCurveOf(sql, trial.trialId);
      if (!curve) {
        throw new NarrowsError('curve-missing', `trial "${trial.trialId}" has no learning curve: it ended as ${trial.outcome}`, {
          path: 'trial',
          exit: EXIT.notFound,
        });
      }
      const plain = (values: readonly number[]) => values.map((value) => (Number.isFinite(value) ? value : null));
      return { trialId: trial.trialId, train: plain(curve.train), validation: plain(curve.validation), best: curve.best };
    });
  });

  app.openapi(latentsRoute, async (context) => {
    const { trial, sweep } = await trialOf(context.req.valid('param').trial);
    const query = context.req.valid('query');
    const request = {
      split: splitOf(sweep, query.split),
      k: widthOf(trial, query.k),
      descriptors: query.descriptors.split(',').filter((name) => name !== ''),
    };
    const key = `latents ${trial.trialId} ${JSON.stringify(request)}`;
    return answerKept<string>(
      context,
      answers,
      key,
      { state: trial.outcome },
      () => latentBytes(reading, sweep, trial, request),
      {
        type: COLUMNS_TYPE,
      },
    ) as never;
  });

  app.openapi(spectraRoute, async (context) => {
    const { trial, sweep } = await trialOf(context.req.valid('param').trial);
    const query = context.req.valid('query');
    const request = { split: splitOf(sweep, query.split), k: widthOf(trial, query.k), row: query.row ?? null };
    const key = `spectra ${trial.trialId} ${JSON.stringify(request)}`;
    return answerKept(context, answers, key, { state: String(trial.hasModel) }, async () =>
      jsonBytes(await spectraOfTrial(reading, sweep, trial, request)),
    );
  });

  app.openapi(modelRoute, async (context) => {
    const { trial } = context.req.valid('param');
    // A trial's weights are written once; they may be dropped, not changed.
    return answer(context, { hash: trial }, () => loadModelBytes(sql, trial), { immutable: true }) as never;
  });

  return app;
}

/** A cursor belongs to the order that it was given in. Throws NarrowsError `cursor-invalid`. */
function placeOf(cursor: string, sort: string, order: string) {
  const [ownSort, ownOrder, value, index] = readCursor(cursorSchema, cursor);
  if (ownSort !== sort || ownOrder !== order) throw cursorInvalid();
  return { value, index };
}
