/** Packs whose workers stop, die or fail, on a real Temporal server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, PackRange } from '../../activities/index.ts';
import type { TrialTask } from '../../models/training/task.ts';
import { specOf } from '../search/specs.ts';
import { until } from '../support/until.ts';
import { startHarness, type WorkflowHarness } from './harness.ts';

let harness: WorkflowHarness;
before(async () => {
  harness = await startHarness();
});
after(() => harness[Symbol.asyncDispose]());

const seedsOf = (seeds: number, epochs = 9) => specOf({ methods: ['ednn'], space: { k: 1 }, seeds, training: { epochs } });

/** The epoch in a checkpoint of the null engine. */
const epochOf = (checkpoint: Uint8Array | null | undefined): number => (checkpoint ? Buffer.from(checkpoint).readUInt32BE() : 0);

const contains = ({ from, to }: PackRange, index: number): boolean => from <= index && index < to;

/** Fails as the server does where the worker of an attempt died. */
function loseWorker(): never {
  throw ApplicationFailure.create({ type: 'WorkerLost', message: 'heartbeat timeout' });
}

test('a trial whose trainer is stopped more often than it may fail completes from its last checkpoint', async () => {
  const starts: number[] = [];
  const ending = ({ checkpoint }: TrialTask) => {
    starts.push(epochOf(checkpoint));
    return null;
  };
  await using run = await harness.start(seedsOf(1, 2000), { engine: { secondsPerTrial: 0.6, ending } });
  const { store, handle } = run;
  const id = `${run.input.sweepId}-0`;
  for (let stops = 0, last = 0; stops < 6; stops++) {
    await until(() => epochOf(store.checkpoints.get(id)) > last, 'a checkpoint');
    last = epochOf(store.checkpoints.get(id));
    await run.replaceTrainer();
  }
  assert.equal(await handle.result(), 'completed');
  assert.deepEqual(
    store.rows().map(({ outcome }) => outcome),
    ['completed'],
  );
  assert.equal(starts.length, 1, 'each other attempt was interrupted');
  assert.ok((starts[0] ?? 0) >= 1968, `six halvings of 2000 epochs are behind it: ${starts}`);
});

test('attempts start anew with progress: a pack that fails after each of ten checkpoints completes', async () => {
  await using run = await harness.start(seedsOf(1), {
    activities: (own) => ({
      async trainPack(range: PackRange) {
        const id = `${range.sweepId}-${range.from}`;
        const epoch = epochOf(run.store.checkpoints.get(id));
        if (epoch === 10) return own.trainPack(range);
        await run.store.saveCheckpoint(id, epoch + 1, Uint8Array.of(0, 0, 0, epoch + 1));
        return loseWorker();
      },
    }),
  });
  assert.equal(await run.handle.result(), 'completed');
});

test('only the trial that kills its workers fails, with the reason; those beside it complete', { timeout: 120_000 }, async () => {
  const poison = 5;
  const attempts: PackRange[] = [];
  /** Kills everything that the process trains with the poison. */
  let kill = new AbortController();
  let training = 0;
  const trainPack = (own: Activities) => async (range: PackRange) => {
    attempts.push(range);
    if (range.alone) await until(() => training === 0, 'nothing else is trained');
    training += 1;
    try {
      if (contains(range, poison)) {
        kill.abort();
        kill = new AbortController();
        return loseWorker();
      }
      const { signal } = kill;
      // Long enough to be hit by a poison beside it.
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (signal.aborted) return loseWorker();
      return await own.trainPack(range);
    } finally {
      training -= 1;
    }
  };
  await using run = await harness.start(seedsOf(8), {
    packSizes: [2],
    activities: (own) => ({ trainPack: trainPack(own) }),
  });
  assert.equal(await run.handle.result(), 'partial');
  assert.deepEqual(
    run.store.rows().flatMap(({ index, outcome }) => (outcome === 'completed' ? [] : [index])),
    [poison],
  );
  const report = run.store.rows()[poison]?.entry.report;
  assert.ok(report?.outcome === 'failed');
  assert.equal(report.code, 'WorkerLost');
  assert.match(report.message, /its workers died.*trained nothing else.*memory/);
  // Four beside others, two alone, two by itself: both halves of the pack are trained alone.
  assert.equal(attempts.filter((range) => contains(range, poison)).length, 8);
});

test('a suspect is not blamed for the death of its worker while it waited for others', async () => {
  const attempts: string[] = [];
  const timedOut = Promise.withResolvers<void>();
  await using run = await harness.start(seedsOf(1), {
    activities: (own) => ({
      async trainPack(range: PackRange) {
        const lost = ApplicationFailure.create({ type: 'WorkerLost', message: 'heartbeat timeout', nonRetryable: true });
        if (!range.alone) throw lost;
        const attempt = ['waits', 'begins', 'ends'][attempts.length] as string;
        attempts.push(attempt);
        if (attempt === 'waits') {
          Context.current().heartbeat({ trials: 1, ended: 0, epoch: 0, waits: true });
          await timedOut.promise;
        }
        timedOut.resolve();
        if (attempt === 'begins') throw lost;
        return own.trainPack(range);
      },
    }),
  });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(attempts, ['waits', 'begins', 'ends']);
});

test('codes of older workers are stored in the vocabulary', async () => {
  await using run = await harness.start(seedsOf(1), {
    activities: () => ({
      trainPack() {
        throw ApplicationFailure.create({ type: 'WorkerShutdown', message: 'the worker stops', nonRetryable: true });
      },
    }),
  });
  assert.equal(await run.handle.result(), 'failed');
  const report = run.store.rows()[0]?.entry.report;
  assert.equal(report?.outcome === 'failed' && report.code, 'Unexpected');
});
