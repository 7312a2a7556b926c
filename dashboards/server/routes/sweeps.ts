/** Sweeps: the list, one sweep, and aggregates over its trials. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { hasInterpretation } from '../../../db/queries/sweeps/interpretation.ts';
import { computeSweepStatistics, listSweepPage, type SweepStatistics } from '../../../db/queries/sweeps/sweep-list.ts';
import { countOutcomes, findSweep, type MethodCounts, type SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../../../db/queries/trainers.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';
import { settleSweep } from '../../../operations/sweeps/lost.ts';
import { NOTHING_IN_TRAINING, readTraining, statusOf, type Training } from '../../../operations/sweeps/status.ts';
import { readSufficientWidths } from '../../../operations/sweeps/widths.ts';
import { COLUMN_NAMES, type ColumnName } from '../../../search/columns/trial-columns.ts';
import { parseWhere } from '../../../search/columns/where.ts';
import { sha256 } from '../../../search/hash.ts';
import { unservedRoutes } from '../../../search/routes.ts';
import { SWEEP_STATES } from '../../../search/states.ts';
import { describeMissingTrainer } from '../../../text/trainers.ts';
import { sweepWorkflowId } from '../../../workflows/sweep-input.ts';
import { COLUMNS_TYPE } from '../../contract/columns.ts';
import { keySchema, pageOf, textSchema } from '../../contract/shared.ts';
import {
  coverageSchema,
  histogramSchema,
  importanceSchema,
  type SweepSummary,
  sweepDetailSchema,
  sweepSummarySchema,
} from '../../contract/sweeps.ts';
import { computeCoverage } from '../answers/coverage.ts';
import { computeHistogram, computeImportance, describeSweep, encodeConfigurations, encodeOutcomes } from '../answers/sweeps.ts';
import { AsyncCache } from '../cache/async-cache.ts';
import { createSettling } from '../cache/settled-sweeps.ts';
import { cacheTraining } from '../cache/training.ts';
import { decodeCursor, formatPage, timestampSchema } from '../cursor.ts';
import { respondWithEtag } from '../middleware/etag.ts';
import { cacheRequest, type QueryContext, revisionKey } from '../query-context.ts';
import { encodeJson, respondBytes, respondCached } from '../responses.ts';
import { bytesRoute, jsonRoute, pageQuery, sweepParam } from '../route-definitions.ts';
import { whereSchema } from './trials.ts';

const positionSchema = z.object({ startedAt: timestampSchema, id: keySchema }).strict();

const listRoute = jsonRoute(pageOf(sweepSummarySchema), {
  path: '/api/sweeps',
  summary: 'Sweeps, newest first',
  query: z
    .object({
      state: z.enum(SWEEP_STATES).optional(),
      search: textSchema(200).optional().describe('Part of a name, an id, a dataset or a target.'),
      dataset: textSchema(200).optional().describe('NAME, or NAME@VERSION.'),
    })
    .extend(pageQuery.shape),
});

const detailRoute = jsonRoute(sweepDetailSchema, { path: '/api/sweeps/{sweep}', summary: 'One sweep', params: sweepParam });

const configurationsRoute = bytesRoute({
  path: '/api/sweeps/{sweep}/configurations',
  summary: 'Method, k, seed and every varying parameter of all planned trials',
  params: sweepParam,
});

const outcomesRoute = bytesRoute({
  path: '/api/sweeps/{sweep}/outcomes',
  summary: 'Outcomes of the trials written after a revision',
  params: sweepParam,
  query: z.object({ since: z.coerce.number().int().min(0).optional() }),
});

const coverageRoute = jsonRoute(coverageSchema, {
  path: '/api/sweeps/{sweep}/coverage',
  summary: 'Covered variance by method and width, at the best configuration of each',
  params: sweepParam,
  query: z.object({ split: z.enum(['validation', 'test']).default('validation') }),
});

const importanceRoute = jsonRoute(importanceSchema, {
  path: '/api/sweeps/{sweep}/importance',
  summary: 'Hyperparameter importance for the validation score',
  params: sweepParam,
  query: z.object({ method: z.enum(METHODS).optional() }),
});

const histogramRoute = jsonRoute(histogramSchema, {
  path: '/api/sweeps/{sweep}/histogram',
  summary: 'Distribution of one column over trials',
  params: sweepParam,
  query: z.object({
    column: z.enum(COLUMN_NAMES.filter((name) => name !== 'trial') as [string, ...string[]]).default('validation'),
    where: whereSchema,
    bins: z.coerce.number().int().min(1).max(500).default(30),
  }),
});

/** Facts about a sweep's trials in the list. */
interface SweepGlance extends SweepStatistics {
  readonly counts: readonly MethodCounts[];
}

const GLANCE_BYTES = 1024;
const MAX_GLANCES = 10_000;
/** Life of a glance at a running sweep, whose time spans end now. */
const GLANCE_MILLISECONDS = 30_000;
/** Life of all outcomes of a running sweep: newer ones are requested by revision. */
const OUTCOMES_MILLISECONDS = 3000;
/** Maximum time that a page waits to hear whether a workflow works on the sweep. */
const LOSS_TIMEOUT_MILLISECONDS = 300;

