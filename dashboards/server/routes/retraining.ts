/** Retrainings: the list, one of them, its runs, what its sources brought, what people are told. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { RETRAIN_OUTCOMES, type RetrainOutcome } from '../../../db/enums.ts';
import { listChampionHistory } from '../../../db/queries/retraining/champions.ts';
import { type EventRow, listEventsOfRun } from '../../../db/queries/retraining/notifications.ts';
import {
  type Cursor,
  findNewestVersions,
  listConcludedRuns,
  listEventPage,
  listMessagesOfEvents,
  listRunPage,
  listShardPage,
  listVersionGrowth,
  loadTestScores,
  type RowPage,
  summariseRetrainings,
} from '../../../db/queries/retraining/pages.ts';
import {
  findRetrainingOfRun,
  findRun,
  listRetrainings,
  type RetrainingRow,
  type RetrainRunRow,
} from '../../../db/queries/retraining/retrainings.ts';
import { findSweepsById } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';
import { describeStage, readScheduleWithinTimeout } from '../../../operations/retraining.ts';
import { specDocument } from '../../../search/spec-document.ts';
import { formatSpec } from '../../../search/spec-text.ts';
import {
  type Retraining,
  type RetrainingDetail,
  type RetrainRunDetail,
  retrainEventSchema,
  retrainHistorySchema,
  retrainingDetailSchema,
  retrainingSchema,
  retrainRunDetailSchema,
  retrainRunSchema,
  shardSchema,
} from '../../contract/retraining.ts';
import { type Page, pageOf } from '../../contract/shared.ts';
import { buildHistory, formatEvent, formatRetraining, formatRun, formatShard, formatVersion } from '../answers/retraining.ts';
import type { ServerDependencies } from '../app.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { QueryContext } from '../query-context.ts';
import { createRouter, jsonRoute, limitSchema, respondJson } from '../responses.ts';

const nameParam = z.object({ retraining: z.string().min(1) });
const pageQuery = z.object({ limit: limitSchema, cursor: z.string().optional() });
const placeSchema = z
  .object({
    at: z
      .string()
      .max(40)
      .regex(/^\d{4,}-[\d :.+-]+$/),
    id: z.string().max(10_000),
  })
  .strict();
const eventPlaceSchema = placeSchema.extend({ id: z.uuid() });

const listRoute = jsonRoute(z.object({ items: z.array(retrainingSchema) }), {
  path: '/api/retrainings',
  summary: 'Retrainings by name, each with its schedule and what its last run came to',
});
const detailRoute = jsonRoute(retrainingDetailSchema, {
  path: '/api/retrainings/{retraining}',
  summary: 'One retraining, also one that was removed',
  params: nameParam,
});
const runsRoute = jsonRoute(pageOf(retrainRunSchema), {
  path: '/api/retrainings/{retraining}/runs',
  summary: 'Its runs, newest first',
  params: nameParam,
  query: pageQuery.extend({
    outcome: z
      .string()
      .max(200)
      .optional()
      .openapi({ description: `One or several, joined by commas, of ${RETRAIN_OUTCOMES.join(', ')}.` }),
  }),
});
const runRoute = jsonRoute(retrainRunDetailSchema, {
  path: '/api/retrainings/{retraining}/runs/{run}',
  summary: 'What one run found, decided and told',
  params: nameParam.extend({ run: z.string().min(1) }),
});
const historyRoute = jsonRoute(retrainHistorySchema, {
  path: '/api/retrainings/{retraining}/history',
  summary: 'What its champions cover, version after version of the data',
  params: nameParam,
});
const shardsRoute = jsonRoute(pageOf(shardSchema), {
  path: '/api/retrainings/{retraining}/shards',
  summary: 'What its sources have brought, newest first',
  params: nameParam,
  query: pageQuery,
});
const eventsRoute = jsonRoute(pageOf(retrainEventSchema), {
  path: '/api/retrainings/{retraining}/events',
  summary: 'What people are told of it, newest first',
  params: nameParam,
  query: pageQuery,
});

export function retrainingRoutes({ parts }: QueryContext): OpenAPIHono {
  const { db } = parts;
  const { sql } = db;
  const app = createRouter();

  app.openapi(listRoute, async (context) => {
    const rows = await listRetrainings(sql);
    return respondJson(context, { items: await loadRetrainings(parts, rows) });
  });

  app.openapi(detailRoute, async (context) => {
    const row = await findRetrainingOfRun(sql, context.req.valid('param').retraining);
    const [answer] = await loadRetrainings(parts, [row]);
    const { settle, margin, alpha, scope, onlyOnDrift, schedule } = row.options;
    const { overlap, catchUp, jitter } = schedule;
    const detail: RetrainingDetail = {
      ...(answer as Retraining),
      options: { settle, margin, alpha, scope, onlyOnDrift, overlap, catchUp, jitter },
      yaml: formatSpec(specDocument(row.spec, row.dataset)),
    };
    return respondJson(context, detail);
  });

  app.openapi(runsRoute, async (context) => {
    const { retraining, ...asked } = { ...context.req.valid('param'), ...context.req.valid('query') };
    const { name } = await findRetrainingOfRun(sql, retraining);
    const page = await listRunPage(sql, {
      name,
      limit: asked.limit,
      after: placeIn(asked.cursor),
      outcomes: asked.outcome === undefined ? null : outcomesIn(asked.outcome),
    });
    return respondJson(context, pageAnswer(page, formatRun));
  });

  app.openapi(runRoute, async (context) => {
    const { retraining, run } = context.req.valid('param');
    const row = await findRetrainingOfRun(sql, retraining);
    const found = await findRun(sql, run);
    if (found.name !== row.name) throw runUnknown(row.name, run);
    return respondJson(context, await runDetail(row, found));
  });

  app.openapi(historyRoute, async (context) => {
    const { name, dataset } = await findRetrainingOfRun(sql, context.req.valid('param').retraining);
    const [champions, runs, versions] = await Promise.all([
      listChampionHistory(sql, name),
      listConcludedRuns(sql, name),
      listVersionGrowth(sql, dataset),
    ]);
    return respondJson(context, buildHistory(champions, runs, versions, await loadTestScores(sql, champions)));
  });

  app.openapi(shardsRoute, async (context) => {
    const { name } = await findRetrainingOfRun(sql, context.req.valid('param').retraining);
    const { limit, cursor } = context.req.valid('query');
    return respondJson(context, pageAnswer(await listShardPage(sql, { name, limit, after: placeIn(cursor) }), formatShard));
  });

  app.openapi(eventsRoute, async (context) => {
    const { name } = await findRetrainingOfRun(sql, context.req.valid('param').retraining);
    const { limit, cursor } = context.req.valid('query');
    const after = cursor === undefined ? null : decodeCursor(eventPlaceSchema, cursor);
    const page = await listEventPage(sql, { name, limit, after });
    return respondJson(
      context,
      pageAnswer({ ...page, rows: await withMessages(page.rows) }, (event) => event),
    );
  });

  async function withMessages(events: readonly EventRow[]) {
    const messages = await listMessagesOfEvents(
      sql,
      events.map(({ id }) => id),
    );
    return events.map((event) => formatEvent(event, messages));
  }

  async function runDetail(row: RetrainingRow, run: RetrainRunRow): Promise<RetrainRunDetail> {
    const { fromVersion, toVersion, sweepIds, drift, challenges } = run;
    const asked = [fromVersion, toVersion].filter((version) => version !== null);
    const [versions, sweeps, events, champions, stage] = await Promise.all([
      listVersionGrowth(sql, row.dataset, asked),
      findSweepsById(sql, sweepIds ?? []),
      listEventsOfRun(sql, run.id).then(withMessages),
      listChampionHistory(sql, row.name),
      run.outcome === 'running' ? describeStage(db, run) : null,
    ]);
    const version = (wanted: string | null) => {
      const found = versions.find((one) => one.version === wanted);
      return found ? formatVersion(found) : null;
    };
    return {
      ...formatRun(run),
      dataset: row.dataset,
      target: row.target,
      margin: row.options.margin,
      stage,
      from: version(fromVersion),
      to: version(toVersion),
      drift: drift && { ...drift, descriptors: drift.descriptors.map((one) => ({ ...one })) },
      challenges: challenges && (structuredClone(challenges) as NonNullable<RetrainRunDetail['challenges']>),
      trained: (sweepIds ?? []).flatMap((id) => {
        const sweep = sweeps.find((one) => one.id === id);
        return sweep ? [{ sweepId: id, name: sweep.name, state: sweep.state }] : [];
      }),
      champions: champions
        .filter(({ runId }) => runId === run.id)
        .toSorted((a, b) => METHODS.indexOf(a.method) - METHODS.indexOf(b.method) || a.k - b.k)
        .map(({ id, method, k, trialId, until }) => ({ championId: id, method, k, trialId, inUse: until === null })),
      events,
    };
  }

  return app;
}

/** Retrainings as they stand; while Temporal does not answer, without what it knows of their schedules. */
export async function loadRetrainings(
  { db, temporal }: Pick<ServerDependencies, 'db' | 'temporal'>,
  rows: readonly RetrainingRow[],
): Promise<Retraining[]> {
  const [glances, newest, schedules] = await Promise.all([
    summariseRetrainings(
      db.sql,
      rows.map(({ name }) => name),
    ),
    findNewestVersions(
      db.sql,
      rows.map(({ dataset }) => dataset),
    ),
    Promise.all(rows.map((row) => (row.removedAt ? null : readScheduleWithinTimeout(temporal, row.name)))),
  ]);
  return rows.map((row, i) =>
    formatRetraining(
      row,
      schedules[i] ?? null,
      glances.get(row.name) ?? { champions: 0, lastRun: null },
      newest.get(row.dataset) ?? null,
    ),
  );
}

const placeIn = (cursor: string | undefined): Cursor | null => (cursor === undefined ? null : decodeCursor(placeSchema, cursor));

function pageAnswer<Row, Item>(
  { rows, matched, total, next }: RowPage<Row>,
  item: (row: Row) => Item,
): Page<Item> & { items: Item[] } {
  return { items: rows.map(item), matched, total, next: next && encodeCursor(next) };
}

/** Throws NarrowsError `parameter-invalid`. */
function outcomesIn(text: string): RetrainOutcome[] {
  return text.split(',').map((word) => {
    const known = RETRAIN_OUTCOMES.find((one) => one === word.trim());
    if (known) return known;
    throw new NarrowsError('parameter-invalid', `"${word}" is no outcome of a run`, {
      path: 'outcome',
      fix: `use some of ${RETRAIN_OUTCOMES.join(', ')}, joined by commas`,
    });
  });
}

function runUnknown(name: string, run: string): NarrowsError {
  return new NarrowsError('run-unknown', `"${name}" has no run "${run}"`, {
    path: 'run',
    fix: `see "narrows retrain show ${name}"`,
    kind: 'not-found',
  });
}
