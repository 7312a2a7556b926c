/**
 * Trains sweeps that come and go, by trainers that an autoscaler starts and stops as the Helm chart
 * has KEDA do it, and counts how often each pack was interrupted. The last line is JSON; exits with
 * 1 where a pack was interrupted more than once, or a trial is lost or duplicated.
 *
 * `npm run soak:scaling`; `-- --minutes 8 --cool-down 30 --scale-down 30` is a quick run, in which
 * trainers come and go more often than with the values of the chart
 */
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { withScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../../datasets/import/check.ts';
import { storeDataset } from '../../datasets/import/store.ts';
import { createBlobStore } from '../../db/blobs.ts';
import { connectTo } from '../../db/client.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { readCodeVersion } from '../../infra/code-version.ts';
import { stream } from '../../models/random.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { controlSweep, type SweepAction } from '../../operations/sweeps/control.ts';
import { startSweep } from '../../operations/sweeps/start.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { trialCount, trialsOf } from '../../search/space.ts';
import type { StatedSpec } from '../../search/spec.ts';
import { isFinished, type SweepState } from '../../search/states.ts';
import { DEFAULT_CLASS } from '../../search/trainer-classes.ts';
import { urlFor } from '../db/database.ts';
import { readSource } from '../house/sources.ts';
import { startBareServers } from '../infra/bare-servers.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { byPack, countInterruptions, readAttempts } from './scaling/attempts.ts';
import { initialScale, nextScale, type ScalingValues } from './scaling/autoscaler.ts';
import { awaitedFirstPacks, figuresOf, summarize } from './scaling/figures.ts';
import { type Arrival, CLASSES, drawLoad } from './scaling/load.ts';
import { createTrainers, startWorker, type TrainerValues } from './scaling/trainers.ts';

const { trainerDefaults } = parse(readSource('infra/helm/narrows/values.yaml')) as {
  trainerDefaults: TrainerValues & { readonly autoscaling: ScalingValues };
};
const { autoscaling } = trainerDefaults;
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    // Those of the chart, in seconds, but for the number of trainers: this is one machine.
    max: { type: 'string', default: '4' },
    grace: { type: 'string', default: String(trainerDefaults.graceSeconds) },
    'cool-down': { type: 'string', default: String(autoscaling.cooldownSeconds) },
    'scale-down': { type: 'string', default: String(autoscaling.scaleDownSeconds) },
  },
});
const minutes = Number(values.minutes);
const [seed, max, grace, coolDown, scaleDown] = (['seed', 'max', 'grace', 'cool-down', 'scale-down'] as const).map((name) =>
  Number(values[name]),
) as [number, number, number, number, number];
if (!(minutes > 0) || ![seed, max, grace, coolDown, scaleDown].every((value) => Number.isInteger(value) && value >= 1)) {
  console.error('--minutes must be positive; --seed, --max, --grace, --cool-down and --scale-down whole numbers of at least 1');
  process.exit(2);
}
const scaling = { ...autoscaling, max, cooldownSeconds: coolDown, scaleDownSeconds: scaleDown };

/** A sweep without progress for so long is stuck. */
const STUCK_MS = 300_000;

await using resources = new AsyncDisposableStack();
const folder = resources.use(mkdtempDisposableSync(join(tmpdir(), 'narrows-scaling-'))).path;
const servers = resources.use(await startBareServers());
const { db, temporal, address } = servers;
const blobs = createBlobStore(db.sql, null);
await withScratch(folder, async (scratch) => {
  const little = await checkDatasetFolder(writeShard(join(folder, 'little'), { rows: 1500 }), scratch, {});
  await storeDataset(little, blobs, (row) => saveDatasetVersion(db.sql, row));
});
const reader = connectTo(urlFor(servers.databaseUrl, 'read'), 1);
resources.defer(() => reader.end({ timeout: 1 }));

const place = { databaseUrl: urlFor(servers.databaseUrl, 'worker'), address, folder };
const orchestrator = await startWorker(place, 'orchestrator', ['--role', 'orchestrator']);
resources.defer(
  async () =>
    void (await orchestrator.stop([
      ['SIGTERM', 20_000],
      ['SIGKILL', 20_000],
    ])),
);
const { uniform: draw } = stream(seed, 'victims');
const trainers = createTrainers(place, { ...trainerDefaults, graceSeconds: grace }, draw);
resources.use(trainers);
await until(() => orchestrator.output().includes('taking work'), 'the orchestrator takes work');

const began = Date.now();
const say = (text: string) => console.error(`${Math.round((Date.now() - began) / 1000)} s: ${text}`);
const stopping = new AbortController();
const scaled = Promise.all(CLASSES.map((name) => followDemand(name, stopping.signal)));
const ids: string[] = [];
const controlled: Promise<void>[] = [];
for (const arrival of drawLoad(seed, 60 * minutes, coolDown)) {
  await wait(Math.max(0, began + 1000 * arrival.at - Date.now()));
  const [stated] = parseSweepSpec(arrival.spec) as [StatedSpec];
  const checked = await checkSpec({ db, blobs }, stated, 1);
  const id = await startSweep({ db, temporal }, checked, readCodeVersion());
  const { training, class: trainerClass = DEFAULT_CLASS } = checked.spec;
  say(`${arrival.name}: ${trialCount(checked.spec)} trials of ${training.epochs} epochs for ${JSON.stringify(trainerClass)}`);
  ids.push(id);
  controlled.push(control(arrival, id));
}
await Promise.all(controlled);
await untilEnded();
stopping.abort();
await scaled;
const seconds = (Date.now() - began) / 1000;

