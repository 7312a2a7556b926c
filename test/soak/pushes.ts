/**
 * Ten clients push hostile archives while another reads and a sweep runs, on an embedded stack.
 * Quiet and hostile periods alternate; the last line is JSON. Exits with 1 when the 95th percentile
 * of the reads in hostile periods is more than 1.5 times that in quiet ones, when a trial is lost,
 * or when the server fails.
 *
 * `npm run soak:pushes`, or `npm run soak:pushes -- --seconds 20` for a quick run
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { digits, quantile } from '../../bench/statistics.ts';
import { BIN, project } from '../support/command.ts';
import { hostileArchives } from '../support/hostile-archives.ts';
import { writeShard } from '../support/shards.ts';

const CLIENTS = 10;
const MAX_RATIO = 1.5;
const PERIODS = 4;
const READS_PER_SECOND = 20;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '120' }, trials: { type: 'string' } } });
/** Seconds of all hostile periods; the quiet ones take as many. */
const seconds = Number(values.seconds);
/** Enough for a sweep that outlasts the periods on most machines. */
const trials = Number(values.trials ?? Math.ceil(240 * seconds));
if (!(seconds >= 1) || !Number.isInteger(trials) || trials < 1) {
  console.error('--seconds must be a number of at least 1, --trials a whole number of at least 1');
  process.exit(2);
}

const SPEC = `name: soak
dataset: little
target: xes
methods: [ednn]
space: { k: [2], hidden: [32, 32], learningRate: { log: [0.001, 0.05] } }
seeds: 1
sampler: { random: { trials: ${trials} } }
training: { epochs: 200, batch: 16 }
`;

interface Status {
  readonly state: string;
  readonly counts: Readonly<Record<'planned' | 'completed' | 'pruned' | 'diverged' | 'failed', number>>;
}

await using it = project();
assert.equal((await it.narrows(['up', '--detach'])).code, 0);
await it.json(['data', 'import', writeShard(join(it.directory, 'little'))]);
const createToken = async (name: string, role: string) =>
  (await it.json<{ token: string }>(['token', 'create', '--name', name, '--role', role])).token;
const reader = await createToken('reader', 'read');
const pushers: string[] = [];
for (let i = 0; i < CLIENTS; i++) pushers.push(await createToken(`pusher-${i}`, 'submit'));
writeFileSync(join(it.directory, 'soak.yaml'), SPEC);
const started = await it.json<{ sweepId: string } | { sweepId: string }[]>(['sweep', 'start', 'soak.yaml']);
const { sweepId } = [started].flat()[0] as { sweepId: string };
const { server, url } = await serve();

const archives = [...hostileArchives(100)];
const statuses: Record<string, number> = {};
const latencies = { quiet: [] as number[], hostile: [] as number[] };
let failures = 0;

try {
  const period = (seconds * 1000) / PERIODS;
  for (let i = 0; i < PERIODS; i++) {
    console.error(`period ${i + 1} of ${PERIODS}`);
    await read(latencies.quiet, performance.now() + period);
    const end = performance.now() + period;
    const pushing = pushers.map((token, client) => push(token, client, end));
    await read(latencies.hostile, end);
    await Promise.all(pushing);
  }
  console.error('waiting for the sweep to end');
  let status = await readStatus();
  const during = status.state;
  while (status.state === 'running') {
    await wait(500);
    status = await readStatus();
  }
  const { planned, completed, pruned, diverged, failed } = status.counts;
  const lost = planned - completed - pruned - diverged;
  const p95 = { quiet: p95Of(latencies.quiet), hostile: p95Of(latencies.hostile) };
  const ratio = p95.hostile / p95.quiet;
  const pushes = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  console.log(
    JSON.stringify({
      soak: 'pushes',
      seconds,
      clients: CLIENTS,
      pushes,
      statuses,
      reads: { quiet: latencies.quiet.length, hostile: latencies.hostile.length },
      p95Ms: { quiet: digits(p95.quiet), hostile: digits(p95.hostile) },
      ratio: digits(ratio),
      sweep: { during, planned, failed, lost },
      failures,
    }),
  );
  process.exitCode = ratio > MAX_RATIO || lost > 0 || failures > 0 ? 1 : 0;
} finally {
  server.kill('SIGINT');
}

/** Serves the dashboards with tokens, beside those of the stack. */
async function serve(): Promise<{ server: ChildProcess; url: string }> {
  const { NARROWS_DATABASE_URL: _, TEMPORAL_ADDRESS: __, NARROWS_HOME: ___, ...env } = process.env;
  const args = [BIN, 'serve', '--tokens', '--port', '0', '--output', 'json'];
  const child = spawn(process.execPath, args, { cwd: it.directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const line of createInterface(child.stdout)) {
    text += line;
    const found = /"url":\s*"([^"]+)"/.exec(text)?.[1];
    if (found !== undefined) return { server: child, url: found };
  }
  throw new Error('the server did not start');
}

/** Requests what pages show, at an even rate, and adds the milliseconds of each response. */
async function read(into: number[], end: number): Promise<void> {
  const paths = [
    '/sweeps',
    `/sweeps/${sweepId}`,
    `/sweeps/${sweepId}/trials?limit=50`,
    '/datasets',
    `/sweeps/${sweepId}/histogram`,
  ];
  for (let i = 0; performance.now() < end; i++) {
    const start = performance.now();
    const response = await fetch(`${url}/api${paths[i % paths.length]}`, { headers: { authorization: `Bearer ${reader}` } });
    await response.arrayBuffer();
    if (response.status !== 200) failures += 1;
    const took = performance.now() - start;
    into.push(took);
    await wait(Math.max(0, 1000 / READS_PER_SECOND - took));
  }
}

/** Pushes one archive after the other, each client from another one on. */
async function push(token: string, client: number, end: number): Promise<void> {
  for (let i = client; performance.now() < end; i++) {
    const [name, body] = archives[i % archives.length] as (typeof archives)[number];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/zip' };
    const response = await fetch(`${url}/api/datasets/little/shards`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    if (response.status < 500) continue;
    failures += 1;
    console.error(`${name}: ${response.status}`);
  }
}

async function readStatus(): Promise<Status> {
  const response = await fetch(`${url}/api/sweeps/${sweepId}`, { headers: { authorization: `Bearer ${reader}` } });
  return (await response.json()) as Status;
}

function p95Of(milliseconds: readonly number[]): number {
  return quantile(
    milliseconds.toSorted((a, b) => a - b),
    0.95,
  );
}
