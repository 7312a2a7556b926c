/**
 * Kills trainer, Temporal and Postgres again and again while a sweep runs, and measures the time
 * from the start of the process that replaces each to the next progress of the training: the first
 * trial of a pack that cannot have been handed out before the kill. A lone trial, which is all that
 * its sweep has, goes on when Temporal has missed the heartbeats of its dead trainer: there,
 * progress is the first epoch of the next attempt. The last line is JSON; exits with 1 where a
 * maximum exceeds its bar.
 *
 * `npm run soak:recovery`, or `npm run soak:recovery -- --repeats 3` for a quick run
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { digits, median } from '../../bench/statistics.ts';
import { isAlive, type ProcessIdentity } from '../../infra/processes/identity.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { startFaultStack } from '../faults/fault-stack.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';

/** Seconds within which training goes on. */
const BARS = { trainer: 10, loneTrial: 10, temporal: 15, postgres: 15 } as const;
type Case = keyof typeof BARS;

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '10' } } });
const repeats = Number(values.repeats);
if (!Number.isInteger(repeats) || repeats < 1) {
  console.error('--repeats must be a whole number of at least 1');
  process.exit(2);
}

/** Packs that a trainer works on at once, which go on while Temporal is away. */
const SLOTS = 2;
/** The most that a pack has. */
const PACK = 256;

const spec = (name: string, trials: number, epochs: number, hidden: number): string => `name: ${name}
dataset: little
target: xes
methods: [ednn]
space: { k: 1, hidden: [${hidden}, ${hidden}], learningRate: { log: [0.003, 0.03] } }
seeds: 1
sampler: { random: { trials: ${trials} } }
training: { epochs: ${epochs}, batch: 64 }
latents: none
`;

await using stack = await startFaultStack();
const { project: it, sql } = stack;
await it.json(['data', 'import', writeShard(join(it.directory, 'little'), { rows: 400 })]);
const startSweep = async (name: string, ...sizes: readonly [trials: number, epochs: number, hidden: number]) => {
  writeFileSync(join(it.directory, `${name}.yaml`), spec(name, ...sizes));
  return (await it.json<SweepStatus>(['sweep', 'start', `${name}.yaml`])).sweepId;
};

const seconds: Record<Case, number[]> = { trainer: [], loneTrial: [], temporal: [], postgres: [] };
const many = await startSweep('many', 1_000_000, 10, 8);
for (let i = 0; i < repeats; i++) {
  for (const name of ['trainer', 'temporal', 'postgres'] as const) await record(name, () => replace(name, watchPacks));
}
await it.narrows(['sweep', 'cancel', many, '--yes']);
const lone = await startSweep('lone', 1, 1_000_000, 64);
const connection = await Connection.connect({ address: stack.temporal() });
const [identified] = await sql<[{ identity: string }]>`select identity from sweeps where id = ${lone}`;
const workflow = new Client({ connection }).workflow.getHandle(sweepWorkflowId({ id: lone, ...identified }));
for (let i = 0; i < repeats; i++) await record('loneTrial', () => replace('trainer', watchAttempts));
await connection.close();

const results = Object.entries(seconds).map(([name, all]) => {
  const figures = { median: digits(median(all), 3), max: digits(Math.max(...all), 3), bar: BARS[name as Case] };
  return [name, figures] as const;
});
const orphans = await stack.stop();
console.log(JSON.stringify({ soak: 'recovery', repeats, ...Object.fromEntries(results), orphans }));
process.exitCode = orphans === 0 && results.every(([, { max, bar }]) => max <= bar) ? 0 : 1;

async function record(name: Case, measure: () => Promise<number>): Promise<void> {
  const measured = await measure();
  seconds[name].push(measured);
  console.error(`${name}: ${measured.toFixed(2)} s`);
}

/** Kills a process while training is under way; returns the seconds from its replacement on. */
async function replace(
  name: 'trainer' | 'temporal' | 'postgres',
  watch: () => Promise<{ isUnderWay(): Promise<boolean>; goesOn(): Promise<boolean> }>,
): Promise<number> {
  await stack.untilUp();
  const { isUnderWay } = await watch();
  await until(isUnderWay, 'training is under way');
  const { goesOn } = await watch();
  const killed = await stack.find(name);
  await stack.strike({ kind: 'kill', target: name });
  await until(() => !isAlive(killed), 'the process ends');
  const replacement = await stack.find(name);
  // Postgres refuses connections while it starts.
  await until(() => goesOn().catch(() => false), 'training goes on');
  return secondsSinceStart(replacement);
}

/** Watches the results of packs; those in a trainer's slots may come whatever was killed. */
async function watchPacks() {
  const readLast = async () => {
    const rows = await sql<{ index: number }[]>`
      select index from trials where sweep_id = ${many} order by index desc limit 1`;
    return Math.floor((rows[0]?.index ?? 0) / PACK);
  };
  const last = await readLast();
  return { isUnderWay: async () => (await readLast()) > last, goesOn: async () => (await readLast()) > last + SLOTS };
}

/**
 * Watches the epochs that attempts of the lone trial report. Each has to leave a checkpoint: a
 * trial whose trainers die without progress fails in the end.
 */
async function watchAttempts() {
  const readCheckpoint = async () => {
    const rows = await sql<{ epoch: number }[]>`select epoch from checkpoints where sweep_id = ${lone}`;
    return rows[0]?.epoch ?? 0;
  };
  const checkpoint = await readCheckpoint();
  let last = await readAttempt();
  return {
    isUnderWay: async () => (await readCheckpoint()) > checkpoint,
    async goesOn() {
      const { id, epoch } = await readAttempt();
      if (id === last.id) last = { id, epoch };
      // Temporal keeps what the attempt before reported last.
      return id !== last.id && epoch !== 0 && epoch !== last.epoch;
    },
  };
}

async function readAttempt(): Promise<{ readonly id: string; readonly epoch: number }> {
  const { pendingActivities } = (await workflow.describe()).raw;
  const found = pendingActivities?.find(({ activityType }) => activityType?.name === 'trainPack');
  const details = found?.heartbeatDetails?.payloads?.[0]?.data;
  const { epoch = 0 } = details ? (JSON.parse(new TextDecoder().decode(details)) as { epoch?: number }) : {};
  return { id: `${found?.activityId}/${found?.attempt}`, epoch };
}

function secondsSinceStart({ started }: ProcessIdentity): number {
  const [uptime = 0] = readFileSync('/proc/uptime', 'utf8').split(' ').map(Number);
  return uptime - Number(started.split('/')[1]) / 100;
}
