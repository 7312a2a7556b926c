/** Trials: the list of a sweep, and one trial with its curve, latents, spectra and weights. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweep, findSweepsById } from '../../../db/queries/sweeps/sweeps.ts';
import { loadModelBytes } from '../../../db/queries/trials/models.ts';
import { loadLearningCurve } from '../../../db/queries/trials/results.ts';
import { findTrial, trialsNumbered } from '../../../db/queries/trials/trial-pages.ts';
import { NarrowsError } from '../../../errors.ts';
import { SPLITS } from '../../../models/axes.ts';
import { COLUMN_NAMES, type ColumnName } from '../../../search/columns/trial-columns.ts';
import { parseWhere } from '../../../search/columns/where.ts';
import { sweepOfTrial } from '../../../search/space.ts';
import { COLUMNS_TYPE } from '../../contract/columns.ts';
import { keySchema, pageOf, textSchema } from '../../contract/shared.ts';
import { curveSchema, spectraSchema, trialDetailSchema, trialRowSchema } from '../../contract/trials.ts';
import { computeSpectra, describeTrial, encodeLatents, formatTrial, resolveSplit, resolveWidth } from '../answers/trials.ts';
import { decodeCursor, formatPage, invalidCursorError } from '../cursor.ts';
import { respondWithEtag } from '../middleware/etag.ts';
import { type QueryContext, revisionKey } from '../query-context.ts';
import { encodeJson, respondCached } from '../responses.ts';
import { bytesRoute, jsonRoute, pageQuery, sweepParam } from '../route-definitions.ts';

/** A filter; shared with the histogram of a sweep. */
export const whereSchema = textSchema(2000).default('').describe('Filter, such as method=eca,validation>=0.9.');

const listRoute = jsonRoute(pageOf(trialRowSchema), {
  path: '/api/sweeps/{sweep}/trials',
  summary: 'Trials that have started, in any order, page by page',
  params: sweepParam,
  query: z
    .object({
      where: whereSchema,
      sort: z.enum(COLUMN_NAMES as [string, ...string[]]).default('validation'),
      order: z.enum(['asc', 'desc']).default('desc'),
    })
    .extend(pageQuery.shape),
});

const params = z.object({ trial: keySchema });
const splitSchema = z.enum(SPLITS).optional().describe('Default: test, or validation until the sweep has finished.');
const widthSchema = z.coerce.number().int().min(1).optional().describe('Rank of an ECA trial; default: the highest.');

const detailRoute = jsonRoute(trialDetailSchema, { path: '/api/trials/{trial}', summary: 'One trial', params });
const curveRoute = jsonRoute(curveSchema, { path: '/api/trials/{trial}/curve', summary: 'Its learning curve', params });
const latentsRoute = bytesRoute({
  path: '/api/trials/{trial}/latents',
  summary: 'Its latents on one split, with descriptors of the structures',
  params,
  query: z.object({
    split: splitSchema,
    descriptors: textSchema(10_000).default('').describe('Names, separated by commas; * for all that vary.'),
    k: widthSchema,
  }),
});
const spectraRoute = jsonRoute(spectraSchema, {
  path: '/api/trials/{trial}/spectra',
  summary: 'Its best, median and worst predicted spectrum, and that of a given row',
  params,
  query: z.object({
    split: splitSchema,
    k: widthSchema,
    row: z.coerce.number().int().min(0).optional().describe('Row of the dataset, from 0; one of the split.'),
  }),
});
const modelRoute = bytesRoute(
  { path: '/api/trials/{trial}/model', summary: 'The file of the trained model', params },
  'application/octet-stream',
);

const cursorSchema = z.tuple([z.string(), z.string(), z.union([z.number(), z.string(), z.null()]), z.int().nonnegative()]);

export function addTrialRoutes(app: OpenAPIHono, query: QueryContext): void {
  const { responses } = query;
  const { sql } = query.db;

  /** Loads both at once: a trial's id begins with that of its sweep. */
  const loadTrial = async (trialId: string) => {
    const [trial, [sweep]] = await Promise.all([findTrial(sql, trialId), findSweepsById(sql, [sweepOfTrial(trialId)])]);
    return { trial, sweep: sweep ?? (await findSweep(sql, trial.sweepId)) };
  };

  app.openapi(listRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { where: filter, sort, order, limit, cursor } = context.req.valid('query');
    const where = parseWhere(filter);
    const after = positionAfter(cursor, sort, order);
    return respondWithEtag(context, revisionKey(row), async () => {
      const table = await query.table(row);
      const page = table.page({ where, sort: sort as ColumnName, order, limit, after });
      const rows = await trialsNumbered(sql, row.id, page.indices);
      const next = page.next && [sort, order, page.next.value, page.next.index];
      return formatPage({ matched: page.matched, total: table.total, next }, rows.map(formatTrial));
    });
  });

  app.openapi(detailRoute, async (context) => {
    const { trial, sweep } = await loadTrial(context.req.valid('param').trial);
    return respondWithEtag(context, revisionKey(sweep), () => describeTrial(query, sweep, trial));
  });

  app.openapi(curveRoute, async (context) => {
    const { trial, sweep } = await loadTrial(context.req.valid('param').trial);
    return respondWithEtag(context, revisionKey(sweep), async () => {
      const curve = await loadLearningCurve(sql, trial.trialId);
      if (!curve) {
        const message = `trial "${trial.trialId}" has no learning curve: it ended as ${trial.outcome}`;
        throw new NarrowsError('curve-missing', message, { path: 'trial', kind: 'not-found' });
      }
      const finite = (values: readonly number[]) => values.map((value) => (Number.isFinite(value) ? value : null));
      return { trialId: trial.trialId, train: finite(curve.train), validation: finite(curve.validation), best: curve.best };
    });
  });

  app.openapi(latentsRoute, async (context) => {
    const { trial, sweep } = await loadTrial(context.req.valid('param').trial);
    const { split, k, descriptors } = context.req.valid('query');
    const request = {
      split: resolveSplit(sweep, split),
      k: resolveWidth(trial, k),
      descriptors: [...new Set(descriptors.split(',').filter((name) => name !== ''))],
    };
    const key = `latents ${trial.trialId} ${JSON.stringify(request)}`;
    return respondCached<string>(context, responses, { key, version: trial.outcome, type: COLUMNS_TYPE }, () =>
      encodeLatents(query, sweep, trial, request),
    ) as never;
  });

  app.openapi(spectraRoute, async (context) => {
    const { trial, sweep } = await loadTrial(context.req.valid('param').trial);
    const { split, k, row = null } = context.req.valid('query');
    const request = { split: resolveSplit(sweep, split), k: resolveWidth(trial, k), row };
    const key = `spectra ${trial.trialId} ${JSON.stringify(request)}`;
    return respondCached(context, responses, { key, version: String(trial.hasModel) }, async () =>
      encodeJson(await computeSpectra(query, sweep, trial, request)),
    );
  });

  app.openapi(modelRoute, async (context) => {
    const { trialId } = await findTrial(sql, context.req.valid('param').trial);
    // The weights of a trial are written once: they may be deleted, not changed.
    return respondWithEtag(context, trialId, () => loadModelBytes(sql, trialId), { immutable: true }) as never;
  });
}

/** Decodes a cursor, which is valid for one order only. Throws NarrowsError `cursor-invalid`. */
function positionAfter(cursor: string | undefined, sort: string, order: string) {
  const position = decodeCursor(cursorSchema, cursor);
  if (position === null) return null;
  const [ownSort, ownOrder, value, index] = position;
  if (ownSort !== sort || ownOrder !== order) throw invalidCursorError();
  return { value, index };
}
