/**
 * Fills the disk of an embedded stack (Postgres, Temporal, logs, caches) while a sweep runs, gives
 * the space back, and compares the sweep with an undisturbed one. Needs root, which mounts a small
 * disk. The last line is JSON; exits with 1 where a trial is lost, duplicated or different.
 *
 * `npm run soak:disk -- --fills 3 --seconds 20`
 */
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectTo } from '../../db/client.ts';
import { resolveHome } from '../../infra/home.ts';
import { readState } from '../../infra/stack/state.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { readValues } from '../faults/stored-values.ts';
import { project } from '../support/command.ts';
import { writeShard } from '../support/shards.ts';

const { values } = parseArgs({
  options: { fills: { type: 'string', default: '3' }, seconds: { type: 'string', default: '20' } },
});
const [fills, seconds] = [Number(values.fills), Number(values.seconds)] as const;
if (!(Number.isInteger(fills) && fills >= 1 && seconds > 0)) {
  console.error('--fills must be a whole number of at least 1, --seconds a number above 0');
  process.exit(2);
}

/** A start wants 200 MB free; the servers take about 50. */
const DISK = '420m';

const SPEC = `name: disk
dataset: little
target: xes
split: { repeats: 2 }
space: { k: [1, 2], hidden: [24, 24], learningRate: { log: [0.003, 0.03] } }
seeds: 2
sampler: { random: { trials: 100 } }
halving: { reduction: 2, rungs: 2 }
training: { epochs: 60, batch: 16 }
`;

await using resources = new AsyncDisposableStack();
const it = project();
const home = join(it.directory, '.narrows');
mkdirSync(home, { mode: 0o700 });
try {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=700`, 'tmpfs', home], { stdio: 'pipe' });
} catch (error) {
  console.error(`no disk can be mounted, which needs root: ${(error as Error).message}`);
  process.exit(2);
}
resources.defer(async () => {
  await it.narrows(['down']);
  execFileSync('umount', [home]);
  await it[Symbol.asyncDispose]();
});
writeFileSync(join(it.directory, 'spec.yaml'), SPEC);
await it.json(['up', '--detach']);
await it.json(['data', 'import', writeShard(join(it.directory, 'little'), { rows: 600 })]);
const { databaseUrl } = readState(resolveHome(home)) as { databaseUrl: string };
const sql = connectTo(databaseUrl, 2);
resources.defer(() => sql.end({ timeout: 1 }));

const start = async (name: string) => (await it.json<SweepStatus>(['sweep', 'start', 'spec.yaml', '--name', name])).sweepId;
/** Waits until so many trials have ended, or all; asks again while Postgres does not answer. */
async function untilEnded(id: string, trials: number): Promise<number> {
  for (;;) {
    const row = await sql<[{ state: string; ended: number }]>`
      select state, (select count(*)::int from trials where sweep_id = s.id and outcome <> 'rung') as ended from sweeps s where id = ${id}`
      .then(([found]) => found)
      .catch(() => null);
    if (row && (row.ended >= trials || row.state !== 'running')) return row.ended;
    await wait(200);
  }
}

/** Takes all space that is left. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  for (let block = Buffer.alloc(2 ** 20); block.length >= 512; ) {
    try {
      writeSync(descriptor, block);
    } catch {
      block = block.subarray(0, block.length / 2);
    }
  }
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const undisturbed = await start('undisturbed');
const trials = await untilEnded(undisturbed, Number.POSITIVE_INFINITY);
const expected = await readValues(sql, undisturbed);
const id = await start('disturbed');
const filler = join(home, 'filler');
for (let i = 0; i < fills; i++) {
  const ended = await untilEnded(id, Math.floor((trials * i) / fills));
  fill(filler);
  console.error(`the disk is full after ${ended} of ${trials} trials`);
  await wait(1000 * seconds);
  rmSync(filler);
}
await untilEnded(id, Number.POSITIVE_INFINITY);
const found = await readValues(sql, id);
const byKey = new Map(found.map(({ key, value }) => [key, value]));
const rows = found.filter(({ key }) => key.startsWith('trial '));
const report = {
  ...{ soak: 'disk', fills, trials, compared: expected.length },
  lost: trials - rows.filter(({ hasResult }) => hasResult).length,
  duplicated: rows.length - new Set(rows.map(({ key }) => key)).size,
  different: expected.filter(({ key, value }) => byKey.get(key) !== value).length,
};
const verified = await it.narrows(['verify', '--output', 'json']);
console.log(JSON.stringify({ ...report, findings: (JSON.parse(verified.stdout) as { findings: unknown[] }).findings.length }));
process.exitCode = report.lost + report.duplicated + report.different > 0 || verified.code !== 0 ? 1 : 0;
