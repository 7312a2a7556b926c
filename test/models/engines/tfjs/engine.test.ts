import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKernelEngine } from '../../../../models/engines/kernel/engine.ts';
import { createTfjsEngine } from '../../../../models/engines/tfjs/engine.ts';
import type { TrialReport } from '../../../../models/training/report.ts';
import type { TrialTask } from '../../../../models/training/task.ts';
import { smoothData, taskOf, unwatched } from '../../../support/data.ts';
import { warmTask } from '../../../support/models.ts';
import { engineContract } from '../contract.ts';

const data = smoothData(150);

// Plain TensorFlow takes seconds for each component of ECA: the comparison with the kernel trains
// one.
engineContract('TensorFlow', () => createTfjsEngine({ folder: null }), {
  data,
  tasks: [
    taskOf({ method: 'ednn', k: 1, hidden: [12, 8], epochs: 4 }),
    taskOf({ method: 'nnca', k: 2, hidden: [8], epochs: 4, patience: 1 }),
    taskOf({ method: 'nnca', k: 1, hidden: [8], epochs: 4, restarts: 2 }, { trialId: 'restarts' }),
    taskOf({ method: 'ednn', k: 1, hidden: [8], epochs: 4, layerNorm: true, dropout: 0.1 }, { trialId: 'normalised' }),
    warmTask({ method: 'ednn', k: 1, epochs: 4 }, { trialId: 'warm' }),
    taskOf({ method: 'ednn', k: 1, hidden: [12, 8], epochs: 4, targetWeighting: -1 }, { trialId: 'weighted' }),
  ],
});

const TASKS: TrialTask[] = [
  taskOf({ method: 'ednn', k: 1, hidden: [12, 8], epochs: 3 }),
  taskOf({ method: 'ednn', k: 2, hidden: [8, 8], epochs: 3, dropout: 0.1 }),
  taskOf({ method: 'nnca', k: 2, hidden: [8], epochs: 3, patience: 1 }),
  taskOf({ method: 'nnca', k: 1, hidden: [8], epochs: 3, restarts: 2 }, { trialId: 'restarts' }),
  taskOf({ method: 'eca', k: 1, hidden: [8], epochs: 3 }, { trialId: 'eca' }),
  taskOf(
    { method: 'ednn', k: 1, hidden: [8], epochs: 3, layerNorm: true, optimiser: 'adamw', weightDecay: 0.01 },
    { trialId: 'adamw' },
  ),
  warmTask({ method: 'ednn', k: 1, epochs: 3 }, { trialId: 'warm' }),
  warmTask({ method: 'eca', k: 1, epochs: 3 }, { trialId: 'warm eca' }),
  taskOf({ method: 'eca', k: 1, hidden: [8], epochs: 3, targetWeighting: -2 }, { trialId: 'weighted eca' }),
  taskOf({ method: 'nnca', k: 2, hidden: [8], epochs: 3, targetWeighting: 1 }, { trialId: 'weighted nnca' }),
];

const testFigures = (report: TrialReport | undefined) =>
  report?.outcome === 'completed'
    ? report.scores.filter(({ split }) => split === 'test').map((figure) => figure.coveredVariance)
    : [];

test('trials of every method agree with those of the kernel', async (context) => {
  const engine = await createTfjsEngine({ folder: null });
  const kernel = createKernelEngine({ threads: 1 });
  context.after(() => Promise.all([engine.close(), kernel.close()]));
  const own = await engine.train({ data, tasks: TASKS }, unwatched());
  const other = await kernel.train({ data, tasks: TASKS }, unwatched());
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
});
