import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { finalState } from '../../activities/close-sweep.ts';
import { failureCode, toFailure } from '../../activities/failures.ts';
import { type Activities, activitiesOver, type PackRange } from '../../activities/index.ts';
import { pendingIndices } from '../../activities/pending-trials.ts';
import type { TrialEntry } from '../../db/queries/trials/report-details.ts';
import { NarrowsError } from '../../errors.ts';
import type { Engine } from '../../models/engines/engine.ts';
import { createNullEngine, type NullEngineOptions } from '../../models/engines/null-engine.ts';
import { createBrackets } from '../../search/stopping/brackets.ts';
import { halving as halvingRule } from '../../search/stopping/halving.ts';
import { specOf } from '../search/specs.ts';
import { memoryStore } from './memory-store.ts';

const SWEEP = 's0123456789';

/** Failures are expected here; the SDK would log each. */
function mockActivity(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
}

function stand(options: NullEngineOptions = {}, changes: Record<string, unknown> = {}) {
  const store = memoryStore(SWEEP, specOf({ space: { k: [1, 2] }, seeds: 2, ...changes }));
  const activities = activitiesOver(store, createNullEngine(options));
  const run = (range: Partial<PackRange>) =>
    mockActivity().run(activities.trainPack, { sweepId: SWEEP, rung: 0, from: 0, to: 10, retry: false, ...range });
  return { store, activities, run };
}

/** Configurations of one cell, each of two seeds. */
const ONE_CELL = { methods: ['ednn'], space: { k: 1, learningRate: { choice: [0.01, 0.1, 1] } } };
/** Validation curves of the three configurations of ONE_CELL. */
const CURVES = [
  [0.5, 0.6, 0.65, 0.68, 0.7],
  [0.1, 0.12, 0.13, 0.14, 0.15],
  [0.5, 0.6, 0.65, 0.68, 0.7],
];

test('a pack trains its range and writes one row per trial', async () => {
  const { store, run } = stand();
  assert.deepEqual(await run({}), { trained: 10, skipped: 0 });
  assert.deepEqual(
    store.rows().map(({ index, outcome }) => `${index} ${outcome}`),
    Array.from({ length: 10 }, (_, i) => `${i} completed`),
  );
});

test('a second delivery of a pack changes nothing', async () => {
  const { store, run } = stand();
  await run({ to: 4 });
  assert.deepEqual(await run({}), { trained: 6, skipped: 4 });
  assert.deepEqual(await run({}), { trained: 0, skipped: 10 });
  assert.equal(store.refused, 0);
});

test('a diverged or failed trial affects no other; a retry trains only failed ones', async () => {
  let well = false;
  const { store, run } = stand({
    ending: ({ trialId }) => (trialId.endsWith('-3') ? 'diverged' : trialId.endsWith('-5') && !well ? 'failed' : null),
  });
  await run({});
  assert.deepEqual(await store.counts(SWEEP), { completed: 8, pruned: 0, diverged: 1, failed: 1 });
  assert.deepEqual(await run({}), { trained: 0, skipped: 10 });
  well = true;
  assert.deepEqual(await run({ retry: true }), { trained: 1, skipped: 9 });
  assert.deepEqual(await store.counts(SWEEP), { completed: 9, pruned: 0, diverged: 1, failed: 0 });
});

test('a cancelled pack stops, keeps what ended and a checkpoint of what did not', async () => {
  const store = memoryStore(SWEEP, specOf({ space: { k: [1, 2] }, seeds: 2 }));
  const environment = mockActivity();
  const engine = createNullEngine({ secondsPerTrial: 0.2 });
  // Cancels in the middle of the second trial.
  const train: Engine['train'] = (pack, hooks) =>
    engine.train(pack, {
      ...hooks,
      onCheckpoint(checkpoint) {
        hooks.onCheckpoint(checkpoint);
        if (checkpoint.trialId === `${SWEEP}-1`) environment.cancel();
      },
    });
  const { trainPack } = activitiesOver(store, { ...engine, train });
  const running = environment.run(trainPack, { sweepId: SWEEP, rung: 0, from: 0, to: 10, retry: false });
  await assert.rejects(running, CancelledFailure);
  assert.deepEqual(
    store.rows().map(({ index }) => index),
    [0],
  );
  assert.deepEqual([...store.checkpoints.keys()], [`${SWEEP}-1`]);
});

