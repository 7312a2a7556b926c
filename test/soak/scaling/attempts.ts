/** Attempts at packs, as the histories of sweeps have them. */
import type { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { PackRange } from '../../../activities/index.ts';

type HistoryEvent = NonNullable<History['events']>[number];

export interface Attempt {
  readonly range: PackRange;
  /** Worker that took it: 'pid@host'. */
  readonly worker: string;
  /** Milliseconds since 1970, as all times here. */
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Interrupted: by anything but a person's pause or cancellation. */
  readonly end: 'completed' | 'cancelled' | 'interrupted';
  /** Attempts that Temporal made before by itself; histories have their number alone. */
  readonly before: number;
}

/** Returns the attempts at packs that have ended, of all runs of all sweeps. */
export async function readAttempts(temporal: Client): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list({ query: 'WorkflowType = "sweep"' })) {
    const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    attempts.push(...attemptsOf(events ?? []));
  }
  return attempts;
}

/** Returns the attempts by pack, in the order in which they ended. */
export const byPack = (attempts: readonly Attempt[]): ReadonlyMap<string, readonly Attempt[]> =>
  Map.groupBy(
    attempts.toSorted((a, b) => a.endedAt - b.endedAt),
    ({ range: { alone: _, ...pack } }) => JSON.stringify(pack),
  );

/** Returns how often a pack was interrupted. */
export const countInterruptions = (attempts: readonly Attempt[]): number =>
  attempts.reduce((sum, { end, before }) => sum + before + (end === 'interrupted' ? 1 : 0), 0);

/** Returns the attempts at packs that have ended in a history. */
export function attemptsOf(events: readonly HistoryEvent[]): Attempt[] {
  const byId = new Map(events.map((event) => [String(event.eventId), event]));
  return events.flatMap((event) => {
    const {
      activityTaskCompletedEventAttributes: completed,
      activityTaskCanceledEventAttributes: cancelled,
      activityTaskFailedEventAttributes: failed,
      activityTaskTimedOutEventAttributes: timedOut,
    } = event;
    const ended = completed ?? cancelled ?? failed ?? timedOut;
    const [scheduled, started] = [byId.get(String(ended?.scheduledEventId)), byId.get(String(ended?.startedEventId))];
    const { activityType, input } = scheduled?.activityTaskScheduledEventAttributes ?? {};
    const { identity, attempt } = started?.activityTaskStartedEventAttributes ?? {};
    const [argument] = input?.payloads ?? [];
    // One that was cancelled in its queue has not started.
    if (activityType?.name !== 'trainPack' || !argument?.data || !identity || !scheduled || !started) return [];
    return {
      range: JSON.parse(new TextDecoder().decode(argument.data)) as PackRange,
      worker: identity,
      scheduledAt: timeOf(scheduled),
      startedAt: timeOf(started),
      endedAt: timeOf(event),
      end: completed ? 'completed' : cancelled ? 'cancelled' : 'interrupted',
      before: (attempt ?? 1) - 1,
    } satisfies Attempt;
  });
}

const timeOf = ({ eventTime }: HistoryEvent): number => Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;
