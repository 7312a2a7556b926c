import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pickRows } from '../../../models/axes.ts';
import type { Engine } from '../../../models/engines/engine.ts';
import { createKernelEngine } from '../../../models/engines/kernel/engine.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { PackData } from '../../../models/training/task.ts';
import { packDataOf, taskOf, unwatched } from '../../support/data.ts';
import { waterData } from '../../support/water.ts';

let engine: Engine;
let data: PackData;
before(async () => {
  engine = createKernelEngine({ threads: 2 });
  // Few rows make few steps: some seeds do not find the best direction.
  const { x, y } = await waterData('xes');
  const few = Uint32Array.from({ length: 400 }, (_, row) => row);
  data = packDataOf(pickRows(x, few), pickRows(y, few));
});
after(() => engine?.close());

const RECIPE = {
  method: 'nnca',
  k: 1,
  hidden: [32, 32, 32],
  activation: 'gelu',
  learningRate: 0.02,
  epochs: 40,
  batch: 64,
} as const;

async function reportsOf(changes: Partial<TrialConfiguration>, seeds: readonly number[]) {
  const tasks = seeds.map((seed) => taskOf({ ...RECIPE, ...changes }, { trialId: `${seed}`, seed }));
  return (await engine.train({ data, tasks }, unwatched())).map((report) => {
    assert.equal(report.outcome, 'completed');
    const score = report.scores.find(({ split }) => split === 'validation')?.coveredVariance as number;
    return { ...report, score };
  });
}

test('with restarts no seed of NNCA ends in the bad optimum that some reach without', async () => {
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
  const once = (await reportsOf({}, seeds)).map(({ score }) => score);
  const best = Math.max(...once);
  assert.ok(Math.min(...once) < best - 0.03, `no seed ends badly without restarts: ${once}`);
  const restarted = (await reportsOf({ restarts: 6 }, seeds)).map(({ score }) => score);
  assert.ok(Math.min(...restarted) > best - 0.03, `${restarted}`);
});

test('the curve of a restarted training has its own epochs only', async () => {
  const [report] = await reportsOf({ restarts: 3 }, [1]);
  assert.equal(report?.epochs, RECIPE.epochs);
  assert.equal(report?.outcome === 'completed' && report.curve.validation.length, RECIPE.epochs);
});

test('restarts that all diverge leave a training that diverges', async () => {
  const task = taskOf({ ...RECIPE, restarts: 2, optimiser: 'sgd', learningRate: 1e30 });
  const [report] = await engine.train({ data, tasks: [task] }, unwatched());
  assert.equal(report?.outcome, 'diverged');
});