test('work that a stopping worker gives back is no failure: the workflow gets it at once', async () => {
  const store = memoryStore(SWEEP, specOf({ space: { k: [1, 2] }, seeds: 2 }));
  const { trainPack, compareSweep } = activitiesOver(store, createNullEngine({ secondsPerTrial: 30 }));
  store.compare = (_sweepId, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('the thread was ended'))));
  for (const begin of [
    (environment: MockActivityEnvironment) =>
      environment.run(trainPack, { sweepId: SWEEP, rung: 0, from: 0, to: 10, retry: false }),
    (environment: MockActivityEnvironment) => environment.run(compareSweep, SWEEP),
  ]) {
    const environment = mockActivity();
    const heartbeat = once(environment, 'heartbeat');
    const running = begin(environment);
    await heartbeat;
    environment.cancel('WORKER_SHUTDOWN', ActivityCancellationDetails.fromProto({ isWorkerShutdown: true }));
    await assert.rejects(running, { type: 'WorkerStopped', nonRetryable: true });
  }
});

test('a pack that is trained alone waits for others of its process', async () => {
  const store = memoryStore(SWEEP, specOf({ space: { k: [1, 2] }, seeds: 2 }));
  let [atOnce, most] = [0, 0];
  const engine = createNullEngine({ secondsPerTrial: 0.01 });
  const { trainPack } = activitiesOver(store, {
    ...engine,
    async train(pack, hooks) {
      most = Math.max(most, ++atOnce);
      return engine.train(pack, hooks).finally(() => {
        atOnce -= 1;
      });
    },
  });
  const train = (range: Partial<PackRange>) =>
    mockActivity().run(trainPack, { sweepId: SWEEP, rung: 0, from: 0, to: 10, retry: false, ...range });
  await Promise.all([train({ to: 2, alone: true }), train({ from: 2, to: 4, alone: true }), train({ from: 4, to: 6 })]);
  assert.equal(most, 1);
  await Promise.all([train({ from: 6, to: 8 }), train({ from: 8 })]);
  assert.equal(most, 2);
});

test('progress of a pack: pending trials, and what their checkpoints hold', async () => {
  const { store, activities, run } = stand();
  await run({ to: 4 });
  await store.saveCheckpoint(`${SWEEP}-4`, 7, Uint8Array.of(0, 0, 0, 7));
  await store.saveCheckpoint(`${SWEEP}-9`, 2, Uint8Array.of(0, 0, 0, 2));
  const progress = (from: number, to: number) =>
    mockActivity().run(activities.readProgress, { sweepId: SWEEP, rung: 0, from, to, retry: false });
  assert.deepEqual(await progress(0, 10), { pending: 6, epochs: 9, bytes: 8 });
  assert.deepEqual(await progress(0, 4), { pending: 0, epochs: 0, bytes: 0 });
});

test('heartbeats are sent throughout, with the number of ended trials', async () => {
  const { activities } = stand({ secondsPerTrial: 0.3 });
  const environment = mockActivity();
  const beats: { ended: number }[] = [];
  environment.on('heartbeat', (details: { ended: number }) => beats.push({ ...details }));
  await environment.run(activities.trainPack, { sweepId: SWEEP, rung: 0, from: 0, to: 4, retry: false });
  assert.ok(beats.length >= 2, `${beats.length}`);
  assert.ok((beats.at(-1)?.ended ?? 0) > (beats[0]?.ended ?? 0));
});

