/**
 * What a person may ask of retrainings, by command or over HTTP: start, follow, steer, roll back.
 * Prints nothing.
 */

import type { ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import {
  type ChampionRow,
  findChampion,
  findChampionById,
  findRollbackReplacement,
  listCurrentChampions,
  registerChampion,
  restorePreviousChampion,
} from '../db/queries/retraining/champions.ts';
import { notifyRetrainingChange } from '../db/queries/retraining/change-feed.ts';
import { recordEvent } from '../db/queries/retraining/notifications.ts';
import {
  findRetraining,
  listRetrainings,
  listRuns,
  markRetrainingRemoved,
  type RetrainingRow,
  type RetrainRunRow,
  saveRetraining,
} from '../db/queries/retraining/retrainings.ts';
import { findSweep, type SweepRow } from '../db/queries/sweeps/sweeps.ts';
import { findBestTrials } from '../db/queries/trials/results.ts';
import { NarrowsError } from '../errors.ts';
import { canonicalJson } from '../models/canonical-json.ts';
import type { Method } from '../models/methods/catalogue.ts';
import type { RetrainOptions, Schedule } from '../search/retraining.ts';
import { countFinished, isFinished } from '../search/states.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import { notifyWorkflowId, type RetrainInput, scheduleId } from '../workflows/retrain-input.ts';
import { TASK_QUEUES } from '../workflows/task-queues.ts';
import { type CheckedSpec, readSweep, type Servers } from './sweeps.ts';

export interface NewRetraining {
  readonly name: string;
  readonly checked: CheckedSpec;
  readonly options: RetrainOptions;
  /**
   * A finished sweep whose best trials become the first champions; null: the first run trains one.
   */
  readonly adopt: string | null;
}

/**
 * Writes the retraining's row and its schedule, or neither. Without champions the first run starts
 * at once. Throws NarrowsError `retraining-exists`, `sweep-unfit`, `sweep-unknown`,
 * `schedule-invalid`, `url-unfit`.
 */
export async function startRetraining(
  { db, temporal }: Servers,
  { name, checked, options, adopt }: NewRetraining,
): Promise<RetrainingRow> {
  checkUrl(options.url);
  const { spec, dataset } = checked;
  const adopted = adopt === null ? null : await findSweep(db.sql, adopt);
  if (adopted) checkAdopted(adopted, checked);
  await db.sql.begin(async (sql) => {
    if (!(await saveRetraining(sql, { name, spec, dataset: dataset.name, target: spec.target, options }))) {
      throw new NarrowsError('retraining-exists', `there is a retraining "${name}" already`, {
        path: 'name',
        fix: `take another name with --name, or remove it with "narrows retrain remove ${name}"`,
      });
    }
    if (adopted) {
      const cells = adopted.spec.methods.flatMap((method) => adopted.spec.space.k.map((k) => ({ method, k })));
      const about = {
        name,
        dataset: dataset.name,
        target: spec.target,
        sweepId: adopted.id,
        datasetVersion: adopted.datasetVersion,
      };
      for (const { method, k, trialId } of await findBestTrials(sql, adopted.id, cells))
        await registerChampion(sql, 'adopted', { ...about, method, k, trialId, runId: null });
    }
    const first = (await listCurrentChampions(sql, name)).length === 0;
    // Last, so that what the database refuses leaves no schedule behind. One of this name without a
    // row was left by an interruption.
    await createSchedule({ temporal }, name, options.schedule, first);
  });
  return findRetraining(db.sql, name);
}

function checkUrl(url: string | null): void {
  if (url === null) return;
  const unfit = (message: string) =>
    new NarrowsError('url-unfit', message, { path: 'url', fix: 'write https://host/archive.zip' });
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw unfit('the source is no http or https URL');
  const { username, password } = new URL(url);
  // It is stored, and shown.
  if (username || password) throw unfit('the URL holds a password, which would be stored and shown');
}

function checkAdopted(sweep: SweepRow, { spec, dataset }: CheckedSpec): void {
  const unfit = (message: string) =>
    new NarrowsError('sweep-unfit', message, { path: 'adopt', fix: 'adopt a finished sweep of this spec' });
  if (sweep.state !== 'completed' && sweep.state !== 'partial') throw unfit(`the sweep ${sweep.name} is ${sweep.state}`);
  if (sweep.dataset !== dataset.name || sweep.target !== spec.target)
    throw unfit(`the sweep ${sweep.name} is of ${sweep.dataset} ${sweep.target}, the spec of ${dataset.name} ${spec.target}`);
  // Its hold-out would be in the training rows of the challengers.
  if (canonicalJson(sweep.spec.split) !== canonicalJson(spec.split)) throw unfit(`the sweep ${sweep.name} was split otherwise`);
}

async function createSchedule(
  { temporal }: Pick<Servers, 'temporal'>,
  name: string,
  { every, cron, overlap, catchUp, jitter }: Schedule,
  fireAtOnce: boolean,
): Promise<void> {
  const options = {
    scheduleId: scheduleId(name),
    spec: {
      ...(every !== null && { intervals: [{ every: every * 1000 }] }),
      ...(cron !== null && { cronExpressions: [cron] }),
      jitter: jitter * 1000,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'retrain',
      workflowId: scheduleId(name),
      taskQueue: TASK_QUEUES.orchestrator,
      args: [{ name } satisfies RetrainInput],
    },
    policies: {
      overlap: overlap === 'skip' ? ('SKIP' as const) : ('BUFFER_ONE' as const),
      catchupWindow: catchUp * 1000,
    },
  };
  try {
    await temporal.schedule.create(options).catch(async (error: unknown) => {
      if (!isNamed(error, 'ScheduleAlreadyRunning')) throw error;
      await temporal.schedule.getHandle(scheduleId(name)).delete();
      await temporal.schedule.create(options);
    });
    // Not as part of its creation: a run that began that way does not keep the schedule's next
    // firing waiting.
    if (fireAtOnce) await temporal.schedule.getHandle(options.scheduleId).trigger('BUFFER_ONE');
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { details?: string } };
    const said = cause?.details ?? message;
    if (!/cron|interval|calendar/i.test(said)) throw error;
    throw new NarrowsError('schedule-invalid', `the schedule is not accepted: ${said}`, {
      path: cron === null ? 'every' : 'cron',
      fix: 'write --every 1h, or --cron "0 3 * * *"',
      cause: error,
    });
  }
}

