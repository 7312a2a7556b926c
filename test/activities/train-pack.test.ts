import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { closeSweep } from '../../activities/close-sweep.ts';
import { activitiesOver } from '../../activities/index.ts';
import type { SweepStore } from '../../activities/ports.ts';
import { readProgress } from '../../activities/read-progress.ts';
import { recordFailures } from '../../activities/record-failures.ts';
import { buildPackData } from '../../datasets/pack-data.ts';
import type { Matrix } from '../../models/axes.ts';
import type { Engine, Pack } from '../../models/engines/engine.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { createNullEngine } from '../../models/engines/null-engine.ts';
import { stream } from '../../models/random.ts';
import { trialCount, trialId } from '../../search/space.ts';
import { specOf } from '../search/specs.ts';
import { memoryStore, tinyData } from './memory-store.ts';

const SWEEP = 's0123456789';
const SPEC = specOf({
  split: { folds: 3 },
  space: { k: 1, hidden: [6] },
  seeds: 2,
  training: { epochs: 3, batch: 8 },
});

/** Failures are expected here; the SDK would log each. */
const mockActivity = () => new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });

const run = (store: SweepStore, engine: Engine, from: number, to: number) =>
  mockActivity().run(activitiesOver(store, engine).trainPack, { sweepId: SWEEP, rung: 0, from, to, retry: false });

/** A smooth function of two descriptors, by partition. */
function dataOf(): (partition: number) => ReturnType<typeof buildPackData> {
  const { normal } = stream(1, 'structures');
  const x: Matrix = { rows: 90, columns: 2, data: Float32Array.from({ length: 180 }, normal) };
  const value = (i: number, shift: number) => Math.sin((x.data[2 * i] as number) + shift * (x.data[2 * i + 1] as number));
  const y = { rows: 90, columns: 3, data: Float32Array.from({ length: 270 }, (_, i) => value(Math.floor(i / 3), i % 3)) };
  const shards = [{ version: 'v', rows: 90, groups: null, series: null, nearDuplicates: [] }];
  const source = { target: 'xes', x, y, shards, scales: [] };
  return (partition) => buildPackData(source, SPEC.split, SPEC.scale, partition);
}

test('trials of several partitions have the bits that each has alone, in any pack', async () => {
  const packOf = dataOf();
  const packs = [0, 1, 2].map(packOf);
  const engine = createKernelEngine({ threads: 2 });
  const scoresOf = async (ranges: readonly (readonly [number, number])[]) => {
    const store = {
      ...memoryStore(SWEEP, SPEC),
      packData: async (_: unknown, partition: number) => packs[partition] ?? packOf(0),
    };
    for (const [from, to] of ranges) await run(store, engine, from, to);
    return store.rows().map(({ entry }) => {
      assert.ok(entry.report.outcome === 'completed');
      return [entry.trialId, entry.report.scores.map(({ coveredVariance }) => coveredVariance), entry.report.model];
    });
  };
  try {
    const count = trialCount(SPEC);
    const together = await scoresOf([[0, count]]);
    assert.equal(together.length, count);
    assert.deepEqual(await scoresOf(Array.from({ length: count }, (_, i) => [count - 1 - i, count - i])), together);
    assert.deepEqual(
      await scoresOf([
        [4, count],
        [0, 4],
      ]),
      together,
    );
  } finally {
    await engine.close();
  }
});

test('each partition of a pack is trained on its own data', async () => {
  const store = memoryStore(SWEEP, SPEC);
  const [first, second, third] = [tinyData(), tinyData(), tinyData()];
  const seen: Pack[] = [];
  const inner = createNullEngine();
  const engine: Engine = {
    ...inner,
    train(pack, hooks) {
      seen.push(pack);
      return inner.train(pack, hooks);
    },
  };
  await run({ ...store, packData: async (_, partition) => [first, second, third][partition] ?? first }, engine, 3, 14);
  const perPartition = trialCount(SPEC) / 3;
  const idsOf = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => trialId(SWEEP, from + i));
  assert.equal(perPartition, 6);
  assert.deepEqual(
    seen.map(({ tasks }) => tasks.map((task) => task.trialId)),
    [idsOf(3, 6), idsOf(6, 12), idsOf(12, 14)],
  );
  assert.ok(seen[0]?.data === first && seen[1]?.data === second && seen[2]?.data === third);
});

test('each trial is trained to its own end', async () => {
  const spec = specOf({
    methods: ['ednn'],
    space: { k: 1, hidden: [4], optimiser: { choice: ['adamw', 'sgd'] }, momentum: { choice: [0, 0.9] }, learningRate: 0.002 },
    ...{ seeds: 1, training: { epochs: { choice: [2, 5] }, batch: 8 } },
  });
  const data = dataOf();
  const store = { ...memoryStore(SWEEP, spec), packData: async (_: unknown, partition: number) => data(partition) };
  const inner = createKernelEngine({ threads: 1 });
  const ends: string[] = [];
  const engine: Engine = {
    ...inner,
    train(pack, hooks) {
      for (const { untilEpoch, configuration } of pack.tasks)
        ends.push(`${configuration.optimiser} ${configuration.momentum} ${untilEpoch}`);
      return inner.train(pack, hooks);
    },
  };
  try {
    await run(store, engine, 0, 6);
    assert.deepEqual(
      ends,
      [2, 5].flatMap((epochs) => [`adamw undefined ${epochs}`, `sgd 0 ${epochs}`, `sgd 0.9 ${epochs}`]),
    );
    const reports = store.rows().map(({ entry }) => entry.report);
    assert.deepEqual(
      reports.map(({ outcome, epochs }) => `${outcome} ${epochs}`),
      [2, 5].flatMap((epochs) => Array(3).fill(`completed ${epochs}`)),
    );
    const scores = reports.map((report) => report.outcome === 'completed' && report.scores[0]?.coveredVariance);
    assert.equal(new Set(scores).size, 6, 'momentum and length make a difference');
  } finally {
    await inner.close();
  }
});

