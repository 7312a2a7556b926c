/**
 * Latency of reads: every read route of the HTTP API over a sweep of 100,000 trials, with
 * concurrent clients, then the cost of following a sweep per new row, with a tenth of the trials
 * and with all. Postgres, the server and the clients share this machine.
 *
 * `npm run bench:queries -- --trials 100000 --clients 10 --seconds 60`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serve } from '@hono/node-server';
import { createBlobStore } from '../db/blobs.ts';
import { connectTo, openDatabase, type Sql } from '../db/client.ts';
import { migrate } from '../db/migrate.ts';
import { readEnvironment } from '../infra/env.ts';
import { openHome } from '../infra/home.ts';
import { POSTGRES_SHUTDOWN, preparePostgres, startPostgres } from '../infra/postgres/server.ts';
import { openLog } from '../infra/processes/rotating-log.ts';
import { type Stream, stream } from '../models/random.ts';
import { growSweep, type SeededLargeSweep, seedLargeSweep } from './queries/large-sweep.ts';
import { measurePerNewRow } from './queries/per-new-row.ts';
import { explainStatements, type RecordedStatement, writeSlowestPlans } from './queries/plans.ts';
import { createReader } from './queries/reader.ts';
import { median, quantile } from './statistics.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '100000' },
    clients: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '60' },
    // Rows per second written into the running sweep.
    rows: { type: 'string', default: '300' },
    // Folder for the plans of the slowest statements.
    plans: { type: 'string' },
  },
});
const trials = Number(values.trials);
const clients = Number(values.clients);
const seconds = Number(values.seconds);
const rowsPerSecond = Number(values.rows);
if (!(rowsPerSecond > 0)) {
  console.error('--rows must be positive');
  process.exit(2);
}
if (!Number.isInteger(trials) || trials < 700 || trials % 10 !== 0 || !(clients >= 1) || !(seconds > 0)) {
  console.error('--trials must be a multiple of 10 of at least 700; --clients and --seconds must be positive');
  process.exit(2);
}

/** A route, with random addresses like those that the pages request. */
interface Route {
  readonly name: string;
  readonly address: (draw: Stream) => string;
  /** Relative frequency: the list of trials is requested repeatedly, most others once per visit. */
  readonly weight?: number;
}

const query = (given: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(given).map(([name, value]): [string, string] => [name, String(value)]));
const oneOf = <T>({ uniform }: Stream, choices: readonly T[]): T => choices[Math.floor(uniform() * choices.length)] as T;
const upTo = ({ uniform }: Stream, end: number) => Math.floor(uniform() * end);

function filterOf(draw: Stream): string {
  const number = (from: number, to: number) => (from + (to - from) * draw.uniform()).toPrecision(4);
  return oneOf(draw, [
    () => '',
    () => `method=${oneOf(draw, ['ednn', 'eca', 'nnca'])}`,
    () => `k=${1 + upTo(draw, 3)},validation>=${number(0.3, 0.98)}`,
    () => `learningRate<${number(0.0002, 0.1)},dropout>${number(0, 0.3)}`,
    () => `hidden=${oneOf(draw, ['16-16', '32-32', '48-32-24', '64-64'])},activation!=tanh,outcome=completed`,
    () => `seed=${1 + upTo(draw, 10)},optimiser=adam,weightDecay>=${number(1e-6, 1e-3)}`,
    () => 'validation=none',
    () => `epochs<40,seconds>${number(1, 4)}`,
  ])();
}

const SORTS = [
  'index',
  'validation',
  'k',
  'seed',
  'seconds',
  'epochs',
  'finishedAt',
  'learningRate',
  'weightDecay',
  'dropout',
  'hidden',
];

