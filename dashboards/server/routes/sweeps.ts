/** Sweeps: the list, one sweep, and what is drawn of its trials as a whole. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { SWEEP_STATES } from '../../../db/enums.ts';
import { hasInterpretation } from '../../../db/queries/sweeps/interpretation.ts';
import { glanceAt, listSweepPage, type SweepGlance } from '../../../db/queries/sweeps/sweep-list.ts';
import { findSweep, type SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { METHODS } from '../../../models/engines/engine.ts';
import { statusOf, trialsInPacks } from '../../../operations/sweeps.ts';
import { parseWhere } from '../../../search/columns/where.ts';
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
import { configurationBytes, coverageOf, histogramOf, importanceOf, outcomeBytes, sweepDetail } from '../answers/sweeps.ts';
import { Remembered } from '../cache/async-cache.ts';
import { createInTraining } from '../cache/running-counts.ts';
import { TABLE_COLUMNS } from '../cache/trial-table.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { answer } from '../middleware/etag.ts';
import { hasEnded, isMoving, type Reading, stateOf } from '../query-context.ts';
import { answerKept, createRouter, getBytes, getJson, jsonBytes, limitSchema } from '../responses.ts';

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

const listRoute = getJson(pageOf(sweepSummarySchema), {
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

const detailRoute = getJson(sweepDetailSchema, { path: '/api/sweeps/{sweep}', summary: 'One sweep', params: sweepParam });

const configurationsRoute = getBytes({
  path: '/api/sweeps/{sweep}/configurations',
  summary: 'Method, k, seed and every parameter that varies, of all planned trials',
  params: sweepParam,
});

const outcomesRoute = getBytes({
  path: '/api/sweeps/{sweep}/outcomes',
  summary: 'What became of the trials that were written after a revision',
  params: sweepParam,
  query: z.object({ since: z.coerce.number().int().min(0).optional() }),
});

const coverageRoute = getJson(coverageSchema, {
  path: '/api/sweeps/{sweep}/coverage',
  summary: 'Covered variance by method and width, at the best configuration of each',
  params: sweepParam,
  query: z.object({ split: z.enum(['validation', 'test']).default('validation') }),
});

const importanceRoute = getJson(importanceSchema, {
  path: '/api/sweeps/{sweep}/importance',
  summary: 'Which parameters the validation figure hangs on',
  params: sweepParam,
  query: z.object({ method: z.enum(METHODS).optional() }),
});

const histogramRoute = getJson(histogramSchema, {
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

export function sweepRoutes(reading: Reading): OpenAPIHono {
  const { parts, answers } = reading;
  const { sql } = parts.db;
  const glances = new Remembered<SweepGlance>({ maxBytes: GLANCES * GLANCE_BYTES, bytesOf: () => GLANCE_BYTES });
  const inTraining = createInTraining((sweepId) => trialsInPacks(parts.temporal, sweepId));

  /** What holds for a while only: the number of the while that it is. */
  const now = (milliseconds: number) => Math.floor(Date.now() / milliseconds);

  const summary = async (row: SweepRow): Promise<SweepSummary> => {
    const ended = hasEnded(row);
    const state = ended ? stateOf(row) : `${stateOf(row)}.${now(GLANCE_MILLISECONDS)}`;
    const glance = await glances.get(row.id, { state, mayBeOld: isMoving(row) }, () =>
      glanceAt(sql, row, row.finishedAt ?? new Date()),
    );
    const running = await runningOf(row);
    return { ...statusOf(row, glance.counts, running), best: [...glance.best], pace: [...glance.pace] };
  };

  const runningOf = async (row: SweepRow): Promise<number> => (row.state === 'running' ? inTraining(row.id) : 0);

  const app = createRouter();

  app.openapi(listRoute, async (context) => {
    const { state = null, search = null, dataset = null, limit, cursor } = context.req.valid('query');
    const after = cursor === undefined ? null : readCursor(placeSchema, cursor);
    const list = await listSweepPage(sql, { state, search, dataset, limit, after });
    const moving = list.sweeps.some((row) => !hasEnded(row));
    const hash = `${list.state.replaceAll(/[^\w-]/g, '')}${moving ? `.${now(GLANCE_MILLISECONDS)}` : ''}`;
    return answer(context, { hash }, async () => ({
      items: await Promise.all(list.sweeps.map(summary)),
      matched: list.matched,
      total: list.total,
      next: list.next && writeCursor(list.next),
    }));
  });

  app.openapi(detailRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    // `spec` is JSON, which the type of an open record does not tell.
    return answer(context, { hash: stateOf(row) }, async () => {
      const [table, running, interpreted] = await Promise.all([
        reading.table(row),
        runningOf(row),
        hasInterpretation(sql, row.id),
      ]);
      return sweepDetail(row, table, {
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
    return answerKept<string>(
      context,
      answers,
      `configurations ${row.id}`,
      { state: '' },
      () => configurationBytes(row.spec),
      options,
    ) as never;
  });

  app.openapi(outcomesRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { since } = context.req.valid('query');
    const table = await reading.table(row);
    if (since !== undefined) {
      const mark = { hash: `${row.id}.${table.revision}` };
      return answer(context, mark, () => outcomeBytes(table, since), { type: COLUMNS_TYPE }) as never;
    }
    const asking = { state: String(table.revision), goodFor: isMoving(row) ? OUTCOMES_MILLISECONDS : 0 };
    const all = async () => outcomeBytes(table, -1);
    return answerKept<string>(context, answers, `outcomes ${row.id}`, asking, all, { type: COLUMNS_TYPE }) as never;
  });

  app.openapi(coverageRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { split } = context.req.valid('query');
    const asking = { state: stateOf(row), mayBeOld: isMoving(row) };
    return answerKept(context, answers, `coverage ${row.id} ${split}`, asking, async () =>
      jsonBytes(await coverageOf(reading, row, split)),
    );
  });

  app.openapi(importanceRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { method = null } = context.req.valid('query');
    const asking = { state: stateOf(row), mayBeOld: isMoving(row) };
    return answerKept(context, answers, `importance ${row.id} ${method ?? ''}`, asking, async () =>
      jsonBytes(await importanceOf(reading, row, await reading.table(row), method)),
    );
  });

  app.openapi(histogramRoute, async (context) => {
    const row = await findSweep(sql, context.req.valid('param').sweep);
    const { column, where, bins } = context.req.valid('query');
    const conditions = parseWhere(where);
    return answer(context, { hash: stateOf(row) }, async () =>
      histogramOf(row, await reading.table(row), { column: column as (typeof TABLE_COLUMNS)[number], where: conditions, bins }),
    );
  });

  return app;
}
