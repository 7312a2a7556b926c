import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Engine, TrainHooks } from '../../../../models/engines/engine.ts';
import { createKernelEngine } from '../../../../models/engines/kernel/engine.ts';
import { coveredVariance } from '../../../../models/evaluation/covered-variance.ts';
import { forward } from '../../../../models/networks/forward.ts';
import { physicalPart, standardize, unstandardize } from '../../../../models/scaling-fit.ts';
import { unpackModel } from '../../../../models/stored/model-file.ts';
import { mapRows } from '../../../../models/stored/predict.ts';
import type { TrialReport } from '../../../../models/training/report.ts';
import type { TrialTask } from '../../../../models/training/task.ts';
import { smoothData, taskOf } from '../../../support/data.ts';
import { warmTask } from '../../../support/models.ts';

const data = smoothData();
const engines: Engine[] = [];
after(() => Promise.all(engines.map((engine) => engine.close())));

function engineOf(threads: number): Engine {
  const engine = createKernelEngine({ threads });
  engines.push(engine);
  return engine;
}

const hooksOf = (changes: Partial<TrainHooks> = {}): TrainHooks => ({
  signal: new AbortController().signal,
  onReport: () => {},
  onProgress: () => {},
  onCheckpoint: () => {},
  checkpointSeconds: 60,
  ...changes,
});

const TASKS: TrialTask[] = [
  taskOf({ method: 'ednn', k: 1 }),
  taskOf({ method: 'ednn', k: 2, hidden: [13] }),
  taskOf({ method: 'nnca', k: 2, activation: 'silu' }),
  taskOf({ method: 'eca', k: 2 }, { trialId: 'eca' }),
  taskOf(
    { method: 'ednn', k: 1, layerNorm: true, dropout: 0.1, optimiser: 'adamw', weightDecay: 0.01, schedule: 'cosine' },
    { trialId: 'adamw' },
  ),
  taskOf({ method: 'nnca', k: 1, dropout: 0.2, optimiser: 'sgd', weightDecay: 0.001, schedule: 'step' }, { trialId: 'sgd' }),
  warmTask({ method: 'ednn', k: 2, layerNorm: true }, { trialId: 'warm ednn' }),
  warmTask({ method: 'nnca', k: 2 }, { trialId: 'warm nnca' }),
  warmTask({ method: 'eca', k: 2 }, { trialId: 'warm eca' }),
];

/** All that a trial found, without the times. */
function substance(report: TrialReport): unknown {
  if (report.outcome !== 'completed') return { outcome: report.outcome };
  const { figures, emulator, latents, model, curve } = report;
  return {
    figures,
    emulator,
    curve,
    latents: latents.map((block) => [...block.data]),
    model: Buffer.from(model).toString('base64'),
  };
}

test('a trial gives the same bits alone, in any pack, in any order, on any number of threads', async () => {
  const one = engineOf(1);
  const alone = new Map<string, unknown>();
  for (const task of TASKS)
    alone.set(task.trialId, substance((await one.train({ data, tasks: [task] }, hooksOf()))[0] as TrialReport));
  for (const [threads, tasks] of [
    [1, TASKS],
    [2, [...TASKS].reverse()],
    [3, [2, 0, 8, 5, 7, 3, 6, 1, 4].map((i) => TASKS[i] as TrialTask)],
  ] as const) {
    const reports = await engineOf(threads).train({ data, tasks }, hooksOf());
    reports.forEach((report, i) => {
      assert.equal(report.trialId, tasks[i]?.trialId);
      assert.deepEqual(substance(report), alone.get(report.trialId));
    });
  }
});

test('rungs and checkpoints do not change a bit', async () => {
  const engine = engineOf(2);
  for (const task of TASKS) {
    const [whole] = await engine.train({ data, tasks: [task] }, hooksOf());
    const [rung] = await engine.train({ data, tasks: [{ ...task, untilEpoch: 2 }] }, hooksOf());
    assert.equal(rung?.outcome, 'rung');
    const saved: Uint8Array[] = [];
    const [first] = await engine.train(
      { data, tasks: [{ ...task, checkpoint: rung.checkpoint }] },
      hooksOf({ checkpointSeconds: 0, onCheckpoint: ({ bytes }) => saved.push(bytes) }),
    );
    assert.deepEqual(substance(first as TrialReport), substance(whole as TrialReport));
    assert.ok(saved.length > 0);
    for (const checkpoint of saved) {
      const [resumed] = await engine.train({ data, tasks: [{ ...task, checkpoint }] }, hooksOf());
      assert.deepEqual(substance(resumed as TrialReport), substance(whole as TrialReport));
    }
  }
});

