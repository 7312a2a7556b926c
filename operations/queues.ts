/** Workers on the task queues, and the work that waits. */
import type { Client } from '@temporalio/client';
import { readIdentity } from '../db/queries/identity.ts';
import { taskQueues } from '../workflows/task-queues.ts';
import type { Servers } from './servers.ts';

export interface QueueStatus {
  readonly name: string;
  readonly role: string;
  readonly workers: readonly { readonly identity: string; readonly lastSeen: string | null }[];
  /** Waiting tasks by the server's estimate; null where there is none. */
  readonly backlog: number | null;
}

export interface TemporalFacts {
  readonly version: string | null;
  readonly queues: readonly QueueStatus[];
}

/** Kinds of tasks of a queue, an enum of Temporal's API. */
const QUEUE_KINDS = [1, 2] as const;

/** Maximum time that an answer waits for Temporal. */
const TIMEOUT_MS = 2000;

/** Returns the names of the task queues of the database, by role. */
export const readTaskQueues = async ({ db }: Pick<Servers, 'db'>): Promise<ReturnType<typeof taskQueues>> =>
  taskQueues({ identity: await readIdentity(db.sql) });

/** Returns null where Temporal does not answer in time. */
export async function temporalFacts(temporal: Client, names: ReturnType<typeof taskQueues>): Promise<TemporalFacts | null> {
  const { namespace } = temporal.options;
  try {
    return await temporal.withDeadline(Date.now() + TIMEOUT_MS, async () => {
      const [info, ...queues] = await Promise.all([
        temporal.workflowService.getSystemInfo({}),
        ...Object.entries(names).map(([role, name]) => queueStatus(temporal, namespace, role, name)),
      ]);
      return { version: info.serverVersion || null, queues };
    });
  } catch {
    return null;
  }
}

/** Two long polls of a minute each. Temporal lists a worker for some minutes after its last one. */
const POLLING_MILLISECONDS = 120_000;

/** Whether a worker that polled at this time, null = unknown, polls now. */
export const isPolling = (lastSeen: string | null): boolean =>
  lastSeen === null || Date.now() - Date.parse(lastSeen) < POLLING_MILLISECONDS;

/** Returns the roles whose queue no worker polls; none where Temporal does not answer. */
export async function rolesWithoutWorker({ db, temporal }: Servers): Promise<string[]> {
  const facts = await temporalFacts(temporal, await readTaskQueues({ db }));
  const isIdle = ({ workers }: QueueStatus) => !workers.some(({ lastSeen }) => isPolling(lastSeen));
  return (facts?.queues ?? []).filter(isIdle).map(({ role }) => role);
}

/** Returns a time of Temporal's API in ISO 8601; null where there is none. */
export const isoTime = (time: { readonly seconds?: unknown } | null | undefined): string | null =>
  time?.seconds ? new Date(Number(time.seconds) * 1000).toISOString() : null;

async function queueStatus(temporal: Client, namespace: string, role: string, name: string): Promise<QueueStatus> {
  const answers = await Promise.all(
    QUEUE_KINDS.map((taskQueueType) =>
      temporal.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType, reportStats: true }),
    ),
  );
  const seen = new Map<string, string | null>();
  for (const { pollers } of answers) {
    for (const { identity, lastAccessTime } of pollers) {
      const at = isoTime(lastAccessTime);
      const before = seen.get(identity ?? '');
      if (before === undefined || before === null || (at !== null && at > before)) seen.set(identity ?? '', at);
    }
  }
  const waiting = answers.flatMap(({ stats }) => (stats ? [Number(stats.approximateBacklogCount ?? 0)] : []));
  return {
    name,
    role,
    workers: [...seen]
      .map(([identity, lastSeen]) => ({ identity, lastSeen }))
      .sort((a, b) => a.identity.localeCompare(b.identity)),
    backlog: waiting.length === 0 ? null : waiting.reduce((sum, one) => sum + one, 0),
  };
}
