import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadKernel } from '../../../models/engines/kernel/loader.ts';
import { createKernelMemory } from '../../../models/engines/kernel/memory.ts';
import { createKernelRuntime } from '../../../models/engines/kernel/network.ts';
import { coveredVariance } from '../../../models/evaluation/covered-variance.ts';
import { unstandardize } from '../../../models/standardisation.ts';
import { packContainer, unpackContainer } from '../../../models/stored/container.ts';
import { loadModel } from '../../../models/stored/model.ts';
import type { TrialReport } from '../../../models/training/report.ts';
import { runTrial, Stopped } from '../../../models/training/run-trial.ts';
import type { PackData } from '../../../models/training/task.ts';
import { quietHooks, smoothData, taskOf } from '../../support/data.ts';

const data = smoothData(400);

function train(task: ReturnType<typeof taskOf>): Extract<TrialReport, { outcome: 'completed' }> {
  const runtime = createKernelRuntime({ module: loadKernel().module, memory: createKernelMemory(), data });
  const report = runTrial(runtime, data, task, quietHooks);
  assert.equal(report.outcome, 'completed');
  return report as Extract<TrialReport, { outcome: 'completed' }>;
}

/** Rows of one split in physical units. */
function physical({ x, y, rows, scaling }: PackData, split: 'test' | 'train') {
  const pick = ({ columns, data: values }: PackData['x']) => ({
    rows: rows[split].length,
    columns,
    data: Float32Array.from([...rows[split]].flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)])),
  });
  return { x: unstandardize(pick(x), scaling.x), y: unstandardize(pick(y), scaling.y) };
}

const { x, y } = physical(data, 'test');

const normalised = { layerNorm: true, dropout: 0.05 };
for (const [method, changes] of [
  ['ednn', {}],
  ['nnca', {}],
  ['eca', {}],
  ['ednn', normalised],
  ['nnca', normalised],
  ['eca', normalised],
] as const) {
  describe(`${method} ${Object.keys(changes).join(' and ')}`, () => {
    const report = train(taskOf({ method, k: 2, epochs: 15, ...changes }));
    const model = loadModel(report.model);

    test('predict scores what training reported; encode gives the stored latents', () => {
      const reported = report.scores.find((figure) => figure.split === 'test' && figure.k === 2)?.coveredVariance as number;
      assert.ok(Math.abs(coveredVariance(y, model.predict(x)) - reported) < 1e-5);
      const stored = report.latents.find(({ split }) => split === 'test')?.data as Float32Array;
      model.encode(x).data.forEach((value, i) => {
        assert.ok(Math.abs(value - (stored[i] as number)) < 1e-4);
      });
    });

    if (method === 'ednn') {
      test('has no expansion and no reconstruction', () => {
        assert.throws(() => model.expand({ rows: 1, columns: 2, data: new Float32Array(2) }), { code: 'no-expansion' });
        assert.throws(() => model.reconstruct(y), { code: 'no-expansion' });
      });
    } else {
      test('expanding and encoding again gives the same latents', () => {
        const t = model.encode(x);
        model.encode(model.expand(t)).data.forEach((value, i) => {
          assert.ok(Math.abs(value - (t.data[i] as number)) < 1e-4);
        });
      });

      test('reconstructing its own predictions explains them', () => {
        const few = { rows: 12, columns: x.columns, data: x.data.slice(0, 12 * x.columns) };
        const spectra = model.predict(few);
        const again = model.predict(model.reconstruct(spectra));
        assert.ok(coveredVariance(spectra, again) > 0.99, String(coveredVariance(spectra, again)));
      });
    }

    test('an input with other columns is rejected', () => {
      assert.throws(() => model.predict(y), { code: 'columns-mismatch' });
    });
  });
}

test('ECA is applied at a lower rank, and rejects a rank that it does not have', () => {
  const report = train(taskOf({ method: 'eca', k: 3, epochs: 10 }));
  for (const k of [1, 2, 3]) {
    const reported = report.scores.find((figure) => figure.split === 'test' && figure.k === k)?.coveredVariance as number;
    assert.ok(Math.abs(coveredVariance(y, loadModel(report.model, { k }).predict(x)) - reported) < 1e-5);
  }
  assert.throws(() => loadModel(report.model, { k: 4 }), { code: 'k-not-in-model' });
});

test('bytes that are not a model, truncated, or of another kind are rejected', () => {
  const bytes = packContainer({ kind: 'model', header: {}, blocks: { a: Float32Array.of(1, 2) } });
  assert.deepEqual([...(unpackContainer(bytes, 'model').blocks.a ?? [])], [1, 2]);
  for (const broken of [bytes.slice(0, 5), bytes.slice(0, -4), Uint8Array.of(1, 2, 3, ...bytes), new Uint8Array(40)]) {
    assert.throws(() => loadModel(broken), { code: 'model-damaged' });
  }
  assert.throws(() => unpackContainer(bytes, 'checkpoint'), { code: 'model-damaged', message: /holds a model/ });
});

test('hooks stop a training, and patience ends one that no longer improves', () => {
  const runtime = createKernelRuntime({ module: loadKernel().module, memory: createKernelMemory(), data });
  assert.throws(() => runTrial(runtime, data, taskOf({ method: 'ednn', k: 1 }), { ...quietHooks, stop: () => true }), Stopped);
  const report = runTrial(
    runtime,
    data,
    taskOf({ method: 'ednn', k: 1, epochs: 500, patience: 3, learningRate: 0.05 }),
    quietHooks,
  );
  assert.ok(
    report.outcome === 'completed' && report.epochs < 500 && report.epochs - 1 - report.curve.best === 3,
    JSON.stringify(report.epochs),
  );
});
