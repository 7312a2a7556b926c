import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countTraining } from '../../../infra/metrics/engine.ts';
import { createMetrics } from '../../../infra/metrics/metrics.ts';
import { observeEngine } from '../../../infra/worker/observed-engine.ts';
import type { Engine, TrainHooks } from '../../../models/engines/engine.ts';
import { createNullEngine } from '../../../models/engines/null-engine.ts';
import { epochFlops } from '../../../models/methods/cost.ts';
import { packContainer } from '../../../models/stored/container.ts';
import type { TrialReport } from '../../../models/training/report.ts';
import type { TrialTask } from '../../../models/training/task.ts';
import { previewTrials } from '../../../search/space.ts';
import { tinyData } from '../../activities/memory-store.ts';
import { SPEC } from '../../db/fixtures.ts';

const [trial] = previewTrials({ ...SPEC, methods: ['ednn'] }, [0]);
const TRIAL = (trial as NonNullable<typeof trial>).configuration;
const data = tinyData();
const size = { trainRows: data.rows.train.length, descriptors: data.x.columns, energies: data.y.columns };
const FLOPS = epochFlops(TRIAL, size);

const task = (trialId: string, checkpoint: Uint8Array | null = null): TrialTask => ({
  ...{ trialId, configuration: TRIAL, seed: 0, untilEpoch: TRIAL.epochs, checkpoint, initial: null },
});

const HOOKS: TrainHooks = {
  signal: new AbortController().signal,
  onReport: () => {},
  onProgress: () => {},
  onCheckpoint: () => {},
  checkpointSeconds: 5,
};

/** Calls `act` in place of a training; returns the epochs that were counted. */
async function countedEpochs(tasks: readonly TrialTask[], act: (hooks: TrainHooks) => void): Promise<number> {
  const metrics = createMetrics('worker', { role: 'trainer', version: '1' });
  const engine: Engine = {
    ...createNullEngine(),
    async train(_, hooks) {
      act(hooks);
      return [];
    },
  };
  await observeEngine(engine, [countTraining(metrics)]).train({ data, tasks }, HOOKS);
  const text = await metrics.expose();
  const value = (name: string) =>
    Number(new RegExp(`^${name}\\{method="ednn",engine="null"\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  const epochs = value('narrows_training_rows_total') / size.trainRows;
  assert.ok(Math.abs(value('narrows_training_flops_total') / FLOPS - epochs) < 1e-9);
  return epochs;
}

const progress = (trialId: string, epoch: number) => ({ trialId, epoch, validation: 0 });
const failed = (trialId: string, epochs: number): TrialReport => ({
  ...{ trialId, epochs, seconds: 0, outcome: 'failed', code: 'x', message: 'x' },
});

test('epochs are counted once, as they are trained', async () => {
  const epochs = await countedEpochs([task('a'), task('b')], ({ onProgress, onReport }) => {
    onProgress(progress('a', 3));
    onProgress(progress('b', 1));
    onProgress(progress('a', 3));
    // Threads may report out of order.
    onProgress(progress('a', 2));
    onReport(failed('a', 8));
    onProgress(progress('unknown', 5));
  });
  assert.equal(epochs, 9);
});

test('a trial that goes on from a checkpoint does not count its epochs again', async () => {
  const checkpoint = packContainer({ kind: 'checkpoint', header: { epoch: 5 }, blocks: {} });
  assert.equal(await countedEpochs([task('a', checkpoint)], ({ onReport }) => onReport(failed('a', 8))), 3);
  // That of the null engine: its epochs count from the first that is known.
  const own = await countedEpochs([task('a', new Uint8Array(4))], ({ onProgress, onReport }) => {
    onProgress(progress('a', 6));
    onReport(failed('a', 8));
  });
  assert.equal(own, 2);
});

test('the engine and its reports are as without metrics', async () => {
  const metrics = createMetrics('worker', { role: 'trainer', version: '1' });
  const engine = createNullEngine();
  const measured = observeEngine(engine, [countTraining(metrics)]);
  assert.deepEqual([measured.name, measured.build, measured.threads], [engine.name, engine.build, engine.threads]);
  const seen: TrialReport[] = [];
  const hooks = { ...HOOKS, onReport: (report: TrialReport) => void seen.push(report) };
  const reports = await measured.train({ data, tasks: [task('a')] }, hooks);
  assert.deepEqual(reports, await engine.train({ data, tasks: [task('a')] }, HOOKS));
  assert.deepEqual(seen, reports);
});
