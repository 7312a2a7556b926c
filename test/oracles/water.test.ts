/**
 * Checks that the methods rank on the shipped water data as in the abstract of the source paper.
 * The scores are our own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKernelBuild } from '../../infra/env.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { runnableBuilds } from '../../models/engines/kernel/loader.ts';
import { type ComparedTrial, compareMethods } from '../../models/evaluation/comparison.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { taskOf, unwatched } from '../support/data.ts';
import { waterData } from '../support/water.ts';

test('XES at k = 1 ranks EDNN > NNCA > ECA with disjoint intervals, and two latents are enough', async () => {
  const data = await waterData('xes');
  const engine = createKernelEngine({ threads: 2, build: readKernelBuild() });
  const recipe = { hidden: [64, 64], epochs: 40, batch: 128, learningRate: 0.02 };
  const tasks = [1, 2, 3].flatMap((seed) => [
    taskOf({ method: 'ednn', k: 1, ...recipe }, { trialId: `ednn/1/${seed}`, seed }),
    taskOf({ method: 'nnca', k: 1, ...recipe }, { trialId: `nnca/1/${seed}`, seed }),
    taskOf({ method: 'eca', k: 2, ...recipe }, { trialId: `eca/2/${seed}`, seed }),
  ]);
  tasks.push(
    taskOf({ method: 'ednn', k: 2, ...recipe }, { trialId: 'ednn/2/1' }),
    taskOf({ method: 'nnca', k: 2, ...recipe }, { trialId: 'nnca/2/1' }),
  );
  const reports = await engine.train({ data, tasks }, unwatched()).finally(() => engine.close());
  const trials = reports.flatMap((report, i): ComparedTrial[] => {
    assert.equal(report.outcome, 'completed');
    const { configuration, seed, trialId } = tasks[i] as (typeof tasks)[number];
    const scoreOf = (split: string, k: number) =>
      report.scores.find((one) => one.split === split && one.k === k)?.coveredVariance as number;
    return report.scores
      .filter(({ split }) => split === 'test')
      .map(({ k }) => ({
        ...{ trialId, sweepId: 's', method: configuration.method as Method, k, seed, partition: 0, configurationHash: 'only' },
        ...{ validation: scoreOf('validation', k), test: scoreOf('test', k), structureTest: null },
      }));
  });
  const { rows } = compareMethods({ sweeps: ['s'], dataset: 'water', target: 'xes' }, trials, []);
  const at = (method: Method, k: number) =>
    rows.find((row) => row.method === method && row.k === k)?.coveredVariance as { mean: number; low: number; high: number };
  assert.ok(at('ednn', 1).low > at('nnca', 1).high, JSON.stringify(rows));
  assert.ok(at('nnca', 1).low > at('eca', 1).high, JSON.stringify(rows));
  for (const method of ['ednn', 'nnca', 'eca'] as const) assert.ok(at(method, 2).mean > 0.99, JSON.stringify(rows));
  for (const report of reports) {
    if (report.outcome !== 'completed') continue;
    for (const { split, coveredVariance } of report.emulator)
      assert.ok(coveredVariance > 0.995, `emulator on ${split}: ${coveredVariance}`);
  }
});

test('builds of the kernel agree on the covered variance of two latents within 1e-3', async () => {
  const data = await waterData('xes');
  const recipe = { hidden: [32, 32], epochs: 20, batch: 64, learningRate: 0.01 };
  const tasks = (['ednn', 'nnca', 'eca'] as const).map((method) => taskOf({ method, k: 2, ...recipe }, { trialId: method }));
  const scores: number[][] = [];
  for (const build of runnableBuilds()) {
    const engine = createKernelEngine({ threads: 2, build });
    const reports = await engine.train({ data, tasks }, unwatched()).finally(() => engine.close());
    scores.push(
      reports.map((report) => {
        assert.ok(report.outcome === 'completed');
        return report.scores.find(({ split, k }) => split === 'test' && k === 2)?.coveredVariance ?? Number.NaN;
      }),
    );
  }
  for (const found of scores) {
    for (const [i, score] of found.entries()) {
      assert.ok(Math.abs(score - (scores[0]?.[i] ?? Number.NaN)) < 1e-3, JSON.stringify(scores));
    }
  }
});