test('a warm start begins where the model stood: without a step it predicts as the model did; a start from scratch takes no model', async () => {
  const engine = engineOf(1);
  // Steps of nothing: the first epoch's score is that of the weights at the start.
  for (const [method, changes] of [
    ['ednn', { layerNorm: true }],
    ['nnca', {}],
    ['eca', {}],
  ] as const) {
    const task = warmTask({ method, k: 2, learningRate: 1e-30, epochs: 1, ...changes });
    const [report] = await engine.train({ data, tasks: [task] }, hooksOf());
    assert.equal(report?.outcome, 'completed');
    const { x, y } = physicalPart(data, 'validation');
    const { shape, parameters, scaling } = unpackModel(task.initial as Uint8Array);
    const output = (row: Float32Array) => forward(shape, parameters, row).at(-1) as Float64Array;
    const predicted = unstandardize(mapRows(standardize(x, scaling.x), scaling.y.kept.length, output), scaling.y);
    const score = report.curve.validation[0] as number;
    assert.ok(Math.abs(score - coveredVariance(y, predicted)) < 1e-4 * Math.abs(score), `${method} ${score}`);
  }
  const scratch = TASKS[0] as TrialTask;
  const { initial } = warmTask({ method: 'ednn', k: 1 });
  const [plain, given] = await engine.train({ data, tasks: [scratch, { ...scratch, initial }] }, hooksOf());
  assert.deepEqual(substance(given as TrialReport), substance(plain as TrialReport));
});

test('a model that does not fit is the ending of its trial', async () => {
  const { initial } = warmTask({ method: 'ednn', k: 2 });
  const tasks = [
    warmTask({ method: 'ednn', k: 1 }, { trialId: 'another width', initial }),
    warmTask({ method: 'ednn', k: 1 }, { trialId: 'no model', initial: Uint8Array.of(1, 2, 3) }),
    TASKS[0] as TrialTask,
  ];
  const reports = await engineOf(1).train({ data, tasks }, hooksOf());
  assert.deepEqual(
    reports.map((report) => (report.outcome === 'failed' ? report.code : report.outcome)),
    ['model-unfit', 'model-damaged', 'completed'],
  );
});

test('an abort ends the call within a second, and the engine goes on', async () => {
  const engine = engineOf(2);
  const abort = new AbortController();
  const long = [1, 2, 3].map((seed) => taskOf({ method: 'ednn', k: 2, epochs: 1_000_000 }, { trialId: `long ${seed}`, seed }));
  const running = engine.train({ data, tasks: long }, hooksOf({ signal: abort.signal }));
  setTimeout(() => abort.abort(new Error('enough')), 200);
  const from = performance.now();
  await assert.rejects(running, /enough/);
  const [after] = await engine.train({ data, tasks: [TASKS[0] as TrialTask] }, hooksOf());
  assert.equal(after?.outcome, 'completed');
  assert.ok(performance.now() - from < 3000, 'threads were free again');
});

test('a trial that diverges, and one that cannot be trained, spoil only themselves', async () => {
  const engine = engineOf(2);
  const tasks = [
    taskOf({ method: 'ednn', k: 1, learningRate: 1e30 }, { trialId: 'diverges' }),
    taskOf({ method: 'nnca', k: 9 }, { trialId: 'impossible' }),
    TASKS[0] as TrialTask,
  ];
  const reports = await engine.train({ data, tasks }, hooksOf());
  assert.deepEqual(
    reports.map(({ outcome }) => outcome),
    ['diverged', 'failed', 'completed'],
  );
  const [diverged, failed] = reports;
  assert.match(
    diverged?.outcome === 'diverged' ? diverged.message : '',
    /no longer finite in epoch \d+ of 6, at a peak learning rate of 1e\+30/,
  );
  assert.match(failed?.outcome === 'failed' ? failed.message : '', /k = 9 is more than the 3 descriptors/);
});

test('progress and reports come as they happen; several calls share the threads', async () => {
  const engine = engineOf(2);
  const ended: string[] = [];
  let progress = 0;
  const hooks = hooksOf({
    onReport: ({ trialId }) => ended.push(trialId),
    onProgress: () => {
      progress++;
    },
  });
  const [a, b] = await Promise.all([
    engine.train({ data, tasks: TASKS.slice(0, 2) }, hooks),
    engine.train({ data, tasks: TASKS.slice(2) }, hooks),
  ]);
  assert.equal(a.length + b.length, TASKS.length);
  assert.deepEqual([...ended].sort(), TASKS.map(({ trialId }) => trialId).sort());
  assert.ok(progress >= TASKS.length);
});