test('a broken engine is a retryable failure', async () => {
  const { run } = stand({ breakdown: () => true });
  await assert.rejects(run({}), (failure) => {
    assert.ok(failure instanceof ApplicationFailure);
    assert.equal(failure.type, 'EngineLost');
    assert.equal(failure.nonRetryable, false);
    return true;
  });
});

test('a lost database stops the training; the next attempt trains only trials without rows', async () => {
  let trained = 0;
  const ending = () => {
    trained++;
    return null;
  };
  const { store, run } = stand({ secondsPerTrial: 0.05, ending });
  store.writeErrors.push(Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' }));
  await assert.rejects(run({}), { type: 'DatabaseUnreachable', nonRetryable: false });
  assert.ok(trained < 10, 'stops at the first failed write, not after all trials');
  assert.deepEqual(await run({}), { trained: 10, skipped: 0 });
  assert.equal(store.rows().length, 10);
});

test('an unknown sweep is a final failure', async () => {
  const { run } = stand();
  await assert.rejects(run({ sweepId: 's-other' }), { type: 'SweepMissing', nonRetryable: true });
});

test('halving: rungs train to their epochs, promotion is decided once, late trials follow', async () => {
  const failing = new Set([`${SWEEP}-1`]);
  const { store, activities, run } = stand(
    { ending: ({ trialId }) => (failing.has(trialId) ? 'failed' : null) },
    {
      methods: ['ednn'],
      space: { k: 1, learningRate: { choice: [0.01, 0.1] } },
      halving: { reduction: 2, rungs: 2 },
      training: { epochs: 10 },
    },
  );
  await run({ to: 4 });
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['rung', 'failed', 'rung', 'rung'],
  );
  // The rate 0.01 is better but lost a seed, so 0.1 goes on.
  const at = { sweepId: SWEEP, rung: 0 };
  assert.equal(await mockActivity().run(activities.promoteRung, at), 2);
  assert.equal(await mockActivity().run(activities.promoteRung, at), 2);
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['pruned', 'failed', 'rung', 'rung'],
  );
  assert.deepEqual(await run({ rung: 1, to: 2 }), { trained: 2, skipped: 0 });
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['pruned', 'failed', 'completed', 'completed'],
  );

  failing.clear();
  assert.deepEqual(await run({ to: 4, retry: true }), { trained: 1, skipped: 3 });
  assert.equal(await mockActivity().run(activities.promoteRung, at), 2);
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['pruned', 'pruned', 'completed', 'completed'],
  );
});

test('Hyperband: a bracket is decided by the number of its points', async () => {
  const halving = { reduction: 2, rungs: 2, brackets: 2 };
  const { store, activities, run } = stand(
    {},
    { methods: ['ednn'], space: { k: 1, learningRate: { log: [0.01, 0.1] } }, halving, sampler: { random: { trials: 20 } } },
  );
  await run({ to: 20 });
  const bracketOf = createBrackets(halving);
  const later = [...Array(10).keys()].filter((point) => bracketOf(point) === 1);
  assert.ok(later.length > 0 && later.length < 10);
  const entrants = 2 * (halvingRule.countEntrants(halving, 10)[1] ?? 0);
  assert.equal(await mockActivity().run(activities.promoteRung, { sweepId: SWEEP, rung: 0 }), entrants);
  const pruned = store.rows().flatMap(({ index, outcome }) => (outcome === 'pruned' ? [Math.floor(index / 2)] : []));
  assert.equal(pruned.length, 20 - entrants);
  assert.ok(
    pruned.every((point) => bracketOf(point) === 0),
    `${pruned}`,
  );
});