export interface ScheduleStatus {
  /** 'missing': Temporal knows of none (a home whose Temporal data were removed). */
  readonly state: 'active' | 'paused' | 'missing';
  /** Firings to come, soonest first; none while it is paused. */
  readonly next: readonly Date[];
}

export async function readSchedule(servers: Pick<Servers, 'temporal'>, name: string): Promise<ScheduleStatus> {
  const described = await describeSchedule(servers, name);
  if (described === null) return { state: 'missing', next: [] };
  return described.state.paused ? { state: 'paused', next: [] } : { state: 'active', next: described.info.nextActionTimes };
}

/** What a look at a schedule may take, in milliseconds, before it is unknown. */
const PATIENCE_MILLISECONDS = 1500;

/** null where Temporal does not answer in time. */
export async function readScheduleWithinTimeout(temporal: Servers['temporal'], name: string): Promise<ScheduleStatus | null> {
  try {
    return await temporal.withDeadline(Date.now() + PATIENCE_MILLISECONDS, () => readSchedule({ temporal }, name));
  } catch {
    return null;
  }
}

/** The contract's `retrain ls`. */
export interface RetrainingStatus {
  readonly name: string;
  readonly dataset: string;
  readonly target: string;
  readonly options: RetrainOptions;
  readonly schedule: ScheduleStatus['state'];
  readonly nextRun: string | null;
  readonly champions: number;
  readonly lastRun: RetrainRunRow | null;
}

