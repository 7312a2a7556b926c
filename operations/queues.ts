/** Workers on the task queues, and the work that waits. */
import type { Client } from '@temporalio/client';
import { readIdentity } from '../db/queries/identity.ts';
import { listRunningRoutes } from '../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../db/queries/trainers.ts';
import { routesOf } from '../search/routes.ts';
import type { EngineName } from '../search/trainer-classes.ts';
import { ANY_OF_DEFAULT_CLASS, taskQueues, trainerQueue } from '../workflows/task-queues.ts';
import type { Servers } from './servers.ts';

export interface QueueName {
  readonly name: string;
  readonly role: 'orchestrator' | 'trainer';
  /** Class and engine of its trainers; null: of any engine, and of orchestrators. */
  readonly class: string | null;
  readonly engine: EngineName | null;
}

export interface QueueStatus extends QueueName {
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

/**
 * Returns the task queues of the database: that of orchestrators, then those of trainers which a
 * trainer at work polls for every sweep of its class, or a running sweep needs.
 */
export async function readTaskQueues({ db }: Pick<Servers, 'db'>): Promise<QueueName[]> {
  const [identity, trainers, running] = await Promise.all([
    readIdentity(db.sql),
    listTrainers(db.sql),
    listRunningRoutes(db.sql),
  ]);
  const database = { identity };
  const kinds = [...trainers.map((group) => ({ class: group.class, engine: null })), ...running.flatMap(routesOf)];
  const byName = new Map(kinds.map((kind) => [trainerQueue(database, kind), kind]));
  const used = byName.size > 0 ? byName : new Map([[trainerQueue(database, ANY_OF_DEFAULT_CLASS), ANY_OF_DEFAULT_CLASS]]);
  return [
    { name: taskQueues(database).orchestrator, role: 'orchestrator', class: null, engine: null },
    ...[...used]
      .map(([name, kind]) => ({ name, role: 'trainer' as const, class: kind.class, engine: kind.engine }))
      .sort((a, b) => a.class.localeCompare(b.class) || (a.engine ?? '').localeCompare(b.engine ?? '')),
  ];
}

/** Returns null where Temporal does not answer in time. */
export async function temporalFacts(temporal: Client, names: readonly QueueName[]): Promise<TemporalFacts | null> {
  const { namespace } = temporal.options;
  try {
    return await temporal.withDeadline(Date.now() + TIMEOUT_MS, async () => {
      const [info, ...queues] = await Promise.all([
        temporal.workflowService.getSystemInfo({}),
        ...names.map((name) => queueStatus(temporal, namespace, name)),
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

/**
 * Returns the roles without any worker: orchestrators that poll, unless Temporal does not answer,
 * and trainers that are at work. A busy trainer does not poll.
 */
export async function rolesWithoutWorker({ db, temporal }: Servers): Promise<QueueName['role'][]> {
  const [identity, trainers] = await Promise.all([readIdentity(db.sql), listTrainers(db.sql)]);
  const name = taskQueues({ identity }).orchestrator;
  const facts = await temporalFacts(temporal, [{ name, role: 'orchestrator', class: null, engine: null }]);
  const isIdle = ({ workers }: QueueStatus) => !workers.some(({ lastSeen }) => isPolling(lastSeen));
  const idle = (facts?.queues ?? []).filter(isIdle).map(({ role }) => role);
  return trainers.length === 0 ? [...idle, 'trainer'] : idle;
}

/** Returns a time of Temporal's API in ISO 8601; null where there is none. */
export const isoTime = (time: { readonly seconds?: unknown } | null | undefined): string | null =>
  time?.seconds ? new Date(Number(time.seconds) * 1000).toISOString() : null;

async function queueStatus(temporal: Client, namespace: string, queue: QueueName): Promise<QueueStatus> {
  const answers = await Promise.all(
    QUEUE_KINDS.map((taskQueueType) =>
      temporal.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: queue.name },
        taskQueueType,
        reportStats: true,
      }),
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
    ...queue,
    workers: [...seen]
      .map(([identity, lastSeen]) => ({ identity, lastSeen }))
      .sort((a, b) => a.identity.localeCompare(b.identity)),
    backlog: waiting.length === 0 ? null : waiting.reduce((sum, one) => sum + one, 0),
  };
}