/** `newest` returns the revision of the running sweep. */
function routesOf({ sweepId, runningId, models, latents, others, dataset }: SeededLargeSweep, newest: () => number): Route[] {
  const sweep = `/api/sweeps/${sweepId}`;
  const running = `/api/sweeps/${runningId}`;
  const anyTrial = (draw: Stream) => `${sweepId}-${upTo(draw, trials)}`;
  /** Cursor deep in the list, for an order by index. */
  const deepCursor = (draw: Stream, order: string) => {
    const index = upTo(draw, trials);
    return Buffer.from(JSON.stringify(['index', order, index, index])).toString('base64url');
  };
  return [
    {
      name: 'sweeps',
      address: (draw) => `/api/sweeps?${query({ limit: oneOf(draw, [20, 50]), search: oneOf(draw, ['', 'other', 'great']) })}`,
    },
    { name: 'sweep', address: (draw) => `/api/sweeps/${oneOf(draw, [sweepId, 'great', ...others])}` },
    {
      name: 'trials',
      weight: 4,
      address: (draw) =>
        `${sweep}/trials?${query({ where: filterOf(draw), sort: oneOf(draw, SORTS), order: oneOf(draw, ['asc', 'desc']), limit: oneOf(draw, [50, 50, 100, 500]) })}`,
    },
    {
      name: 'trials, deep',
      weight: 2,
      address: (draw) => {
        const order = oneOf(draw, ['asc', 'desc']);
        return `${sweep}/trials?${query({ where: filterOf(draw), sort: 'index', order, cursor: deepCursor(draw, order) })}`;
      },
    },
    { name: 'configurations', address: () => `${sweep}/configurations` },
    { name: 'outcomes', address: () => `${sweep}/outcomes` },
    {
      // A page that returns to the foreground: up to a tenth of the sweep was written since.
      name: 'outcomes since',
      address: (draw) => `${sweep}/outcomes?since=${Math.ceil(trials / 64) - upTo(draw, Math.ceil(trials / 640))}`,
    },
    { name: 'coverage', address: (draw) => `${sweep}/coverage?split=${oneOf(draw, ['validation', 'test'])}` },
    {
      name: 'importance',
      address: (draw) => `${sweep}/importance${oneOf(draw, ['', '?method=ednn', '?method=eca', '?method=nnca'])}`,
    },
    {
      name: 'histogram',
      weight: 2,
      address: (draw) =>
        `${sweep}/histogram?${query({ column: oneOf(draw, ['validation', 'learningRate', 'dropout', 'seconds', 'hidden', 'outcome']), where: filterOf(draw), bins: oneOf(draw, [20, 30, 60]) })}`,
    },
    { name: 'interpretation', address: () => `${sweep}/interpretation` },
    { name: 'field', address: () => `${sweep}/fields/sensitivity` },
    { name: 'trial', weight: 2, address: (draw) => `/api/trials/${anyTrial(draw)}` },
    { name: 'curve', address: (draw) => `/api/trials/${oneOf(draw, models)}/curve` },
    { name: 'latents', address: (draw) => `/api/trials/${oneOf(draw, latents)}/latents?descriptors=*` },
    { name: 'spectra', address: (draw) => `/api/trials/${oneOf(draw, models)}/spectra` },
    { name: 'model', address: (draw) => `/api/trials/${oneOf(draw, models)}/model` },
    { name: 'datasets', address: () => '/api/datasets' },
    {
      name: 'dataset',
      address: (draw) => `/api/datasets/${dataset.name}/${oneOf(draw, ['newest', dataset.version.slice(0, 12)])}`,
    },
    { name: 'running', address: () => running },
    {
      name: 'running: trials',
      weight: 2,
      address: (draw) => `${running}/trials?${query({ where: filterOf(draw), sort: oneOf(draw, SORTS), limit: 50 })}`,
    },
    { name: 'running: outcomes', address: () => `${running}/outcomes` },
    {
      // A page in the foreground: the rows of the last packs.
      name: 'running: news',
      weight: 2,
      address: (draw) => `${running}/outcomes?since=${Math.max(0, newest() - 1 - upTo(draw, 20))}`,
    },
    { name: 'running: coverage', address: () => `${running}/coverage?split=validation` },
    { name: 'running: importance', address: () => `${running}/importance` },
    {
      name: 'running: histogram',
      address: (draw) => `${running}/histogram?${query({ column: 'validation', where: filterOf(draw), bins: 30 })}`,
    },
    { name: 'compare', address: () => `/api/compare?sweeps=${sweepId},${others.slice(0, 2).join(',')}` },
  ];
}

/** Starts the server in its own process, so that the clients do not slow it down. */
async function startServer(url: string): Promise<{ child: ChildProcess; base: string }> {
  const file = fileURLToPath(new URL('./queries/server.ts', import.meta.url));
  const child = spawn(process.execPath, [file, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    return { child, base: `http://127.0.0.1:${line}` };
  throw new Error('the server did not start');
}

const agent = new Agent({ keepAlive: true });

/** Returns milliseconds until the last byte of the compressed response. */
function timeRequest(url: string): Promise<number> {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: { 'accept-encoding': 'gzip' } }, (response) => {
      const { statusCode = 0 } = response;
      response.once('error', reject);
      response.once('end', () => {
        if (statusCode === 200 || (statusCode === 404 && url.includes('/curve'))) resolve(performance.now() - from);
        else reject(new Error(`${statusCode} ${url}`));
      });
      response.resume();
    });
    request.once('error', reject);
  });
}

