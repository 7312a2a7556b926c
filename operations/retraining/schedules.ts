/** Temporal schedules of retrainings. */
import type { ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { findRetraining } from '../../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../../errors.ts';
import { findLostRuns, type LostRuns } from '../../search/lost-runs.ts';
import type { Schedule } from '../../search/retraining.ts';
import type { Identified } from '../../workflows/identity.ts';
import { type RetrainInput, scheduleId } from '../../workflows/retrain-input.ts';
import { taskQueues } from '../../workflows/task-queues.ts';
import { isNamed, type Servers } from '../servers.ts';

/** A retraining, whose schedule has a name that follows. */
export type Scheduled = RetrainInput & Identified;

/**
 * Creates, or replaces, the schedule of a retraining, paused: until its row is committed no run may
 * look for it. Throws `schedule-invalid`.
 */
export async function createSchedule(
  { temporal }: Pick<Servers, 'temporal'>,
  retraining: Scheduled,
  { every, cron, overlap, catchUp, jitter }: Schedule,
): Promise<void> {
  const id = scheduleId(retraining);
  const options = {
    scheduleId: id,
    spec: {
      ...(every !== null && { intervals: [{ every: every * 1000 }] }),
      ...(cron !== null && { cronExpressions: [cron] }),
      jitter: jitter * 1000,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'retrain',
      workflowId: id,
      taskQueue: taskQueues(retraining).orchestrator,
      args: [{ name: retraining.name } satisfies RetrainInput],
    },
    policies: {
      overlap: overlap === 'skip' ? ('SKIP' as const) : ('BUFFER_ONE' as const),
      catchupWindow: catchUp * 1000,
    },
    state: { paused: true },
  };
  try {
    await temporal.schedule.create(options).catch(async (error: unknown) => {
      if (!isNamed(error, 'ScheduleAlreadyRunning')) throw error;
      await temporal.schedule.getHandle(id).delete();
      await temporal.schedule.create(options);
    });
    await requireRuns(temporal.schedule.getHandle(id));
  } catch (error) {
    // The client throws a TypeError where Temporal refuses a request as invalid.
    if (!isNamed(error, 'TypeError')) throw error;
    throw scheduleInvalidError(
      `Temporal refuses the schedule: ${(error as Error).message}`,
      cron === null ? 'every' : 'cron',
      error,
    );
  }
}

/** Starts a new schedule; `startsAtOnce`: with a run now. */
export async function activateSchedule(
  { temporal }: Pick<Servers, 'temporal'>,
  retraining: Scheduled,
  startsAtOnce: boolean,
): Promise<void> {
  const handle = temporal.schedule.getHandle(scheduleId(retraining));
  await handle.unpause();
  // Not as part of its creation: such a run does not keep the schedule's next run waiting.
  if (startsAtOnce) await handle.trigger('BUFFER_ONE');
}

/** Deletes a schedule that never starts a run. Throws NarrowsError `schedule-invalid` then. */
async function requireRuns(handle: ScheduleHandle): Promise<void> {
  if ((await handle.describe()).info.nextActionTimes.length > 0) return;
  await handle.delete();
  throw scheduleInvalidError('the schedule never starts a run: no date fits it', 'cron');
}

function scheduleInvalidError(message: string, path: string, cause?: unknown): NarrowsError {
  const fix = 'write --every 1h, or --cron "0 3 * * *", with a zone --cron "CRON_TZ=Europe/Berlin 0 4 * * *"';
  return new NarrowsError('schedule-invalid', message, { path, fix, cause });
}

/**
 * Returns the runs of the next year that changes to summer time leave out. Throws NarrowsError
 * `retraining-unknown`.
 */
export async function listLostRuns(servers: Servers, name: string): Promise<LostRuns[]> {
  const described = await describeSchedule(servers, await findRetraining(servers.db.sql, name));
  const { timezone, calendars = [] } = described?.spec ?? {};
  if (!timezone) return [];
  const numbered = calendars.map((calendar) => ({
    ...calendar,
    month: calendar.month.map((range) => numberedBy(MONTHS, 1, range)),
    dayOfWeek: calendar.dayOfWeek.map((range) => numberedBy(DAYS, 0, range)),
  }));
  return findLostRuns(numbered, timezone, Date.now());
}

const MONTHS = [
  ...['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE'],
  ...['JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'],
];
const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

const numberedBy = (
  names: readonly string[],
  first: number,
  { start, end, step }: { start: string; end: string; step: number },
) => ({
  start: names.indexOf(start) + first,
  end: names.indexOf(end) + first,
  step,
});

export interface ScheduleStatus {
  /** 'missing': Temporal has no such schedule, as after its data were removed. */
  readonly state: 'active' | 'paused' | 'missing';
  /** Times of the next runs, soonest first; none while it is paused. */
  readonly next: readonly Date[];
}

export async function readSchedule(servers: Pick<Servers, 'temporal'>, retraining: Scheduled): Promise<ScheduleStatus> {
  const described = await describeSchedule(servers, retraining);
  if (described === null) return { state: 'missing', next: [] };
  return described.state.paused ? { state: 'paused', next: [] } : { state: 'active', next: described.info.nextActionTimes };
}

/** Maximum time that a page waits for a schedule. */
const TIMEOUT_MS = 1500;

/** Returns null where Temporal does not answer in time. */
export async function readScheduleWithinTimeout(
  temporal: Servers['temporal'],
  retraining: Scheduled,
): Promise<ScheduleStatus | null> {
  try {
    return await temporal.withDeadline(Date.now() + TIMEOUT_MS, () => readSchedule({ temporal }, retraining));
  } catch {
    return null;
  }
}

/** Returns null where Temporal has no schedule of the retraining. */
export async function describeSchedule(
  { temporal }: Pick<Servers, 'temporal'>,
  retraining: Scheduled,
): Promise<ScheduleDescription | null> {
  try {
    return await temporal.schedule.getHandle(scheduleId(retraining)).describe();
  } catch (error) {
    if (isNamed(error, 'ScheduleNotFoundError')) return null;
    throw error;
  }
}

/** Returns a schedule. Throws NarrowsError `retraining-unknown`, `schedule-missing`. */
export async function findSchedule(servers: Servers, name: string): Promise<ScheduleHandle> {
  const retraining = await findRetraining(servers.db.sql, name);
  if ((await describeSchedule(servers, retraining)) === null) {
    throw new NarrowsError('schedule-missing', `Temporal has no schedule of "${name}"`, {
      path: 'name',
      fix: `recreate it: "narrows retrain remove ${name}", then start it again; the champions stay`,
      kind: 'failure',
    });
  }
  return servers.temporal.schedule.getHandle(scheduleId(retraining));
}
