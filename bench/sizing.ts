/**
 * Measures an installation with an orchestrator, a trainer and a server of the dashboards during a
 * sweep of the shipped water data: rows and bytes by table, calls to Temporal by process,
 * statements, events of the workflow's history, connections, and memory.
 *
 * `npm run bench:sizing -- --seeds 25`; the recipe has 14 configurations for each seed
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Sql } from '../db/client.ts';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { connect } from '../infra/connect.ts';
import { sweepWorkflowId } from '../workflows/sweep-input.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { runCommand, type Service, startService } from './service.ts';
import { digits } from './statistics.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '25' } } });
const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 2) {
  console.error(`${values.seeds} is not a valid number of seeds. Use a whole number of at least 2.`);
  process.exit(2);
}

const WATER = fileURLToPath(new URL('../examples/water/', import.meta.url));
const SERVICES = {
  orchestrator: ['worker', '--role', 'orchestrator'],
  trainer: ['worker', '--role', 'trainer', '--engine', 'kernel'],
  api: ['serve', '--port', '0'],
} as const;
type Process = keyof typeof SERVICES;

/** How often connections are counted. */
const SAMPLE_MS = 500;

/** Values of a process' metrics by name and labels, as they are printed. */
type Series = ReadonlyMap<string, number>;

async function readSeries({ metrics }: Service): Promise<Series> {
  const text = await (await fetch(metrics as string)).text();
  return new Map(Array.from(text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm), ([, key, value]) => [key as string, Number(value)]));
}

/** Returns the sum of the series of a metric with a label, by the values of another label. */
function sumBy(series: Series, metric: string, label: string, required = ''): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of series) {
    if (!key.startsWith(`${metric}{`) || !key.includes(required)) continue;
    const name = new RegExp(`\\b${label}="([^"]*)"`).exec(key)?.[1] ?? '';
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

interface Table {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Returns rows and bytes of every table, indexes and large values included. */
async function readTables(sql: Sql): Promise<Table[]> {
  const names = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname`;
  const tables: Table[] = [];
  for (const { name } of names) {
    const [row] = await sql<[{ rows: number; bytes: number }]>`
      select count(*)::float8 as rows, pg_total_relation_size(${name}::regclass)::float8 as bytes from ${sql(name)}`;
    tables.push({ table: name, ...row });
  }
  return tables;
}

/** Returns what a sweep added to each table, for each of its trials. */
const perTrial = (before: readonly Table[], after: readonly Table[], trials: number) =>
  after
    .map(({ table, rows, bytes }, i) => ({
      table,
      rows: digits((rows - (before[i]?.rows ?? 0)) / trials, 3),
      bytes: Math.round((bytes - (before[i]?.bytes ?? 0)) / trials),
    }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);

/** Returns the peak resident memory of a process, in MiB. */
const readPeakMb = (pid: number): number =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

async function measure({ environment, folder, signal }: BenchHarness): Promise<Record<string, unknown>> {
  await using resources = new AsyncDisposableStack();
  const { home } = environment;
  const { db, temporal, close } = await connect(environment);
  resources.defer(close);
  await runCommand(home, ['data', 'import', WATER], signal);
  const services = new Map<Process, Service>();
  for (const [name, args] of Object.entries(SERVICES))
    services.set(name as Process, resources.use(await startService(home, [...args, '--metrics-port', '0'])));
  const read = async () =>
    new Map(await Promise.all([...services].map(async ([name, service]) => [name, await readSeries(service)] as const)));

  const spec = readFileSync(join(WATER, 'sweep.yaml'), 'utf8').replace(/^seeds: .*$/m, `seeds: ${seeds}`);
  writeFileSync(join(folder, 'sweep.yaml'), spec);
  const [tablesBefore, seriesBefore] = [await readTables(db.sql), await read()];
  const connections = new Map<Process, number>();
  const count = async () => {
    for (const [name, series] of await read()) {
      const now = sum(sumBy(series, 'narrows_database_connections', 'state').values());
      connections.set(name, Math.max(now, connections.get(name) ?? 0));
    }
  };
  // A process that does not answer once is counted half a second later.
  const sample = setInterval(() => void count().catch(() => {}), SAMPLE_MS);
  resources.defer(() => clearInterval(sample));
  const from = performance.now();
  const { sweepId } = await runCommand<{ sweepId: string }>(
    home,
    ['sweep', 'start', join(folder, 'sweep.yaml'), '--watch'],
    signal,
  );
  const seconds = digits((performance.now() - from) / 1000, 3);
  clearInterval(sample);
  const [tablesAfter, seriesAfter] = [await readTables(db.sql), await read()];

  const sweep = await findSweep(db.sql, sweepId);
  const { planned: trials } = sweep;
  const handle = temporal.workflow.getHandle(sweepWorkflowId(sweep));
  const { historyLength: events, historySize: bytes } = await handle.describe();
  const grown = (name: Process, metric: string, label: string, required?: string): Map<string, number> => {
    const [before, after] = [seriesBefore, seriesAfter].map((all) => sumBy(all.get(name) ?? new Map(), metric, label, required));
    return new Map([...(after ?? [])].map(([key, value]) => [key, value - (before?.get(key) ?? 0)]));
  };
  const packs = sum(grown('trainer', 'narrows_activity_seconds_count', 'outcome', 'type="trainPack"').values());
  const calls = (name: Process) => {
    const all = [
      ...grown(name, 'temporal_request_total', 'operation'),
      ...grown(name, 'temporal_long_request_total', 'operation'),
    ];
    return Object.fromEntries(all.filter(([, count]) => count > 0).map(([key, count]) => [key, digits(count / packs, 3)]));
  };
  const total = (name: Process, metric: string): number => {
    const [before, after] = [seriesBefore, seriesAfter].map((all) => all.get(name)?.get(metric) ?? 0);
    return (after ?? 0) - (before ?? 0);
  };
  const statements = (name: Process) => total(name, 'narrows_database_statement_seconds_count');
  const statementSeconds = (name: Process) => total(name, 'narrows_database_statement_seconds_sum');
  const byProcess = <T>(value: (name: Process) => T) =>
    Object.fromEntries([...services.keys()].map((name) => [name, value(name)]));
  const tables = perTrial(tablesBefore, tablesAfter, trials);
  return {
    bench: 'sizing',
    ...{ trials, packs, packSizes: sweep.packSizes, seconds },
    bytesPerTrial: sum(tables.map((table) => table.bytes)),
    tablesPerTrial: tables,
    statementsPerTrial: byProcess((name) => digits(statements(name) / trials, 3)),
    msPerStatement: byProcess((name) => digits((1000 * statementSeconds(name)) / statements(name), 3)),
    // The server of the dashboards counts no calls: its client is not that of a worker.
    temporalCallsPerPack: { orchestrator: calls('orchestrator'), trainer: calls('trainer') },
    history: { events, bytes, eventsPerPack: digits((events ?? 0) / packs, 3), bytesPerPack: digits((bytes ?? 0) / packs, 3) },
    connections: Object.fromEntries(connections),
    peakMb: byProcess((name) => readPeakMb((services.get(name) as Service).pid)),
  };
}

await measureOnStack('none', measure);