export async function readRetraining(servers: Servers, row: RetrainingRow): Promise<RetrainingStatus> {
  const [champions, [lastRun], { state, next }] = await Promise.all([
    listCurrentChampions(servers.db.sql, row.name),
    listRuns(servers.db.sql, row.name, 1),
    readSchedule(servers, row.name),
  ]);
  return {
    name: row.name,
    dataset: row.dataset,
    target: row.target,
    options: row.options,
    schedule: state,
    nextRun: next[0]?.toISOString() ?? null,
    champions: champions.length,
    lastRun: lastRun ?? null,
  };
}

export async function readRetrainings(servers: Servers): Promise<RetrainingStatus[]> {
  const rows = await listRetrainings(servers.db.sql);
  return Promise.all(rows.map((row) => readRetraining(servers, row)));
}

async function describeSchedule({ temporal }: Pick<Servers, 'temporal'>, name: string): Promise<ScheduleDescription | null> {
  try {
    return await temporal.schedule.getHandle(scheduleId(name)).describe();
  } catch (error) {
    if (isNamed(error, 'ScheduleNotFoundError')) return null;
    throw error;
  }
}

/** A firing, by its workflow. */
export interface TriggeredRun {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}

const LOOK_MILLISECONDS = 100;

/**
 * Fires now; during another run, once that has ended. Resolves as soon as that is certain. Throws
 * NarrowsError `retraining-unknown`, `schedule-missing`.
 */
export async function triggerRetraining(servers: Servers, name: string): Promise<void> {
  await (await handleOf(servers, name)).trigger('BUFFER_ONE');
}

/**
 * Fires now; during another run, once that has ended. Resolves once it has begun, or when the
 * signal is aborted with its reason.
 */