export function addSweepRoutes(app: OpenAPIHono, query: QueryContext): void {
  const { temporal, responses } = query;
  const { sql } = query.db;
  const glances = new AsyncCache<SweepGlance>({ maxBytes: MAX_GLANCES * GLANCE_BYTES, bytesOf: () => GLANCE_BYTES });
  const settle = createSettling((row, timeoutMs) => settleSweep(query, row, { timeoutMs }), LOSS_TIMEOUT_MILLISECONDS);
  const training = cacheTraining((workflowId) => readTraining(temporal, workflowId));

  /** Part of versions of running sweeps, which change with time. */
  const glancePeriod = () => Math.floor(Date.now() / GLANCE_MILLISECONDS);

  const summarise = async (row: SweepRow): Promise<SweepSummary> => {
    const { version, allowStale } = cacheRequest(row);
    const current = row.state === 'running' ? `${version}.${glancePeriod()}` : version;
    const glance = await glances.get(row.id, { version: current, allowStale }, async () => {
      const until = new Date(row.startedAt.getTime() + row.elapsed * 1000);
      // Running sweeps are followed in memory; others are many, and do not change.
      const counting = row.state === 'running' ? query.table(row).then((table) => table.tally()) : countOutcomes(sql, row.id);
      const [counts, statistics] = await Promise.all([counting, computeSweepStatistics(sql, row, until)]);
      return { counts, ...statistics };
    });
    const [inTraining, trainers] = await Promise.all([trainingOf(row), listTrainers(sql)]);
    return { ...statusOf(row, glance.counts, inTraining, trainers), best: [...glance.best], pace: [...glance.pace] };
  };

  const trainingOf = async (row: SweepRow): Promise<Training> =>
    row.state === 'running' ? training(sweepWorkflowId(row)) : NOTHING_IN_TRAINING;

  app.openapi(listRoute, async (context) => {
    const { state = null, search = null, dataset = null, limit, cursor } = context.req.valid('query');
    const after = decodeCursor(positionSchema, cursor);
    const { sweeps, ...list } = await listSweepPage(sql, { state, search, dataset, limit, after });
    const isMoving = sweeps.some(({ state }) => state === 'running');
    const version = `${list.state.replaceAll(/[^\w-]/g, '')}${isMoving ? `.${glancePeriod()}` : ''}`;
    return respondWithEtag(context, version, async () => formatPage(list, await Promise.all(sweeps.map(summarise))));
  });

  app.openapi(detailRoute, async (context) => {
    const found = await findSweep(sql, context.req.valid('param').sweep);
    // First, since a workflow that was terminated still answers queries.
    const { row, loss } = await settle(found);
    const [inTraining, trainers] = await Promise.all([loss === null ? trainingOf(row) : NOTHING_IN_TRAINING, listTrainers(sql)]);
    const waiting = sha256(
      unservedRoutes(row.spec, trainers)
        .map((route) => describeMissingTrainer(route, trainers))
        .join(),
    ).slice(0, 8);
    const stage = `${inTraining.isRetrying ? '.retry' : ''}${loss === null ? '' : '.lost'}`;
    const moving = row.state === 'running' ? `.${inTraining.running}.${glancePeriod()}` : '';
    // `spec` is JSON, which an open record type cannot express.
    return respondWithEtag(context, `${revisionKey(row)}.${waiting}${stage}${moving}`, async () => {
      const [table, interpreted, widths] = await Promise.all([
        query.table(row),
        hasInterpretation(sql, row.id),
        readSufficientWidths(sql, row),
      ]);
      const temporalUrl = query.workflowUrl?.(sweepWorkflowId(row)) ?? null;
      return describeSweep(row, table, { inTraining, loss, trainers, temporalUrl, hasInterpretation: interpreted, ...widths });
    }) as never;
  });

  app.openapi(configurationsRoute, async (context) => {
    const { sweep } = context.req.valid('param');
    const row = await findSweep(sql, sweep);
    // A name may pass to another sweep; the space of an id never changes.
    const cached = { key: `configurations ${row.id}`, version: '', type: COLUMNS_TYPE, immutable: sweep === row.id };
    return respondCached<string>(context, responses, cached, () => encodeConfigurations(row.spec)) as never;
  });

  app.openapi(outcomesRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { since } = context.req.valid('query');
    const table = await query.table(row);
    const type = COLUMNS_TYPE;
    if (since !== undefined) {
      const version = `${row.id}.${table.revision}`;
      return respondBytes(context, version, () => encodeOutcomes(row, table, since), { type }) as never;
    }
    const allowStale = row.state === 'running';
    const freshness = { version: String(table.revision), allowStale, maxAgeMs: allowStale ? OUTCOMES_MILLISECONDS : 0 };
    const cached = { key: `outcomes ${row.id}`, ...freshness, type };
    return respondCached<string>(context, responses, cached, async () => encodeOutcomes(row, table, -1)) as never;
  });

  app.openapi(coverageRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { split } = context.req.valid('query');
    const cached = { key: `coverage ${row.id} ${split}`, ...cacheRequest(row) };
    return respondCached(context, responses, cached, async () => encodeJson(await computeCoverage(query, row, split)));
  });

  app.openapi(importanceRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { method = null } = context.req.valid('query');
    const cached = { key: `importance ${row.id} ${method ?? ''}`, ...cacheRequest(row) };
    return respondCached(context, responses, cached, async () => encodeJson(await computeImportance(query, row, method)));
  });

  app.openapi(histogramRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { column, where: filter, bins } = context.req.valid('query');
    const where = parseWhere(filter);
    return respondWithEtag(context, revisionKey(row), async () =>
      computeHistogram(row, await query.table(row), { column: column as ColumnName, where, bins }),
    );
  });
}
