/** Retrainings: the list, one retraining, its runs, shards and notifications. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { RETRAIN_OUTCOMES, type RetrainOutcome } from '../../../db/enums.ts';
import { listChampionHistory } from '../../../db/queries/retraining/champions.ts';
import { type EventRow, listEventsOfRun } from '../../../db/queries/retraining/notifications.ts';
import {
  findNewestVersions,
  listConcludedRuns,
  listEventPage,
  listMessagesOfEvents,
  listRunPage,
  listShardPage,
  listVersionGrowth,
  loadTestScores,
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
import { NarrowsError, notFound } from '../../../errors.ts';
import { compareCells } from '../../../models/methods/catalogue.ts';
import { describeStage } from '../../../operations/retraining/runs.ts';
import { readScheduleWithinTimeout } from '../../../operations/retraining/schedules.ts';
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
import { keySchema, pageOf, textSchema } from '../../contract/shared.ts';
import { buildHistory, formatEvent, formatRetraining, formatRun, formatShard, formatVersion } from '../answers/retraining.ts';
import { decodeCursor, formatPage, timestampSchema } from '../cursor.ts';
import type { ServerDependencies } from '../dependencies.ts';
import type { QueryContext } from '../query-context.ts';
import { respondJson } from '../responses.ts';
import { jsonRoute, pageQuery } from '../route-definitions.ts';

export const nameParam = z.object({ retraining: keySchema });
const positionSchema = z.object({ at: timestampSchema, id: textSchema(10_000) }).strict();
const eventPositionSchema = positionSchema.extend({ id: z.uuid() });

const listRoute = jsonRoute(z.object({ items: z.array(retrainingSchema) }), {
  path: '/api/retrainings',
  summary: 'Retrainings by name, each with its schedule and last run',
});
const detailRoute = jsonRoute(retrainingDetailSchema, {
  path: '/api/retrainings/{retraining}',
  summary: 'One retraining, possibly removed',
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
      .describe(`One or more of ${RETRAIN_OUTCOMES.join(', ')}, separated by commas.`),
  }),
});
const runRoute = jsonRoute(retrainRunDetailSchema, {
  path: '/api/retrainings/{retraining}/runs/{run}',
  summary: 'Results, decisions and notifications of one run',
  params: nameParam.extend({ run: keySchema }),
});
const historyRoute = jsonRoute(retrainHistorySchema, {
  path: '/api/retrainings/{retraining}/history',
  summary: 'Covered variance of its champions by data version',
  params: nameParam,
});
const shardsRoute = jsonRoute(pageOf(shardSchema), {
  path: '/api/retrainings/{retraining}/shards',
  summary: 'Shards from its sources, newest first',
  params: nameParam,
  query: pageQuery,
});
const eventsRoute = jsonRoute(pageOf(retrainEventSchema), {
  path: '/api/retrainings/{retraining}/events',
  summary: 'Its notifications, newest first',
  params: nameParam,
  query: pageQuery,
});

export function addRetrainingRoutes(app: OpenAPIHono, query: QueryContext): void {
  const { sql } = query.db;

  app.openapi(listRoute, async (context) => {
    return respondJson(context, { items: await loadRetrainings(query, await listRetrainings(sql)) });
  });

  app.openapi(detailRoute, async (context) => {
    const row = await findRetrainingOfRun(sql, context.req.valid('param').retraining);
    const [answer] = await loadRetrainings(query, [row]);
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
    const { name } = await findRetrainingOfRun(sql, context.req.valid('param').retraining);
    const { limit, cursor, outcome } = context.req.valid('query');
    const outcomes = outcome === undefined ? null : parseOutcomes(outcome);
    const page = await listRunPage(sql, { name, limit, after: decodeCursor(positionSchema, cursor), outcomes });
    return respondJson(context, formatPage(page, page.rows.map(formatRun)));
  });

  app.openapi(runRoute, async (context) => {
    const { retraining, run } = context.req.valid('param');
    const row = await findRetrainingOfRun(sql, retraining);
    const found = await findRun(sql, run);
    if (found.name !== row.name)
      throw notFound('run-unknown', `"${row.name}" has no run "${run}"`, 'run', `see "narrows retrain show ${row.name}"`);
    return respondJson(context, await describeRun(row, found));
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
    const page = await listShardPage(sql, { name, limit, after: decodeCursor(positionSchema, cursor) });
    return respondJson(context, formatPage(page, page.rows.map(formatShard)));
  });

  app.openapi(eventsRoute, async (context) => {
    const { name } = await findRetrainingOfRun(sql, context.req.valid('param').retraining);
    const { limit, cursor } = context.req.valid('query');
    const page = await listEventPage(sql, { name, limit, after: decodeCursor(eventPositionSchema, cursor) });
    return respondJson(context, formatPage(page, await formatEvents(page.rows)));
  });

  async function formatEvents(events: readonly EventRow[]) {
    const ids = events.map(({ id }) => id);
    const messages = await listMessagesOfEvents(sql, ids);
    return events.map((event) => formatEvent(event, messages));
  }

  async function describeRun(row: RetrainingRow, run: RetrainRunRow): Promise<RetrainRunDetail> {
    const { fromVersion, toVersion, sweepIds, drift, challenges } = run;
    const wanted = [fromVersion, toVersion].filter((version) => version !== null);
    const [versions, sweeps, events, champions, stage] = await Promise.all([
      listVersionGrowth(sql, row.dataset, wanted),
      findSweepsById(sql, sweepIds ?? []),
      listEventsOfRun(sql, run.id).then(formatEvents),
      listChampionHistory(sql, row.name),
      run.outcome === 'running' ? describeStage(query.db, run) : null,
    ]);
    const findVersion = (version: string | null) => {
      const found = versions.find((one) => one.version === version);
      return found ? formatVersion(found) : null;
    };
    return {
      ...formatRun(run),
      dataset: row.dataset,
      target: row.target,
      margin: row.options.margin,
      stage,
      from: findVersion(fromVersion),
      to: findVersion(toVersion),
      drift: drift && { ...drift, descriptors: drift.descriptors.map((one) => ({ ...one })) },
      challenges: challenges && (structuredClone(challenges) as NonNullable<RetrainRunDetail['challenges']>),
      trained: (sweepIds ?? []).flatMap((id) => {
        const sweep = sweeps.find((one) => one.id === id);
        return sweep ? [{ sweepId: id, name: sweep.name, state: sweep.state }] : [];
      }),
      champions: champions
        .filter(({ runId }) => runId === run.id)
        .toSorted(compareCells)
        .map(({ id, method, k, trialId, until }) => ({ championId: id, method, k, trialId, inUse: until === null })),
      events,
    };
  }
}

/** Returns retrainings with their schedules; their state is unknown while Temporal is silent. */
export async function loadRetrainings(
  { db, temporal }: Pick<ServerDependencies, 'db' | 'temporal'>,
  rows: readonly RetrainingRow[],
): Promise<Retraining[]> {
  const names = rows.map(({ name }) => name);
  const datasets = rows.map(({ dataset }) => dataset);
  const [summaries, newest, schedules] = await Promise.all([
    summariseRetrainings(db.sql, names),
    findNewestVersions(db.sql, datasets),
    Promise.all(rows.map((row) => (row.removedAt ? null : readScheduleWithinTimeout(temporal, row)))),
  ]);
  return rows.map((row, i) => {
    const summary = summaries.get(row.name) ?? { champions: 0, lastRun: null };
    return formatRetraining(row, schedules[i] ?? null, summary, newest.get(row.dataset) ?? null);
  });
}

/** Throws NarrowsError `parameter-invalid`. */
function parseOutcomes(text: string): RetrainOutcome[] {
  return text.split(',').map((name) => {
    const known = RETRAIN_OUTCOMES.find((one) => one === name.trim());
    if (known) return known;
    throw new NarrowsError('parameter-invalid', `"${name}" is not a valid outcome of a run`, {
      path: 'outcome',
      fix: `use one or more of ${RETRAIN_OUTCOMES.join(', ')}, separated by commas`,
    });
  });
}