test('trials of the sweep that is extended are not given to the engine', async () => {
  const store = memoryStore(SWEEP, SPEC);
  for (const index of [1, 2, 5]) store.adoptable.add(index);
  assert.deepEqual(await run(store, createNullEngine(), 0, 6), { trained: 3, skipped: 3 });
  assert.deepEqual(
    store.rows().map(({ index }) => index),
    [0, 3, 4],
  );
  const broken = createNullEngine({ breakdown: () => true });
  const all = memoryStore(SWEEP, SPEC);
  for (const index of [0, 1, 2]) all.adoptable.add(index);
  assert.deepEqual(await run(all, broken, 0, 3), { trained: 0, skipped: 3 });
});

test('a breakdown in one partition stops the others, and what has ended is kept', async () => {
  const store = memoryStore(SWEEP, SPEC);
  const inner = createNullEngine({ secondsPerTrial: 0.05 });
  const stopped: string[] = [];
  const engine: Engine = {
    ...inner,
    async train(pack, hooks) {
      const [task] = pack.tasks;
      if (task?.trialId === trialId(SWEEP, 6)) {
        await inner.train({ ...pack, tasks: pack.tasks.slice(0, 1) }, hooks);
        throw new Error('the device is lost');
      }
      return inner.train(pack, hooks).catch((error: unknown) => {
        stopped.push((error as Error).message);
        throw error;
      });
    },
  };
  await assert.rejects(
    run(store, engine, 0, 12),
    (error) => error instanceof ApplicationFailure && /the device is lost/.test(error.message),
  );
  assert.deepEqual(stopped, ['the device is lost']);
  assert.ok(store.rows().some(({ index }) => index === 6));
  assert.ok(store.rows().length < 12);
});

test('trials that are left out are skipped, and their points are not proposed', async () => {
  const spec = specOf({
    methods: ['ednn', 'nnca'],
    space: { k: 1, hidden: [6], learningRate: { log: [0.001, 0.1] } },
    seeds: 1,
    sampler: { tpe: { trials: 12, startup: 2 } },
  });
  const store = memoryStore(SWEEP, spec);
  store.cellLimits = { 'nnca/1': 2 };
  const engine = createNullEngine();
  assert.deepEqual(await run(store, engine, 0, 8), { trained: 6, skipped: 2 });
  assert.deepEqual(
    store.rows().map(({ index }) => index),
    [0, 1, 2, 3, 4, 6],
  );
  assert.equal(store.proposals.filter(({ cell }) => cell === 'nnca/1').length, 2);
  const range = { sweepId: SWEEP, rung: 0, from: 6, to: 12, retry: false };
  assert.equal((await readProgress(store, range)).pending, 2);
  assert.equal(await recordFailures(store, engine, { ...range, code: 'EngineLost', message: 'gone' }), 2);
});

const BUDGETED = specOf({
  methods: ['ednn', 'nnca'],
  space: { k: 1, hidden: [6], learningRate: { log: [0.001, 0.1] } },
  seeds: 2,
  sampler: { random: { trials: 40 } },
  budget: { coreSeconds: 10 },
});

test('a method whose share of the budget is spent trains what has begun, and no more', async () => {
  const store = memoryStore(SWEEP, BUDGETED);
  const engine: Engine = createNullEngine();
  // One trial of NNCA takes a second, one of EDNN nothing.
  const slow: SweepStore = {
    ...store,
    recordReports: (id, by, entries) =>
      store.recordReports(
        id,
        by,
        entries.map((entry) => ({
          ...entry,
          report: { ...entry.report, seconds: entry.trial.configuration.method === 'nnca' ? 1 : 0 },
        })),
      ),
  };
  for (let from = 0; from < 40; from += 5) await run(slow, engine, from, from + 5);
  assert.deepEqual(store.cellLimits, { 'nnca/1': 4 });
  // The last point, of which a pack had trained one seed, is trained with the other, too.
  const points = store.rows().flatMap(({ entry, index }) => (entry.trial.cell === 'nnca/1' ? [Math.floor(index / 4)] : []));
  assert.deepEqual(points, [0, 0, 1, 1, 2, 2, 3, 3]);
  assert.equal(store.rows().length, 28);
  assert.equal(await closeSweep(store, SWEEP), 'completed');
  assert.deepEqual(store.states, [
    'completed: the share of NNCA in the budget of 10 core-seconds is spent: 12 trials are left out',
  ]);
});

test('a pack of a later rung, or of failed trials, is trained without a look at the budget', async () => {
  const store = memoryStore(SWEEP, BUDGETED);
  const refuse: SweepStore = { ...store, spendOnPoints: () => assert.fail('it asked') };
  const range = { sweepId: SWEEP, rung: 0, from: 0, to: 4, retry: true };
  await mockActivity().run(activitiesOver(refuse, createNullEngine()).trainPack, range);
  await mockActivity().run(activitiesOver(refuse, createNullEngine()).trainPack, { ...range, retry: false, rung: 1 });
});