export async function triggerRun(servers: Servers, name: string, signal: AbortSignal): Promise<TriggeredRun> {
  await findRetraining(servers.db.sql, name);
  const before = new Set((await triggeredRuns(servers, name)).map(({ firstExecutionRunId }) => firstExecutionRunId));
  await triggerRetraining(servers, name);
  for (;;) {
    const begun = (await triggeredRuns(servers, name)).find(({ firstExecutionRunId }) => !before.has(firstExecutionRunId));
    if (begun) return begun;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

async function triggeredRuns(servers: Servers, name: string): Promise<TriggeredRun[]> {
  const described = await describeSchedule(servers, name);
  return (described?.info.recentActions ?? []).flatMap(({ action }) =>
    action.type === 'startWorkflow' ? [action.workflow] : [],
  );
}

/** Throws NarrowsError `retraining-unknown`, `schedule-missing`. */
async function handleOf(servers: Servers, name: string): Promise<ScheduleHandle> {
  await findRetraining(servers.db.sql, name);
  if ((await describeSchedule(servers, name)) === null) {
    throw new NarrowsError('schedule-missing', `Temporal knows of no schedule of "${name}"`, {
      path: 'name',
      fix: `make it anew: "narrows retrain remove ${name}", then start it again; the champions stay`,
      kind: 'failure',
    });
  }
  return servers.temporal.schedule.getHandle(scheduleId(name));
}

export async function pauseRetraining(servers: Servers, name: string): Promise<void> {
  await (await handleOf(servers, name)).pause();
  await notifyRetrainingChange(servers.db.sql, { name });
}

export async function resumeRetraining(servers: Servers, name: string): Promise<void> {
  await (await handleOf(servers, name)).unpause();
  await notifyRetrainingChange(servers.db.sql, { name });
}

/** Fires for every time of the schedule between these two, one after the other. */
export async function backfillRetraining(servers: Servers, name: string, from: Date, to: Date): Promise<void> {
  if (from >= to) {
    throw new NarrowsError('range-empty', `--from ${from.toISOString()} is not before --to ${to.toISOString()}`, {
      path: 'from',
    });
  }
  await (await handleOf(servers, name)).backfill({ start: from, end: to, overlap: 'BUFFER_ALL' });
}

/** The schedule goes; a run under way goes on to its end, and champions, runs and events stay. */
export async function removeRetraining(servers: Servers, name: string): Promise<void> {
  await findRetraining(servers.db.sql, name);
  await servers.temporal.schedule
    .getHandle(scheduleId(name))
    .delete()
    .catch((error: unknown) => {
      if (!isNamed(error, 'ScheduleNotFoundError')) throw error;
    });
  await markRetrainingRemoved(servers.db.sql, name);
}

/**
 * The champion before takes its place again; people are told. Throws NarrowsError
 * `champion-unknown`, `nothing-to-roll-back`.
 */
export async function rollBackChampion(servers: Servers, name: string, method: Method, k: number): Promise<ChampionRow> {
  const { id } = await findChampion(servers.db.sql, name, method, k);
  return rollBackFrom(servers, id);
}

/**
 * Takes this champion out of use: the one before takes its place, and people are told. Asked for
 * again, it changes nothing and answers the same. Throws NarrowsError `champion-unknown`,
 * `champion-ended` where another was promoted in its place, `nothing-to-roll-back`.
 */
export async function rollBackFrom({ db, temporal }: Servers, id: number): Promise<ChampionRow> {
  const asked = await findChampionById(db.sql, id);
  const champion =
    (await findRollbackReplacement(db.sql, asked)) ??
    (await restorePreviousChampion(db.sql, asked, async (sql, to, replacement) => {
      const { name, method, k } = asked;
      const text = `${name}: ${METHOD_STYLES[method].label} at k = ${k} was rolled back\nTrial ${to.trialId}, trained on ${shortly(to)}, is in use again; ${asked.trialId}, trained on ${shortly(asked)}, is not.`;
      const payload = { method, k, trialId: to.trialId, instead: asked.trialId };
      await recordEvent(sql, { kind: 'rollback', name, runId: rollBackId(name, replacement), subject: '', text, payload });
    }));
  const runId = rollBackId(champion.name, champion.id);
  await temporal.workflow
    .start('tell', {
      workflowId: notifyWorkflowId(runId),
      taskQueue: TASK_QUEUES.orchestrator,
      args: [{ runId, name: champion.name }],
      // What was told is not told again.
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    })
    .catch((error: unknown) => {
      if (!isNamed(error, 'WorkflowExecutionAlreadyStartedError')) throw error;
    });
  return champion;
}

/** What the event of a roll-back belongs to in place of a run. */
const rollBackId = (name: string, replacement: number): string => `rollback-${name}-${replacement}`;

const shortly = ({ dataset, datasetVersion }: ChampionRow) => `${dataset}@${datasetVersion.slice(0, 12)}`;

/** By name, so that the client's library is loaded only where a connection is made. */
function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/**
 * A run by its id, or by enough of its id's beginning or end to tell. Throws NarrowsError
 * `run-unknown`.
 */
export async function findRunByReference(db: Database, name: string, reference: string): Promise<RetrainRunRow> {
  await findRetraining(db.sql, name);
  const runs = await listRuns(db.sql, name, 100_000);
  const found =
    runs.find(({ id }) => id === reference) ?? runs.find(({ id }) => id.startsWith(reference) || id.endsWith(reference));
  if (found) return found;
  throw new NarrowsError('run-unknown', `"${name}" has no run "${reference}"`, {
    path: 'run',
    fix: `see "narrows retrain show ${name}"`,
    kind: 'not-found',
  });
}

/** Where a run is, in words; what changes while it stays there comes after a colon. */
export async function describeStage(
  db: Database,
  { sweepIds, challenges, drift, fromVersion, toVersion }: RetrainRunRow,
): Promise<string> {
  if (challenges) return 'putting the winners in place';
  if (!sweepIds) {
    if (drift) return `drift: ${drift.verdict}`;
    if (!toVersion) return 'reading the sources';
    return fromVersion ? 'looking for drift' : 'planning the first sweep';
  }
  const sweeps = await Promise.all(sweepIds.map((id) => readSweep({ db, temporal: null }, id)));
  const running = sweeps.filter(({ status }) => !isFinished(status.state));
  if (running.length === 0) return 'holding challengers against champions';
  const sum = (count: (counts: (typeof sweeps)[number]['status']['counts']) => number) =>
    sweeps.reduce((total, { status }) => total + count(status.counts), 0);
  const ended = sum(countFinished);
  return `training: ${ended} of ${sum(({ planned }) => planned)} trials`;
}