for (const stopping of [{ median: { rungs: 2 } }, { extrapolate: { rungs: 2, deviations: 1 } }]) {
  const [rule] = Object.keys(stopping);
  test(`${rule}: rungs are decided on learning curves up to their end, and late trials follow`, async () => {
    const failing = new Set([`${SWEEP}-1`]);
    const { store, activities, run } = stand(
      { ending: ({ trialId }) => (failing.has(trialId) ? 'failed' : null) },
      { ...ONE_CELL, stopping, training: { epochs: 10 } },
    );
    await run({ to: 6 });
    const curves = store.curvesAtRung;
    const asked: number[] = [];
    store.curvesAtRung = async (sweepId, rung, epochs) => {
      asked.push(epochs);
      const known = await curves(sweepId, rung, epochs);
      return known.map((one) => ({ ...one, curve: CURVES[Math.floor(one.index / 2)] as number[] }));
    };
    const at = { sweepId: SWEEP, rung: 0 };
    // The first configuration lost a seed; the second is behind the third.
    assert.equal(await mockActivity().run(activities.promoteRung, at), 2);
    const outcomes = () => store.rows().map(({ outcome }) => outcome);
    assert.deepEqual(outcomes(), ['pruned', 'failed', 'pruned', 'pruned', 'rung', 'rung']);
    assert.deepEqual(await run({ rung: 1, to: 2 }), { trained: 2, skipped: 0 });
    failing.clear();
    assert.deepEqual(await run({ to: 6, retry: true }), { trained: 1, skipped: 5 });
    assert.equal(await mockActivity().run(activities.promoteRung, at), 2);
    assert.deepEqual(outcomes(), ['pruned', 'pruned', 'pruned', 'pruned', 'completed', 'completed']);
    assert.deepEqual(asked, [5, 5]);
  });
}

test('asynchronous halving: trials go on one after another, each with a place that it keeps', async () => {
  const { store, activities, run } = stand(
    {},
    {
      ...{ methods: ['ednn', 'nnca'], seeds: 2, training: { epochs: 10 } },
      space: { k: 1, learningRate: { choice: [0.1, 0.05, 0.02, 0.01] } },
      halving: { reduction: 2, rungs: 2, asynchronous: true },
    },
  );
  const promote = (isComplete = false, methods?: readonly ('ednn' | 'nnca')[]) =>
    mockActivity().run(activities.promoteReached, { sweepId: SWEEP, rung: 0, isComplete, ...(methods && { methods }) });
  const places = () => store.survivors(SWEEP, 1, { offset: 0, limit: 100 });
  assert.equal(await promote(), 0);
  // The last of five lacks its sibling: one configuration of each method has ended.
  await run({ to: 5 });
  assert.equal(await promote(), 0);
  await run({ from: 5, to: 8 });
  assert.equal(await promote(), 4);
  assert.equal(await promote(), 4, 'nothing new has ended');
  assert.deepEqual(await places(), [4, 5, 6, 7]);
  assert.deepEqual(await run({ rung: 1, from: 0, to: 3 }), { trained: 3, skipped: 0 });
  // Better rates, which come later.
  await run({ from: 8, to: 16 });
  assert.equal(await promote(false, ['nnca']), 6);
  assert.deepEqual(await places(), [4, 5, 6, 7, 10, 11, 14, 15]);
  assert.deepEqual(await run({ rung: 1, from: 3, to: 6 }), { trained: 3, skipped: 0 });
  assert.equal(await promote(true), 12);
  assert.deepEqual(await places(), [4, 5, 6, 7, 10, 11, 14, 15, 8, 9, 12, 13]);
  assert.deepEqual(await run({ rung: 1, from: 6, to: 12 }), { trained: 6, skipped: 0 });
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    Array.from({ length: 16 }, (_, index) => (index < 4 ? 'pruned' : 'completed')),
  );
});