const attempts = await readAttempts(temporal);
const { lost, duplicated, trials } = await countTrials();
const figures = figuresOf(trainers.lives, attempts, Date.now());
const packs = byPack(attempts);
for (const [pack, all] of packs) {
  if (countInterruptions(all) === 0) continue;
  const parts = all.map(
    ({ worker, startedAt, endedAt, end }) => `${end} after ${Math.round((endedAt - startedAt) / 1000)} s by ${worker}`,
  );
  console.error(`${pack}: ${parts.join(', ')}`);
}
const interruptions = Array.from(packs.values(), countInterruptions);
const once = interruptions.filter((count) => count === 1).length;
const moreThanOnce = interruptions.filter((count) => count > 1).length;
console.log(
  JSON.stringify({
    ...{ soak: 'scaling', minutes, seed, graceSeconds: grace, cooldownSeconds: coolDown, scaleDownSeconds: scaleDown },
    ...{ seconds: Math.round(seconds), sweeps: ids.length, trials, lost, duplicated },
    interruptions: { packs: interruptions.length, once, moreThanOnce, most: Math.max(0, ...interruptions) },
    ...figures,
    firstReportSeconds: summarize(await readFirstReports()),
  }),
);
process.exitCode = lost + duplicated + moreThanOnce > 0 ? 1 : 0;

/** Starts and stops the trainers of a class by the packs that the chart's query counts. */
async function followDemand(name: string, signal: AbortSignal): Promise<void> {
  const [, query = ''] = /^ +query: (.+)$/m.exec(readSource('infra/helm/narrows/templates/autoscaling.yaml')) ?? [];
  let scale = initialScale(scaling);
  while (!signal.aborted) {
    const [packs = 0] = (await reader.unsafe(query.replace('{{ $class }}', name)).values())[0] as number[];
    const before = scale.trainers;
    scale = nextScale(scaling, scale, (Date.now() - began) / 1000, packs);
    if (scale.trainers !== before) say(`${name}: ${packs} packs, ${scale.trainers} trainers after ${before}`);
    await trainers.scale(name, scale.trainers);
    await wait(1000 * scaling.pollingSeconds, undefined, { signal }).catch(() => {});
  }
}

/** Does with a sweep what its arrival says, unless it has ended. */
async function control({ name, control: planned, pauseSeconds }: Arrival, id: string): Promise<void> {
  const act = async (action: SweepAction) => {
    say(`${name}: ${action}`);
    await controlSweep({ db, temporal }, id, action).catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'sweep-ended') throw error;
    });
  };
  if (planned === null) return;
  await wait(1000 * planned.after);
  await act(planned.action);
  if (planned.action === 'cancel') return;
  await wait(1000 * pauseSeconds);
  await act('resume');
}

/** Waits until all sweeps have ended. Throws where nothing is written for minutes. */
async function untilEnded(): Promise<void> {
  for (let [last, since] = ['', Date.now()]; ; await wait(1000)) {
    const rows = await db.sql<{ state: SweepState; revision: string }[]>`select state, revision from sweeps order by id`;
    if (rows.every(({ state }) => isFinished(state))) return;
    const now = JSON.stringify(rows);
    if (now !== last) [last, since] = [now, Date.now()];
    if (Date.now() - since > STUCK_MS) throw new Error(`the sweeps do not go on: ${now}`);
  }
}

/**
 * Counts the planned trials of sweeps that were not cancelled, those without a result, and rows
 * beyond the first of a trial.
 */
async function countTrials() {
  const [row] = await db.sql<[{ trials: number; lost: number; duplicated: number }]>`
    select coalesce(sum(planned), 0)::int as trials, coalesce(sum(planned - ended), 0)::int as lost, coalesce(sum(written - apart), 0)::int as duplicated
    from sweeps cross join lateral (
      select count(*) filter (where outcome not in ('rung', 'failed')) as ended, count(*) as written,
        count(distinct (configuration_hash, seed, partition)) as apart
      from trials where sweep_id = sweeps.id
    ) counted where state <> 'cancelled'`;
  return row;
}

/** Returns the seconds from the start of trainers that packs waited for to their first result. */
async function readFirstReports(): Promise<number[]> {
  const all = awaitedFirstPacks(trainers.lives, attempts).map(async ({ life, first: { range, startedAt } }) => {
    const { spec } = await findSweep(db.sql, range.sweepId);
    // Rows of halved sweeps say when the last rung ended.
    if (spec.halving !== null) return [];
    const { indexAt } = trialsOf(spec, range.methods);
    const indices = Array.from({ length: range.to - range.from }, (_, i) => indexAt(range.from + i));
    const [row] = await db.sql<[{ at: Date | null }]>`
      select min(finished_at) as at from trials
      where sweep_id = ${range.sweepId} and index = any(${indices}::int[]) and finished_at >= ${new Date(startedAt)}`;
    return row.at === null ? [] : [(row.at.getTime() - life.startedAt) / 1000];
  });
  return (await Promise.all(all)).flat();
}
