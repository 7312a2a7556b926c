/** Sweeps: the list, one sweep, and what is drawn of its trials as a whole. */

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { hasInterpretation } from '../../../db/queries/sweeps/interpretation.ts';
import { computeSweepStatistics, listSweepPage, type SweepStatistics } from '../../../db/queries/sweeps/sweep-list.ts';
import { findSweep, type SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';
import { statusOf, trialsInPacks } from '../../../operations/sweeps.ts';
import { parseWhere } from '../../../search/columns/where.ts';
import { isFinished, SWEEP_STATES } from '../../../search/states.ts';
import { COLUMNS_TYPE } from '../../contract/columns.ts';
import { pageOf } from '../../contract/shared.ts';
import {
  coverageSchema,
  histogramSchema,
  importanceSchema,
  type SweepSummary,
  sweepDetailSchema,
  sweepSummarySchema,
} from '../../contract/sweeps.ts';
import {
  computeCoverage,
  computeHistogram,
  computeImportance,
  describeSweep,
  encodeConfigurations,
  encodeOutcomes,
} from '../answers/sweeps.ts';
import { AsyncCache } from '../cache/async-cache.ts';
import { createRunningCounts } from '../cache/running-counts.ts';
import { TABLE_COLUMNS } from '../cache/trial-table.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { respondWithEtag } from '../middleware/etag.ts';
import { isRunning, type QueryContext, revisionKey } from '../query-context.ts';
import { bytesRoute, createRouter, encodeJson, jsonRoute, limitSchema, respondCached } from '../responses.ts';

const sweepParam = z.object({ sweep: z.string().min(1).openapi({ description: 'Id, or the newest of a name.' }) });
const whereParam = z.string().max(2000).default('').openapi({ description: 'Such as method=eca,validation>=0.9.' });
const placeSchema = z
  .object({
    startedAt: z
      .string()
      .max(40)
      .regex(/^\d{4,}-[\d :.+-]+$/),
    id: z.string(),
  })
  .strict();

const listRoute = jsonRoute(pageOf(sweepSummarySchema), {
  path: '/api/sweeps',
  summary: 'Sweeps, newest first',
  query: z.object({
    state: z.enum(SWEEP_STATES).optional(),
    search: z.string().max(200).optional().openapi({ description: 'Part of a name or an id.' }),
    dataset: z.string().max(200).optional().openapi({ description: 'NAME, or NAME@VERSION.' }),
    limit: limitSchema,
    cursor: z.string().optional(),
  }),
});

const detailRoute = jsonRoute(sweepDetailSchema, { path: '/api/sweeps/{sweep}', summary: 'One sweep', params: sweepParam });

const configurationsRoute = bytesRoute({
  path: '/api/sweeps/{sweep}/configurations',
  summary: 'Method, k, seed and every parameter that varies, of all planned trials',
  params: sweepParam,
});

const outcomesRoute = bytesRoute({
  path: '/api/sweeps/{sweep}/outcomes',
  summary: 'What became of the trials that were written after a revision',
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
  summary: 'Which parameters the validation figure hangs on',
  params: sweepParam,
  query: z.object({ method: z.enum(METHODS).optional() }),
});

const histogramRoute = jsonRoute(histogramSchema, {
  path: '/api/sweeps/{sweep}/histogram',
  summary: 'How the values of one column are distributed over trials',
  params: sweepParam,
  query: z.object({
    column: z.enum(TABLE_COLUMNS.filter((name) => name !== 'trial') as [string, ...string[]]).default('validation'),
    where: whereParam,
    bins: z.coerce.number().int().min(1).max(500).default(30),
  }),
});

const GLANCE_BYTES = 1024;
const GLANCES = 10_000;
/** The spans of a sweep that runs end now: what was counted holds for so long. */
const GLANCE_MILLISECONDS = 30_000;
/** Outcomes say up to which revision they go: what came after is asked for. */
const OUTCOMES_MILLISECONDS = 3000;

export function sweepRoutes(reading: QueryContext): OpenAPIHono {
  const { parts, responses: answers } = reading;
  const { sql } = parts.db;
  const glances = new AsyncCache<SweepStatistics>({ maxBytes: GLANCES * GLANCE_BYTES, bytesOf: () => GLANCE_BYTES });
  const inTraining = createRunningCounts((sweepId) => trialsInPacks(parts.temporal, sweepId));

  /** What holds for a while only: the number of the while that it is. */
  const now = (milliseconds: number) => Math.floor(Date.now() / milliseconds);

  const summary = async (row: SweepRow): Promise<SweepSummary> => {
    const ended = isFinished(row.state);
    const state = ended ? revisionKey(row) : `${revisionKey(row)}.${now(GLANCE_MILLISECONDS)}`;
    const glance = await glances.get(row.id, { version: state, allowStale: isRunning(row) }, () =>
      computeSweepStatistics(sql, row, row.finishedAt ?? new Date()),
    );
    const running = await runningOf(row);
    return { ...statusOf(row, glance.counts, running), best: [...glance.best], pace: [...glance.pace] };
  };

  const runningOf = async (row: SweepRow): Promise<number> => (row.state === 'running' ? inTraining(row.id) : 0);

  const app = createRouter();

  app.openapi(listRoute, async (context) => {
    const { state = null, search = null, dataset = null, limit, cursor } = context.req.valid('query');
    const after = cursor === undefined ? null : decodeCursor(placeSchema, cursor);
    const list = await listSweepPage(sql, { state, search, dataset, limit, after });
    const moving = list.sweeps.some((row) => !isFinished(row.state));
    const hash = `${list.state.replaceAll(/[^\w-]/g, '')}${moving ? `.${now(GLANCE_MILLISECONDS)}` : ''}`;
    return respondWithEtag(context, { hash }, async () => ({
      items: await Promise.all(list.sweeps.map(summary)),
      matched: list.matched,
      total: list.total,
      next: list.next && encodeCursor(list.next),
    }));
  });

  app.openapi(detailRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    // `spec` is JSON, which the type of an open record does not tell.
    return respondWithEtag(context, { hash: revisionKey(row) }, async () => {
      const [table, running, interpreted] = await Promise.all([
        reading.table(row),
        runningOf(row),
        hasInterpretation(sql, row.id),
      ]);
      return describeSweep(row, table, {
        running,
        temporalUrl: parts.workflowUrl?.(row.id) ?? null,
        hasInterpretation: interpreted,
      });
    }) as never;
  });

  app.openapi(configurationsRoute, async (context) => {
    const { sweep } = context.req.valid('param');
    const row = await findSweep(sql, sweep);
    // A name may pass to another sweep; behind an id the space is always the same.
    const options = { type: COLUMNS_TYPE, immutable: sweep === row.id };
    return respondCached<string>(
      context,
      answers,
      `configurations ${row.id}`,
      { version: '' },
      () => encodeConfigurations(row.spec),
      options,
    ) as never;
  });

  app.openapi(outcomesRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { since } = context.req.valid('query');
    const table = await reading.table(row);
    if (since !== undefined) {
      const mark = { hash: `${row.id}.${table.revision}` };
      return respondWithEtag(context, mark, () => encodeOutcomes(table, since), { type: COLUMNS_TYPE }) as never;
    }
    const asking = { version: String(table.revision), maxAgeMs: isRunning(row) ? OUTCOMES_MILLISECONDS : 0 };
    const all = async () => encodeOutcomes(table, -1);
    return respondCached<string>(context, answers, `outcomes ${row.id}`, asking, all, { type: COLUMNS_TYPE }) as never;
  });

  app.openapi(coverageRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { split } = context.req.valid('query');
    const asking = { version: revisionKey(row), allowStale: isRunning(row) };
    return respondCached(context, answers, `coverage ${row.id} ${split}`, asking, async () =>
      encodeJson(await computeCoverage(reading, row, split)),
    );
  });

  app.openapi(importanceRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { method = null } = context.req.valid('query');
    const asking = { version: revisionKey(row), allowStale: isRunning(row) };
    return respondCached(context, answers, `importance ${row.id} ${method ?? ''}`, asking, async () =>
      encodeJson(await computeImportance(reading, row, await reading.table(row), method)),
    );
  });

  app.openapi(histogramRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { column, where, bins } = context.req.valid('query');
    const conditions = parseWhere(where);
    return respondWithEtag(context, { hash: revisionKey(row) }, async () =>
      computeHistogram(row, await reading.table(row), {
        column: column as (typeof TABLE_COLUMNS)[number],
        where: conditions,
        bins,
      }),
    );
  });

  return app;
}
