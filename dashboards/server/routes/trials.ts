/** Trials: a sweep's list of them, and one trial with its curve, latents, spectra and weights. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep, findSweepsById } from '../../../db/queries/sweeps/sweeps.ts';
import { loadLearningCurve, loadModelBytes } from '../../../db/queries/trials/results.ts';
import { findTrial, trialsNumbered } from '../../../db/queries/trials/trial-pages.ts';
import { NarrowsError } from '../../../errors.ts';
import { SPLITS } from '../../../models/axes.ts';
import { parseWhere } from '../../../search/columns/where.ts';
import { sweepOfTrial } from '../../../search/space.ts';
import { COLUMNS_TYPE } from '../../contract/columns.ts';
import { pageOf } from '../../contract/shared.ts';
import { curveSchema, spectraSchema, trialDetailSchema, trialRowSchema } from '../../contract/trials.ts';
import { computeSpectra, describeTrial, encodeLatents, formatTrial, resolveSplit, resolveWidth } from '../answers/trials.ts';
import { TABLE_COLUMNS, type TableColumn } from '../cache/trial-table.ts';
import { decodeCursor, encodeCursor, invalidCursorError } from '../cursor.ts';
import { respondWithEtag } from '../middleware/etag.ts';
import { type QueryContext, revisionKey } from '../query-context.ts';
import { bytesRoute, createRouter, encodeJson, jsonRoute, limitSchema, respondCached } from '../responses.ts';

const listRoute = jsonRoute(pageOf(trialRowSchema), {
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

const detailRoute = jsonRoute(trialDetailSchema, { path: '/api/trials/{trial}', summary: 'One trial', params: trialParam });
const curveRoute = jsonRoute(curveSchema, {
  path: '/api/trials/{trial}/curve',
  summary: 'Its learning curve',
  params: trialParam,
});
const latentsRoute = bytesRoute({
  path: '/api/trials/{trial}/latents',
  summary: 'Its latents on one split, with descriptors of the structures beside them',
  params: trialParam,
  query: z.object({
    split: splitSchema,
    descriptors: z.string().max(10_000).default('').openapi({ description: 'Names joined by commas; * is all that vary.' }),
    k: widthSchema,
  }),
});
const spectraRoute = jsonRoute(spectraSchema, {
  path: '/api/trials/{trial}/spectra',
  summary: 'The best, the median and the worst spectrum that it predicts, and one that is asked for',
  params: trialParam,
  query: z.object({
    split: splitSchema,
    k: widthSchema,
    row: z.coerce.number().int().min(0).optional().openapi({ description: 'Of the dataset, from 0; one of the split.' }),
  }),
});
const modelRoute = bytesRoute(
  { path: '/api/trials/{trial}/model', summary: 'The file of the trained model', params: trialParam },
  'application/octet-stream',
);

const cursorSchema = z.tuple([z.string(), z.string(), z.union([z.number(), z.string(), z.null()]), z.int().nonnegative()]);

export function trialRoutes(reading: QueryContext): OpenAPIHono {
  const { parts, responses: answers } = reading;
  const { sql } = parts.db;
  const app = createRouter();

  /** A trial's id begins with that of its sweep: both are asked for at once. */
  const trialOf = async (trialId: string) => {
    const [trial, [sweep]] = await Promise.all([findTrial(sql, trialId), findSweepsById(sql, [sweepOfTrial(trialId)])]);
    return { trial, sweep: sweep ?? (await findSweep(sql, trial.sweepId)) };
  };

  app.openapi(listRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { where, sort, order, limit, cursor } = context.req.valid('query');
    const conditions = parseWhere(where);
    const after = cursor === undefined ? null : placeOf(cursor, sort, order);
    return respondWithEtag(context, { hash: revisionKey(row) }, async () => {
      const table = await reading.table(row);
      const request = { where: conditions, sort: sort as TableColumn, descending: order === 'desc', limit, after };
      const { indices, matched, next } = table.page(request);
      const { total } = table;
      const trials = await trialsNumbered(sql, row.id, indices);
      return {
        items: trials.map(formatTrial),
        matched,
        total,
        next: next && encodeCursor([sort, order, next.value, next.index]),
      };
    });
  });

  app.openapi(detailRoute, async (context) => {
    const { trial, sweep } = await trialOf(context.req.valid('param').trial);
    return respondWithEtag(context, { hash: revisionKey(sweep) }, () => describeTrial(reading, sweep, trial));
  });

  app.openapi(curveRoute, async (context) => {
    const { trial, sweep } = await trialOf(context.req.valid('param').trial);
    return respondWithEtag(context, { hash: revisionKey(sweep) }, async () => {
      const curve = await loadLearningCurve(sql, trial.trialId);
      if (!curve) {
        throw new NarrowsError('curve-missing', `trial "${trial.trialId}" has no learning curve: it ended as ${trial.outcome}`, {
          path: 'trial',
          kind: 'not-found',
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
      split: resolveSplit(sweep, query.split),
      k: resolveWidth(trial, query.k),
      descriptors: query.descriptors.split(',').filter((name) => name !== ''),
    };
    const key = `latents ${trial.trialId} ${JSON.stringify(request)}`;
    return respondCached<string>(
      context,
      answers,
      key,
      { version: trial.outcome },
      () => encodeLatents(reading, sweep, trial, request),
      {
        type: COLUMNS_TYPE,
      },
    ) as never;
  });

  app.openapi(spectraRoute, async (context) => {
    const { trial, sweep } = await trialOf(context.req.valid('param').trial);
    const query = context.req.valid('query');
    const request = { split: resolveSplit(sweep, query.split), k: resolveWidth(trial, query.k), row: query.row ?? null };
    const key = `spectra ${trial.trialId} ${JSON.stringify(request)}`;
    return respondCached(context, answers, key, { version: String(trial.hasModel) }, async () =>
      encodeJson(await computeSpectra(reading, sweep, trial, request)),
    );
  });

  app.openapi(modelRoute, async (context) => {
    const { trial } = context.req.valid('param');
    // A trial's weights are written once; they may be dropped, not changed.
    return respondWithEtag(context, { hash: trial }, () => loadModelBytes(sql, trial), { immutable: true }) as never;
  });

  return app;
}

/** A cursor belongs to the order that it was given in. Throws NarrowsError `cursor-invalid`. */
function placeOf(cursor: string, sort: string, order: string) {
  const [ownSort, ownOrder, value, index] = decodeCursor(cursorSchema, cursor);
  if (ownSort !== sort || ownOrder !== order) throw invalidCursorError();
  return { value, index };
}
