/**
 * A whole comparison, from spec to table of covered variances: narrows with Temporal and Postgres
 * against Optuna with PyTorch (a process per core, the same Postgres) and against hand-written JAX.
 * 238 trials on the water data, with the recipe of examples/water/sweep.yaml for all.
 *
 * `npm run bench:sweep -- --quick`
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { readNpy } from '../datasets/formats/npy.ts';
import { type SplitSettings, splitRows } from '../datasets/split.ts';
import { readEnvironment } from '../infra/env.ts';
import { resolveHome } from '../infra/home.ts';
import { readState } from '../infra/stack/state.ts';
import type { SplitName } from '../models/axes.ts';
import type { Comparison } from '../models/evaluation/comparison.ts';
import { METHODS, type Method } from '../models/methods/catalogue.ts';
import { createPeersDatabase } from './peers/database.ts';
import { findPeersPython } from './peers/venv.ts';
import { digits } from './statistics.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WATER = join(ROOT, 'examples/water');

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, share: { type: 'string', default: '0.12' } },
});
const shipped = parse(readFileSync(join(WATER, 'sweep.yaml'), 'utf8')) as {
  split: SplitSettings;
  space: { k: number[]; hidden: { choice: number[][] }; learningRate: number };
  training: { epochs: number; batch: number };
};
const seeds = values.quick ? 2 : 17;
const training = values.quick ? { ...shipped.training, epochs: 8 } : shipped.training;
const trials = (2 * shipped.space.k.length + 1) * shipped.space.hidden.choice.length * seeds;

type Table = Partial<Record<Method, readonly number[]>>;
interface PeerResult {
  readonly seconds: number;
  readonly compileSeconds?: number;
  readonly secondsRun?: number;
  readonly trialsRun?: number;
  readonly coveredVariance: Table;
  readonly version: string;
}

/** Returns the standard output of a program and passes on its stderr. Throws when it fails. */
function run(command: string, args: readonly string[], cwd: string, input = ''): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${command} ${args[0]}: exit ${code}`))));
  });
}

const folder = mkdtempSync(join(tmpdir(), 'narrows-bench-'));
const narrows = (...args: string[]) => run(process.execPath, [join(ROOT, 'bin/narrows.js'), ...args, '--output', 'json'], folder);
const seconds = (from: number): number => digits((performance.now() - from) / 1000, 3);

const { home } = readEnvironment({ HOME: '/' }, folder);

function findPostgresUrl(): string {
  const url = readState(resolveHome(home))?.databaseUrl;
  if (!url) throw new Error('the embedded Postgres is not running');
  return url;
}

async function runPeer(program: string, request: object): Promise<PeerResult> {
  const out = await run(findPeersPython(), [join(ROOT, 'bench/peers', program)], folder, `${JSON.stringify(request)}\n`);
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as PeerResult;
}

/** Returns the row indices of narrows' splits, so that covered variances are comparable. */
function splitWater(): Record<SplitName, number[]> {
  const { rows } = readNpy(readFileSync(join(WATER, 'X.npy')), 'X.npy');
  const { train, validation, test } = splitRows(rows, shipped.split, null);
  return { train: [...train], validation: [...validation], test: [...test] };
}

function tableOf({ rows }: Comparison): Table {
  const means = (method: Method) =>
    rows
      .filter((row) => row.method === method)
      .sort((a, b) => a.k - b.k)
      .map(({ coveredVariance }) => coveredVariance.mean);
  return Object.fromEntries(METHODS.map((method) => [method, means(method)]));
}

async function stopStack(): Promise<void> {
  await narrows('down').catch(() => {});
  rmSync(folder, { recursive: true, force: true });
}
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => void stopStack().then(() => process.exit(code)));

try {
  const spec = readFileSync(join(WATER, 'sweep.yaml'), 'utf8')
    .replace(/^seeds: .*$/m, `seeds: ${seeds}`)
    .replace(/epochs: \d+/, `epochs: ${training.epochs}`);
  writeFileSync(join(folder, 'sweep.yaml'), spec);
  const stackStarted = performance.now();
  await narrows('up', '--detach');
  const stackSeconds = seconds(stackStarted);
  await narrows('data', 'import', WATER);
  const started = performance.now();
  await narrows('sweep', 'start', 'sweep.yaml', '--watch', '--name', 'bench');
  const own = tableOf(JSON.parse(await narrows('compare', 'bench')) as Comparison);
  const result = { seconds: seconds(started), stackSeconds, coveredVariance: own };
  console.error(`narrows: ${result.seconds} s`);

  const { k: widths, hidden, learningRate } = shipped.space;
  const request = { folder: WATER, split: splitWater(), widths, architectures: hidden.choice, seeds, learningRate, ...training };
  const jax = await runPeer('sweep_jax.py', request);
  console.error(`JAX: ${jax.seconds.toFixed(1)} s`);
  const share = values.quick ? 1 : Number(values.share);
  const optuna = await runPeer('sweep_optuna.py', {
    ...request,
    share,
    processes: availableParallelism(),
    storage: await createPeersDatabase(home, findPostgresUrl()),
  });

  const contenders = [
    { name: 'narrows', seconds: result.seconds, table: own },
    { name: `JAX (compiling ${jax.compileSeconds?.toFixed(1)} s of it)`, seconds: jax.seconds, table: jax.coveredVariance },
    { name: `Optuna + torch (${optuna.trialsRun} run, scaled)`, seconds: optuna.seconds, table: optuna.coveredVariance },
  ];
  console.log(`${trials} trials on ${availableParallelism()} processors; ${jax.version}; ${optuna.version}\n`);
  for (const { name, seconds: took, table } of contenders) {
    console.log(`${name.padEnd(40)} ${took.toFixed(1).padStart(7)} s`);
    for (const method of METHODS)
      console.log(`  ${method.padEnd(5)} k = 1, 2, 3: ${table[method]?.map((value) => value.toFixed(4)).join('  ')}`);
  }
  const ratio = { optunaTorch: digits(optuna.seconds / result.seconds, 3), jax: digits(jax.seconds / result.seconds, 3) };
  console.log(JSON.stringify({ bench: 'sweep', trials, narrows: result, optunaTorch: optuna, jax, ratio }));
} finally {
  await stopStack();
}
