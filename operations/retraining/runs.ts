/** Runs of a retraining: started by hand, found, followed. */
import type { Database } from '../../db/client.ts';
import { type EventRow, listEventsOfRun, listMessagesOfRun, type MessageRow } from '../../db/queries/retraining/notifications.ts';
import { findRetraining, findRun, listRuns, type RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../../errors.ts';
import { countExpected, countFinished, isFinished } from '../../search/states.ts';
import { retrainRunId } from '../../workflows/retrain-input.ts';
import type { Servers } from '../servers.ts';
import { readSweep } from '../sweeps/status.ts';
import { settleRun } from './run-ends.ts';
import { describeSchedule, findSchedule, type Scheduled } from './schedules.ts';

export type { RetrainRunRow };

/** A run by its workflow. */
export interface TriggeredRun {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}

const POLL_MS = 100;

/**
 * Starts a run now, or after the run under way. Resolves once Temporal has accepted it. Throws
 * NarrowsError `retraining-unknown`, `schedule-missing`.
 */
export async function triggerRetraining(servers: Servers, name: string): Promise<void> {
  await (await findSchedule(servers, name)).trigger('BUFFER_ONE');
}

/** As triggerRetraining, resolves once the run has begun; rejects when the signal is aborted. */
export async function triggerRun(servers: Servers, name: string, signal: AbortSignal): Promise<TriggeredRun> {
  const retraining = await findRetraining(servers.db.sql, name);
  const before = new Set((await triggeredRuns(servers, retraining)).map(({ firstExecutionRunId }) => firstExecutionRunId));
  await triggerRetraining(servers, name);
  for (;;) {
    const begun = (await triggeredRuns(servers, retraining)).find(({ firstExecutionRunId }) => !before.has(firstExecutionRunId));
    if (begun) return begun;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function triggeredRuns(servers: Servers, retraining: Scheduled): Promise<TriggeredRun[]> {
  const described = await describeSchedule(servers, retraining);
  return (described?.info.recentActions ?? []).flatMap(({ action }) =>
    action.type === 'startWorkflow' ? [action.workflow] : [],
  );
}

/**
 * Returns the row of a triggered run, null while it waits for a worker. Throws NarrowsError
 * `run-lost` where it ended without a row.
 */
export async function findTriggeredRun({ db, temporal }: Servers, run: TriggeredRun): Promise<RetrainRunRow | null> {
  const id = retrainRunId(run.workflowId, run.firstExecutionRunId);
  const row = await findRunIfAny(db, id);
  if (row) return settleRun({ db, temporal }, row);
  const { status } = await temporal.workflow.getHandle(run.workflowId, run.firstExecutionRunId).describe();
  if (status.name === 'RUNNING') return null;
  // The run may have begun and ended since its row was looked for.
  const late = await findRunIfAny(db, id);
  if (late) return late;
  throw new NarrowsError('run-lost', `the run ${id} ended as ${status.name.toLowerCase()} before it could begin`, {
    kind: 'failure',
  });
}

async function findRunIfAny(db: Database, id: string): Promise<RetrainRunRow | null> {
  try {
    return await findRun(db.sql, id);
  } catch (error) {
    if (error instanceof NarrowsError && error.code === 'run-unknown') return null;
    throw error;
  }
}

/** A run with the events that it recorded and the messages about them. */
export interface RunReport extends RetrainRunRow {
  readonly events: readonly EventRow[];
  readonly messages: readonly MessageRow[];
}

export async function readRunReport({ db }: Pick<Servers, 'db'>, run: RetrainRunRow): Promise<RunReport> {
  const [events, messages] = await Promise.all([listEventsOfRun(db.sql, run.id), listMessagesOfRun(db.sql, run.id)]);
  return { ...run, events, messages };
}

/**
 * Returns a run by its id, or by the beginning or end of it. Throws NarrowsError
 * `retraining-unknown`, `run-unknown`.
 */
export async function findRunByReference(servers: Servers, name: string, reference: string): Promise<RetrainRunRow> {
  await findRetraining(servers.db.sql, name);
  const runs = await listRuns(servers.db.sql, name, 100_000);
  const found =
    runs.find(({ id }) => id === reference) ?? runs.find(({ id }) => id.startsWith(reference) || id.endsWith(reference));
  if (found) return settleRun(servers, found);
  throw new NarrowsError('run-unknown', `"${name}" has no run "${reference}"`, {
    path: 'run',
    fix: `see "narrows retrain show ${name}"`,
    kind: 'not-found',
  });
}

/** Describes the stage of a run; progress within the stage follows a colon. */
export async function describeStage(
  db: Database,
  { sweepIds, challenges, drift, fromVersion, toVersion }: RetrainRunRow,
): Promise<string> {
  if (challenges) return 'promoting the winners';
  if (!sweepIds) {
    if (drift) return `drift: ${drift.verdict}`;
    if (!toVersion) return 'reading the sources';
    return fromVersion ? 'looking for drift' : 'planning the first sweep';
  }
  const sweeps = await Promise.all(sweepIds.map((id) => readSweep({ db, temporal: null }, id)));
  const running = sweeps.filter(({ status }) => !isFinished(status.state));
  if (running.length === 0) return 'comparing challengers with champions';
  const sum = (count: (counts: (typeof sweeps)[number]['status']['counts']) => number) =>
    sweeps.reduce((total, { status }) => total + count(status.counts), 0);
  const ended = sum(countFinished);
  return `training: ${ended} of ${sum(countExpected)} trials`;
}
