/** Gauges of the whole installation. */
import type { InstallationFacts } from '../../db/queries/installation.ts';
import type { InstallationState, QueueLoad } from '../../operations/installation.ts';
import type { Metrics } from './metrics.ts';

/** Shows the state of the installation, which `read` reads before each exposition. */
export function exposeInstallation(
  metrics: Pick<Metrics, 'beforeExposition' | 'replace'>,
  read: () => Promise<InstallationState>,
): void {
  metrics.beforeExposition(async () => {
    const { facts, queues } = await read();
    metrics.replace('narrows_source_up', [
      { labels: { source: 'database' }, value: Number(facts !== null) },
      { labels: { source: 'temporal' }, value: Number(queues !== null) },
    ]);
    showFacts(metrics, facts);
    showQueues(metrics, queues ?? []);
  });
}

/** Without facts the gauges have no values: old ones would be taken for current ones. */
function showFacts(metrics: Pick<Metrics, 'replace'>, facts: InstallationFacts | null): void {
  const one = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }]);
  metrics.replace(
    'narrows_sweeps',
    Object.entries(facts?.sweeps ?? {}).map(([state, value]) => ({ labels: { state }, value })),
  );
  metrics.replace(
    'narrows_messages',
    (facts?.messages ?? []).map(({ channel, state, count }) => ({ labels: { channel, state }, value: count })),
  );
  metrics.replace('narrows_sweep_silence_seconds', one(facts?.silenceSeconds));
  metrics.replace('narrows_pack_slots', one(facts?.slots));
  metrics.replace('narrows_message_age_seconds', one(facts?.messageAgeSeconds));
  metrics.replace('narrows_database_size_bytes', one(facts?.databaseBytes));
}

function showQueues(metrics: Pick<Metrics, 'replace'>, queues: readonly QueueLoad[]): void {
  metrics.replace(
    'narrows_queue_tasks',
    queues.flatMap(({ tasks, ...queue }) => (tasks === null ? [] : [{ labels: labelsOf(queue), value: tasks }])),
  );
  metrics.replace(
    'narrows_queue_workers',
    queues.map(({ workers, ...queue }) => ({ labels: labelsOf(queue), value: workers })),
  );
}

/** An empty label is none. */
const labelsOf = ({ role, class: name, engine }: Pick<QueueLoad, 'role' | 'class' | 'engine'>) => ({
  role,
  class: name ?? '',
  engine: engine ?? '',
});