async function runClients(base: string, routes: readonly Route[], until: number): Promise<Map<string, number[]>> {
  const weighted = routes.flatMap((route) => Array.from({ length: route.weight ?? 1 }, () => route));
  const times = new Map(routes.map(({ name }) => [name, [] as number[]]));
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const draw = stream(5, 'client', client);
      while (performance.now() < until) {
        const route = oneOf(draw, weighted);
        times.get(route.name)?.push(await timeRequest(base + route.address(draw)));
      }
    }),
  );
  return times;
}

/** Requests every route once from a server with empty caches, and writes the slowest plans. */
async function writePlans(url: string, sql: Sql, routes: readonly Route[], folder: string): Promise<void> {
  const statements: RecordedStatement[] = [];
  const recording = connectTo(url, 1, {
    onStatement: (statement, parameters) => void statements.push({ statement, parameters }),
  });
  const { app, close } = createReader({ sql: recording, address: 'bench', close: () => recording.end() });
  const listening = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => listening.resolve(port));
  const base = `http://127.0.0.1:${await listening.promise}`;
  for (const { address } of routes) await timeRequest(base + address(stream(5, 'plans')));
  server.close();
  await close();
  writeSlowestPlans(folder, await explainStatements(sql, statements), 5);
}

const home = openHome(mkdtempSync(join(tmpdir(), 'narrows-bench-')));
await preparePostgres(home, readEnvironment());
const postgres = await startPostgres(home, openLog(join(home.logs, 'postgres.log')));
let server: ChildProcess | null = null;
try {
  await migrate(postgres.url);
  const db = await openDatabase(postgres.url);
  const seeded = await seedLargeSweep(db.sql, createBlobStore(db.sql, null), trials, (text) => console.error(text));
  const started = await startServer(postgres.url);
  server = started.child;
  let revision = 0;
  const routes = routesOf(seeded, () => revision);
  console.error('time of the first request of each route, without concurrency');
  for (const { name, address } of routes) {
    const first = await timeRequest(started.base + address(stream(5, 'first')));
    console.error(`${name.padEnd(20)}${first.toFixed(0).padStart(8)} ms`);
  }
  console.error(`${clients} concurrent clients for ${seconds} s`);
  // Warm-up: code is compiled and caches fill.
  await runClients(started.base, routes, performance.now() + Math.min(10_000, 200 * seconds));
  const writing = new AbortController();
  const growing = growSweep(db.sql, seeded, {
    ...{ rowsPerSecond, signal: writing.signal },
    onPack: (written) => {
      revision = written;
    },
  });
  const times = await runClients(started.base, routes, performance.now() + 1000 * seconds);
  writing.abort();
  console.error(`${await growing} rows written meanwhile`);
  if (values.plans !== undefined) await writePlans(postgres.url, db.sql, routes, values.plans);
  const followed = [seeded.tenth, { sweepId: seeded.sweepId, rows: trials }];
  const perRow = await measurePerNewRow(db.sql, followed);
  await db.close();
  console.log('route                 requests  median    p95     max  (ms)');
  const p95s = new Map<string, number>();
  let requests = 0;
  for (const [name, own] of times) {
    const sorted = own.toSorted((a, b) => a - b);
    const p95 = quantile(sorted, 0.95);
    requests += own.length;
    if (own.length > 0) p95s.set(name, p95);
    const figures = [quantile(sorted, 0.5), p95, sorted.at(-1) ?? Number.NaN].map((value) => value.toFixed(1).padStart(7));
    console.log(`${name.padEnd(20)}${String(own.length).padStart(10)} ${figures.join(' ')}`);
  }
  console.log(`${(requests / seconds).toFixed(0)} requests/s in total`);
  const [slowest, p95Ms] = [...p95s].reduce((a, b) => (b[1] > a[1] ? b : a));
  const medianP95Ms = median([...p95s.values()]);
  const rounded = (value: number) => Number(value.toFixed(2));
  // Microseconds.
  const costs = followed.map(({ rows }, i) => [`at${rows}`, rounded(perRow[i] as number)] as const);
  const [few, many] = perRow as [number, number];
  const perNewRow = { ...Object.fromEntries(costs), ratio: rounded(many / few) };
  const ratios = { medianP95Ms: rounded(medianP95Ms), slowestToMedian: rounded(p95Ms / medianP95Ms), perNewRow };
  console.log(JSON.stringify({ bench: 'queries', trials, p95Ms: rounded(p95Ms), slowest, ...ratios }));
} finally {
  server?.stdin?.end();
  await postgres.child.stop(POSTGRES_SHUTDOWN);
  rmSync(home.directory, { recursive: true, force: true });
}