describe('warm starts', () => {
  const changes = {
    methods: ['ednn'],
    space: { k: [1, 2] },
    warm: { 'ednn/1': 'searlier-0', 'ednn/2': 'searlier-7' },
    sampler: { list: [{}, { start: 'warm' }] },
    halving: { reduction: 2, rungs: 2 },
    training: { epochs: 10 },
  };
  const begin = () => {
    const given: [string, Uint8Array | null][] = [];
    const ending = ({ trialId, initial }: { trialId: string; initial: Uint8Array | null }) => {
      given.push([trialId, initial]);
      return null;
    };
    const it = stand({ ending }, changes);
    it.store.models.set('searlier-0', Uint8Array.of(1)).set('searlier-7', Uint8Array.of(2));
    return { ...it, given };
  };
  const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];

  test('a pack loads each model once per rung, for the trials that start from it', async () => {
    const { store, activities, run, given } = begin();
    await run({ to: 8 });
    const id = (index: number) => `${SWEEP}-${index}`;
    const expected = [null, null, null, null, one, one, two, two];
    assert.deepEqual(
      given,
      expected.map((bytes, index) => [id(index), bytes]),
    );
    assert.deepEqual(store.asked, ['searlier-0', 'searlier-7']);
    await store.decideRung(SWEEP, 0, { promoted: [4, 5], pruned: [0, 1, 2, 3, 6, 7] });
    assert.equal(await mockActivity().run(activities.promoteRung, { sweepId: SWEEP, rung: 0 }), 2);
    await run({ rung: 1, to: 2 });
    assert.deepEqual(given.slice(8), [
      [id(4), one],
      [id(5), one],
    ]);
    assert.deepEqual(store.asked.slice(2), ['searlier-0']);
  });

  test('a model that cannot be loaded fails its trials, until it can', async () => {
    const { store, run } = begin();
    store.models.delete('searlier-0');
    assert.deepEqual(await run({ to: 8 }), { trained: 8, skipped: 0 });
    assert.deepEqual(
      store.rows().map(({ outcome }) => outcome),
      ['rung', 'rung', 'rung', 'rung', 'failed', 'failed', 'rung', 'rung'],
    );
    const { report } = (store.rows()[4] as { entry: TrialEntry }).entry;
    assert.equal(report.outcome === 'failed' && report.code, 'weights-dropped');
    store.models.set('searlier-0', one);
    assert.deepEqual(await run({ to: 8, retry: true }), { trained: 2, skipped: 6 });
    assert.ok(store.rows().every(({ outcome }) => outcome === 'rung'));
  });

  test('a database that does not answer is a retryable failure', async () => {
    const { store, run } = begin();
    store.loadModel = async () => {
      throw Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
    };
    await assert.rejects(run({ to: 8 }), { type: 'DatabaseUnreachable', nonRetryable: false });
    assert.deepEqual(store.rows(), []);
  });
});

test('a trial that failed on a later rung is retried there, from its checkpoint', async () => {
  const starts: (Uint8Array | null)[] = [];
  let well = false;
  const { store, activities, run } = stand(
    {
      ending({ untilEpoch, checkpoint }) {
        if (untilEpoch === 10) starts.push(checkpoint);
        return untilEpoch === 10 && !well ? 'failed' : null;
      },
    },
    {
      methods: ['ednn'],
      space: { k: 1 },
      halving: { reduction: 2, rungs: 2 },
      training: { epochs: 10 },
    },
  );
  await run({ to: 2 });
  await mockActivity().run(activities.promoteRung, { sweepId: SWEEP, rung: 0 });
  await run({ rung: 1, to: 2 });
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['failed', 'failed'],
  );
  well = true;
  assert.deepEqual(await run({ to: 2, retry: true }), { trained: 0, skipped: 2 }, 'not on rung 0');
  assert.deepEqual(await run({ rung: 1, to: 2, retry: true }), { trained: 2, skipped: 0 });
  assert.equal(starts.length, 4);
  assert.ok(starts.every((checkpoint) => checkpoint?.at(-1) === 5));
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['completed', 'completed'],
  );
});

