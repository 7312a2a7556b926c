import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Choice, createAutoEngine } from '../../../../models/engines/auto-engine.ts';
import type { TrainHooks } from '../../../../models/engines/engine.ts';
import { createKernelEngine } from '../../../../models/engines/kernel/engine.ts';
import { createTfjsEngine, type TfjsEngine } from '../../../../models/engines/tfjs/engine.ts';
import type { TrialReport } from '../../../../models/training/report.ts';
import type { TrialTask } from '../../../../models/training/task.ts';
import { smoothData, taskOf } from '../../../support/data.ts';
import { warmTask } from '../../../support/models.ts';

const data = smoothData(150);
let engine: TfjsEngine;
before(async () => {
  engine = await createTfjsEngine({ folder: null });
});
after(() => engine.close());

const hooksOf = (changes: Partial<TrainHooks> = {}): TrainHooks => ({
  signal: new AbortController().signal,
  onReport: () => {},
  onProgress: () => {},
  onCheckpoint: () => {},
  checkpointSeconds: 60,
  ...changes,
});

const TASKS: TrialTask[] = [
  taskOf({ method: 'ednn', k: 1, hidden: [12, 8], epochs: 3 }),
  taskOf({ method: 'ednn', k: 2, hidden: [8, 8], epochs: 3, dropout: 0.1 }),
  taskOf({ method: 'nnca', k: 2, hidden: [8], epochs: 3, patience: 1 }),
  taskOf({ method: 'eca', k: 1, hidden: [8], epochs: 3 }, { trialId: 'eca' }),
  taskOf(
    { method: 'ednn', k: 1, hidden: [8], epochs: 3, layerNorm: true, optimiser: 'adamw', weightDecay: 0.01 },
    { trialId: 'adamw' },
  ),
  warmTask({ method: 'ednn', k: 1, epochs: 3 }, { trialId: 'warm' }),
  warmTask({ method: 'eca', k: 1, epochs: 3 }, { trialId: 'warm eca' }),
];

const testFigures = (report: TrialReport | undefined) =>
  report?.outcome === 'completed'
    ? report.figures.filter(({ split }) => split === 'test').map((figure) => figure.coveredVariance)
    : [];

test('whole trials of every method come to what the kernel finds', async () => {
  const kernel = createKernelEngine({ threads: 1 });
  const progress = new Set<string>();
  const own = await engine.train({ data, tasks: TASKS }, hooksOf({ onProgress: ({ trialId }) => progress.add(trialId) }));
  const other = await kernel.train({ data, tasks: TASKS }, hooksOf());
  await kernel.close();
  assert.deepEqual(
    own.map(({ trialId, outcome }) => [trialId, outcome]),
    TASKS.map(({ trialId }) => [trialId, 'completed']),
  );
  own.forEach((report, i) => {
    const [a, b] = [testFigures(report), testFigures(other[i])];
    assert.equal(a.length, b.length);
    a.forEach((figure, at) => {
      assert.ok(Math.abs(figure - (b[at] as number)) < 1e-4, `${report.trialId}: ${figure} and ${b[at]}`);
    });
  });
  assert.equal(progress.size, TASKS.length);
});

test('a checkpoint of a rung is gone on from', async () => {
  const [whole] = TASKS as [TrialTask];
  const [rung] = await engine.train({ data, tasks: [{ ...whole, untilEpoch: 1 }] }, hooksOf());
  assert.equal(rung?.outcome, 'rung');
  const checkpoint = rung?.outcome === 'rung' ? rung.checkpoint : null;
  const [resumed] = await engine.train({ data, tasks: [{ ...whole, checkpoint }] }, hooksOf());
  const [straight] = await engine.train({ data, tasks: [whole] }, hooksOf());
  assert.deepEqual(testFigures(resumed), testFigures(straight));
});

test('a trial that diverges, and one that cannot be trained, spoil only themselves', async () => {
  const tasks = [
    taskOf({ method: 'nnca', k: 1, hidden: [8], epochs: 2 }, { trialId: 'fine' }),
    taskOf({ method: 'nnca', k: 1, hidden: [8], epochs: 2, learningRate: 1e30 }, { trialId: 'wild' }),
    taskOf({ method: 'nnca', k: 9, hidden: [8], epochs: 2 }, { trialId: 'impossible' }),
    warmTask({ method: 'nnca', k: 1, epochs: 2 }, { trialId: 'unfit', initial: warmTask({ method: 'nnca', k: 2 }).initial }),
  ];
  const reports = await engine.train({ data, tasks }, hooksOf());
  assert.deepEqual(
    reports.map(({ outcome }) => outcome),
    ['completed', 'diverged', 'failed', 'failed'],
  );
  assert.equal(reports[3]?.outcome === 'failed' && reports[3].code, 'model-unfit');
});

test('an abort ends the call within a second or so, and the engine goes on', async () => {
  const stop = new AbortController();
  const endless = taskOf({ method: 'ednn', k: 1, epochs: 100_000 });
  const hooks = hooksOf({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
  const call = engine.train({ data, tasks: [endless] }, hooks);
  let asked = 0;
  stop.signal.addEventListener('abort', () => {
    asked = performance.now();
  });
  await assert.rejects(call, /enough/);
  assert.ok(performance.now() - asked < 1500);
  const [report] = await engine.train({ data, tasks: [TASKS[0] as TrialTask] }, hooksOf());
  assert.equal(report?.outcome, 'completed');
});

test('auto takes the engine that is faster on the first pack, and says what it measured', async () => {
  const choices: Choice[] = [];
  const auto = createAutoEngine([createKernelEngine({ threads: 1 }), await createTfjsEngine({ folder: null })], (choice) =>
    choices.push(choice),
  );
  const [report] = await auto.train({ data, tasks: [TASKS[0] as TrialTask] }, hooksOf());
  assert.equal(report?.outcome, 'completed');
  const [choice] = choices as [Choice];
  assert.equal(Object.keys(choice.rates).length, 2);
  const fastest = Math.max(...Object.values(choice.rates));
  assert.equal(choice.rates[choice.engine.build], fastest);
  assert.equal(auto.name, choice.engine.name);
  assert.match(auto.build, /auto: .*\/s, .*\/s/);
  await auto.train({ data, tasks: [TASKS[0] as TrialTask] }, hooksOf());
  assert.equal(choices.length, 1, 'measured once');
  await auto.close();
});
