/**
 * The metrics of the processes, once: name, kind, help, labels. The table of
 * docs/guides/operating.md follows from it. A label has a few values, known in advance: never an id
 * or a name that a person chose.
 */

/** `all`: every process; `worker`: orchestrators and trainers; `api`: those that serve. */
export type MetricScope = 'all' | 'worker' | 'api';

interface MetricDefinition<Kind extends string, Label extends string> {
  readonly kind: Kind;
  readonly scope: MetricScope;
  readonly labels: readonly Label[];
  readonly help: string;
}

const metricOf =
  <Kind extends string>(kind: Kind) =>
  <Label extends string>(scope: MetricScope, labels: readonly Label[], help: string): MetricDefinition<Kind, Label> => ({
    kind,
    scope,
    labels,
    help,
  });
const counter = metricOf('counter');
const gauge = metricOf('gauge');

/** `buckets`: upper bounds. */
const histogram = <Label extends string>(
  scope: MetricScope,
  labels: readonly Label[],
  buckets: readonly number[],
  help: string,
): MetricDefinition<'histogram', Label> & { readonly buckets: readonly number[] } => ({
  ...metricOf('histogram')(scope, labels, help),
  buckets,
});

/** Seconds of a statement or a request. */
const SHORT = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
/** Seconds of an activity: milliseconds for a statement, hours for a large trial. */
const LONG = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600, 14_400];

export const METRICS = {
  narrows_build_info: gauge('all', ['version', 'role'], 'Version and role of the process; always 1'),
  narrows_check_ok: gauge('all', ['check'], 'Whether a check of /readyz passes: 1 or 0'),
  narrows_disk_size_bytes: gauge('all', [], 'Size of the file system with the home folder (caches, uploads)'),
  narrows_disk_available_bytes: gauge('all', [], 'Bytes of that file system that the process may still use'),
  narrows_database_connections: gauge('all', ['state'], 'Connections of the pool: used or idle'),
  narrows_database_statements_waiting: gauge('all', [], 'Statements and transactions that wait for a connection'),
  narrows_database_statement_seconds: histogram('all', [], SHORT, 'Time from sending a statement to its last row'),
  narrows_boxes_total: counter(
    'all',
    ['outcome'],
    'Processes that read files from outside, by outcome: read, refused, lost, aborted or failed',
  ),
  narrows_trials_total: counter(
    'worker',
    ['outcome', 'method', 'engine'],
    'Trials whose end was committed; one that is retried ends again',
  ),
  narrows_training_flops_total: counter(
    'worker',
    ['method', 'engine'],
    'Floating-point operations of training, by the cost model; epochs that are repeated count again',
  ),
  narrows_training_rows_total: counter(
    'worker',
    ['method', 'engine'],
    'Rows passed through in training: epochs by training rows',
  ),
  narrows_report_write_seconds: histogram('worker', [], SHORT, 'Time to commit the reports of trials that arrived together'),
  narrows_activities_running: gauge('worker', ['type'], 'Activities in progress; packs are those of type trainPack'),
  narrows_activity_wait_seconds: histogram('worker', ['type'], LONG, 'Time that an attempt of an activity waited in its queue'),
  narrows_activity_seconds: histogram(
    'worker',
    ['type', 'outcome'],
    LONG,
    'Time that an attempt took, by outcome: completed, failed, cancelled or stopped (handed back)',
  ),
  narrows_activity_failures_total: counter('worker', ['type', 'code'], 'Attempts that failed, by the code of the failure'),
  narrows_http_request_seconds: histogram(
    'api',
    ['method', 'route', 'status'],
    SHORT,
    'Time to the response of a request, by route and class of status (2xx); streams until they begin',
  ),
  narrows_source_up: gauge(
    'api',
    ['source'],
    'Whether the figures of the whole installation could be read from database and temporal: 1 or 0',
  ),
  narrows_sweeps: gauge('api', ['state'], 'Sweeps of the installation by state'),
  narrows_sweep_silence_seconds: gauge(
    'api',
    [],
    'Time since the running sweep that has been silent the longest wrote a result or a checkpoint, or was resumed',
  ),
  narrows_pack_slots: gauge('api', [], 'Packs that the trainers at work can train at a time'),
  narrows_queue_tasks: gauge(
    'api',
    ['role', 'class', 'engine'],
    'Tasks that wait in a queue, as Temporal estimates; for trainers of a class, packs; engine: that they ask for',
  ),
  narrows_queue_workers: gauge(
    'api',
    ['role', 'class', 'engine'],
    'Workers of a queue: orchestrators that poll it, trainers that are at work',
  ),
  narrows_messages: gauge('api', ['channel', 'state'], 'Notifications of retrainings: pending, or failed for good'),
  narrows_message_age_seconds: gauge('api', [], 'Age of the oldest pending notification; 0 without one'),
  narrows_database_size_bytes: gauge('api', [], 'Size of the database'),
} as const;

export type MetricName = keyof typeof METRICS;

export type NameOf<Kind extends (typeof METRICS)[MetricName]['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;