test('recordFailures marks pending trials only', async () => {
  const { store, activities, run } = stand();
  await run({ to: 2 });
  const range = { sweepId: SWEEP, rung: 0, from: 0, to: 4, retry: false };
  assert.equal(
    await mockActivity().run(activities.recordFailures, { ...range, code: 'WorkerLost' as const, message: 'gone' }),
    2,
  );
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['completed', 'completed', 'failed', 'failed'],
  );
});

test('pending trials, as a table', () => {
  const states = [
    { index: 1, outcome: 'completed', rung: 1 },
    { index: 2, outcome: 'failed', rung: 0 },
    { index: 3, outcome: 'failed', rung: 1 },
    { index: 4, outcome: 'rung', rung: 0 },
    { index: 5, outcome: 'rung', rung: 1 },
    { index: 6, outcome: 'pruned', rung: 0 },
    { index: 7, outcome: 'diverged', rung: 0 },
  ] as const;
  const all = [0, 1, 2, 3, 4, 5, 6, 7];
  assert.deepEqual(pendingIndices(all, states, 0, false), [0]);
  assert.deepEqual(pendingIndices(all, states, 1, false), [0, 4]);
  assert.deepEqual(pendingIndices(all, states, 0, true), [2]);
  assert.deepEqual(pendingIndices(all, states, 1, true), [3, 4]);
});

test('the final state follows from the counts', () => {
  const none = { completed: 0, pruned: 0, diverged: 0, failed: 0 };
  assert.equal(finalState({ ...none, completed: 3, diverged: 1 }, 4), 'completed');
  assert.equal(finalState({ ...none, completed: 3, failed: 1 }, 4), 'partial');
  assert.equal(finalState({ ...none, failed: 4 }, 4), 'failed');
});

test('errors are translated into the vocabulary of failures', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  const table: readonly [unknown, string][] = [
    [coded('ECONNREFUSED'), 'DatabaseUnreachable'],
    [coded('CONNECTION_CLOSED'), 'DatabaseUnreachable'],
    [coded('57P01'), 'DatabaseUnreachable'],
    [coded('23505'), 'Unexpected'],
    [coded('ENOSPC'), 'DiskFull'],
    [coded('EDQUOT'), 'DiskFull'],
    [coded('53100'), 'DatabaseUnreachable'],
    [coded('XX001'), 'DatabaseCorrupt'],
    [new NarrowsError('dataset-missing', 'gone'), 'DatasetMissing'],
    [new Error('wrapped', { cause: coded('ECONNRESET') }), 'DatabaseUnreachable'],
    ['thrown text', 'Unexpected'],
  ];
  for (const [error, code] of table) assert.equal(failureCode(error), code);
  assert.equal(toFailure(new NarrowsError('spec-invalid', 'bad')).message, 'bad');
  assert.equal(toFailure(new NarrowsError('dataset-corrupt', 'bad', { fix: 'import it' })).message, 'bad; import it');
  assert.equal(toFailure(new NarrowsError('database-unreachable', 'gone', { fix: 'wait' })).message, 'gone');
});

test('every activity throws failures of the vocabulary only', async () => {
  const { store, activities } = stand();
  store.compare = async () => {
    throw new Error('a fault');
  };
  const compare: Activities['compareSweep'] = activities.compareSweep;
  await assert.rejects(mockActivity().run(compare, SWEEP), { type: 'Unexpected' });
});

test('long steps at the end of a sweep send heartbeats, and end when they are cancelled', async () => {
  for (const [name, activity] of [
    ['compare', 'compareSweep'],
    ['interpret', 'interpretSweep'],
  ] as const) {
    const { store, activities } = stand();
    store[name] = (_sweepId, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const environment = mockActivity();
    const heartbeat = once(environment, 'heartbeat');
    const run = environment.run(activities[activity], SWEEP);
    await heartbeat;
    environment.cancel();
    await assert.rejects(run, CancelledFailure);
  }
});
