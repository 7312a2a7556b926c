/** Checks the methods against closed forms and invariants that do not depend on our code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix as Dense, SingularValueDecomposition } from 'ml-matrix';
import { readKernelBuild } from '../../infra/env.ts';
import { pickRows } from '../../models/axes.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { findComponents, scoreComponent } from '../../models/methods/components.ts';
import { shuffle } from '../../models/random.ts';
import { standardize, unstandardize } from '../../models/standardisation.ts';
import { loadModel } from '../../models/stored/model.ts';
import { unpackModel } from '../../models/stored/model-file.ts';
import { runOn } from '../../models/training/network-calls.ts';
import type { TrialReport } from '../../models/training/report.ts';
import type { PackData } from '../../models/training/task.ts';
import { rowOf, squaredDistance, sumOf } from '../../models/vectors.ts';
import { matrixOf, noise, packDataOf, smoothData, taskOf, unwatched } from '../support/data.ts';
import { ReferenceNetwork, referenceRuntime } from '../support/reference-network.ts';

const ADAM = { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 } as const;
const training = (batch: number) => ({ batch, optimiser: ADAM, seed: 1 });

async function train(
  data: PackData,
  ...tasks: ReturnType<typeof taskOf>[]
): Promise<Extract<TrialReport, { outcome: 'completed' }>[]> {
  const engine = createKernelEngine({ threads: 2, build: readKernelBuild() });
  try {
    return (await engine.train({ data, tasks }, unwatched())).map((report) => {
      assert.equal(report.outcome, 'completed', JSON.stringify(report));
      return report as Extract<TrialReport, { outcome: 'completed' }>;
    });
  } finally {
    await engine.close();
  }
}

const scoreOf = (
  report: { scores: readonly { split: string; k: number; coveredVariance: number }[] },
  split: string,
  k: number,
) => report.scores.find((score) => score.split === split && score.k === k)?.coveredVariance as number;

/** Returns the training rows as a dense matrix. */
const trainRows = ({ rows }: PackData, { columns, data }: PackData['x']) =>
  new Dense([...rows.train].map((row) => [...data.subarray(row * columns, (row + 1) * columns)]));

test("the gradient of ECA's objective equals central finite differences in float64", () => {
  const data = smoothData(60);
  const shape = [
    { inputs: 3, outputs: 5, activation: 'tanh' as const, bias: true },
    { inputs: 5, outputs: 9, activation: 'linear' as const, bias: true },
  ];
  const emulator = referenceRuntime(data).createNetwork(shape, training(32)) as ReferenceNetwork;
  emulator.setParameters(
    shape.map(({ inputs, outputs }, l) => ({
      weights: noise(inputs, outputs, `w${l}`).data,
      bias: noise(1, outputs, `b${l}`).data,
    })),
  );
  const earlier = Float32Array.of(0.6, 0, 0.8);
  const v = Float64Array.of(0.3, -0.5, 0.2);
  const rows = data.rows.train;
  // float32 rounds the projected inputs and the returned gradient; steps of 1e-3 keep the rounding
  // error below the tolerance.
  const { gradient } = runOn(emulator, scoreComponent(data, rows, earlier, v));
  for (let d = 0; d < 3; d++) {
    const at = (step: number) =>
      runOn(
        emulator,
        scoreComponent(
          data,
          rows,
          earlier,
          v.map((value, i) => (i === d ? value + step : value)),
        ),
      ).loss;
    const numerical = (at(1e-3) - at(-1e-3)) / 2e-3;
    assert.ok(
      Math.abs(numerical - (gradient[d] as number)) < 1e-4 * Math.max(1, Math.abs(numerical)),
      `${d}: ${numerical} ${gradient[d]}`,
    );
  }
});

/**
 * Returns whitened data with Y = X A, and a linear emulator of them. Projecting on v keeps |A' v|^2
 * of the variance, so the best v are the left singular vectors of A: the columns of `left`, with
 * singular values `scales`.
 */
function linearEmulator(scales: readonly number[]) {
  const D = scales.length;
  const raw = noise(2000, D, 'white x');
  const { leftSingularVectors } = new SingularValueDecomposition(
    trainRows({ rows: { train: Uint32Array.from({ length: 2000 }, (_, i) => i) } } as unknown as PackData, raw),
  );
  const x = matrixOf(2000, D, (row, d) => leftSingularVectors.get(row, d) * Math.sqrt(2000));
  const left = new SingularValueDecomposition(Dense.from1DArray(D, D, [...noise(D, D, 'rotation').data])).leftSingularVectors;
  const right = noise(D, 8, 'right');
  const orthogonalRight = new SingularValueDecomposition(Dense.from1DArray(D, 8, [...right.data])).rightSingularVectors;
  const A = left.mmul(Dense.diag([...scales])).mmul(orthogonalRight.subMatrix(0, 7, 0, D - 1).transpose());
  const y = matrixOf(2000, 8, (row, e) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += (x.data[row * D + d] as number) * A.get(d, e);
    return sum;
  });
  const allRows = Uint32Array.from({ length: 2000 }, (_, i) => i);
  const data = { ...packDataOf(x, y), x, y, rows: { train: allRows, validation: allRows, test: allRows } };
  const emulator = new ReferenceNetwork(data, [{ inputs: D, outputs: 8, activation: 'linear', bias: false }], training(256));
  emulator.setParameters([{ weights: Float32Array.from(A.to1DArray()), bias: new Float32Array(8) }]);
  return { data, emulator, left };
}

const hooks = { stop: () => false, found: () => {} };

/** Returns |cos| of the angle between row j of V and a direction. */
function alignment(V: Float32Array, j: number, direction: readonly number[]): number {
  const D = direction.length;
  return Math.abs(direction.reduce((sum, value, d) => sum + value * (V[j * D + d] as number), 0));
}

test('ECA with a linear emulator and whitened X finds its left singular vectors from any warm start', () => {
  const { data, emulator, left } = linearEmulator([3, 2, 1.2, 0.6, 0.3]);
  const mirrored = Float32Array.from([4, 3, 2].flatMap((j) => left.getColumn(j)));
  const swapped = Float32Array.from([1, 0, 2].flatMap((j) => left.getColumn(j)));
  for (const warm of [new Float32Array(0), mirrored, swapped]) {
    const V = runOn(emulator, findComponents({ data, seed: 1, hooks }, 3, new Float32Array(0), warm));
    for (let j = 0; j < 3; j++) {
      assert.ok(alignment(V, j, left.getColumn(j)) > 1 - 1e-5, `component ${j + 1}: ${alignment(V, j, left.getColumn(j))}`);
    }
  }
});

test('among equally good directions, ECA keeps those of its warm start, with the canonical sign', () => {
  const { data, emulator, left } = linearEmulator([2, 2, 2, 0.6, 0.3]);
  const turned = [1, -1].map((sign) => {
    const v = left.getColumn(0).map((value, d) => -Math.SQRT1_2 * (value + sign * left.get(d, 1)));
    return v;
  });
  const warm = Float32Array.from(turned.flat());
  for (const seed of [1, 2]) {
    const V = runOn(emulator, findComponents({ data, seed, hooks }, 2, new Float32Array(0), warm));
    turned.forEach((direction, j) => {
      assert.ok(alignment(V, j, direction) > 0.999, `component ${j + 1}: ${alignment(V, j, direction)}`);
      const row = [...V.subarray(j * 5, (j + 1) * 5)];
      assert.equal(Math.max(...row), Math.max(...row.map(Math.abs)), 'the largest coefficient is positive');
    });
    const cold = runOn(emulator, findComponents({ data, seed, hooks }, 2, new Float32Array(0)));
    assert.ok(alignment(cold, 0, turned[0] as number[]) < 0.99, 'a cold start finds other components');
    // The components found before an interruption do not matter.
    const resumed = runOn(emulator, findComponents({ data, seed, hooks }, 2, V.slice(0, 5), warm));
    assert.deepEqual(resumed, V);
  }
});

test('NNCA and EDNN with linear layers reach the optimum of reduced-rank regression', async () => {
  const x = noise(800, 4, 'x');
  const mixing = noise(4, 6, 'mixing');
  const disturbance = noise(800, 6, 'disturbance');
  const y = matrixOf(800, 6, (row, e) => {
    let sum = 0.5 * (disturbance.data[row * 6 + e] as number);
    for (let d = 0; d < 4; d++) sum += (x.data[row * 4 + d] as number) * (mixing.data[d * 6 + e] as number);
    return sum;
  });
  const split = packDataOf(x, y);
  // Validation on the training rows keeps the weights that are best on the rows of the closed form.
  const data = { ...split, rows: { ...split.rows, validation: split.rows.train } };
  // Closed form (Izenman 1975): project the least-squares fit on its k leading right singular
  // vectors.
  const [X, Y] = [trainRows(data, data.x), trainRows(data, data.y)];
  const fit = X.mmul(new SingularValueDecomposition(X).solve(Y));
  const total = Y.to1DArray().reduce((sum, value) => sum + value * value, 0);
  const V = new SingularValueDecomposition(fit).rightSingularVectors;
  for (const k of [1, 2]) {
    const kept = V.subMatrix(0, 5, 0, k - 1);
    const error = Dense.sub(Y, fit.mmul(kept).mmul(kept.transpose()));
    const optimum = 1 - error.to1DArray().reduce((sum, value) => sum + value * value, 0) / total;
    const linear = { k, hidden: [], activation: 'linear' as const, learningRate: 0.02, epochs: 300, batch: 64 };
    const reports = await train(data, taskOf({ method: 'nnca', ...linear }), taskOf({ method: 'ednn', ...linear }));
    for (const report of reports) {
      const reached = scoreOf(report, 'train', k);
      assert.ok(reached <= optimum + 1e-5, `${report.trialId}: ${reached} is better than the optimum ${optimum}`);
      assert.ok(reached > optimum - 2e-3, `${report.trialId}: ${reached} misses the optimum ${optimum}`);
    }
  }
});

test('folding R into the decoder changes no prediction, V is orthonormal, and the basis is canonical', async () => {
  const data = smoothData(400, 5);
  const task = taskOf({ method: 'nnca', k: 3, epochs: 20 });
  const [report] = await train(data, task);
  const { parameters, shape } = unpackModel(report?.model as Uint8Array);
  const W = (parameters[0] as { weights: Float32Array }).weights;
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) {
      let dot = 0;
      for (let d = 0; d < 5; d++) dot += (W[d * 3 + a] as number) * (W[d * 3 + b] as number);
      assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-6);
    }
    const column = [0, 1, 2, 3, 4].map((d) => W[d * 3 + a] as number);
    assert.ok(Math.max(...column) === Math.max(...column.map(Math.abs)), 'the largest coefficient is positive');
  }
  // The learning curve holds the validation score of the weights before folding.
  const folded = new ReferenceNetwork(data, shape, training(32));
  folded.setParameters(parameters);
  const total = 1 - sumOf(folded.squaredErrors(data.rows.validation)) / totalOf(data);
  assert.ok(Math.abs(total - (report?.curve.validation[report.curve.best] as number)) < 1e-5);
});

test('errors of test rows equal those of the stored model, row by row, at every rank', async () => {
  const data = smoothData(120);
  const y = pickRows(data.y, data.rows.test);
  const x = pickRows(unstandardize(data.x, data.scaling.x), data.rows.test);
  const tasks = [taskOf({ method: 'ednn', k: 2 }), taskOf({ method: 'nnca', k: 2 }), taskOf({ method: 'eca', k: 2 })];
  for (const report of await train(data, ...tasks)) {
    for (const { split, k, errors } of report.scores) {
      if (split !== 'test') continue;
      const predicted = standardize(loadModel(report.model, { k }).predict(x), data.scaling.y);
      errors?.forEach((found, i) => {
        const expected = squaredDistance(rowOf(predicted, i), rowOf(y, i));
        assert.ok(Math.abs(found - expected) < 1e-4 * expected + 1e-6, `${report.trialId}, rank ${k}: ${found}, ${expected}`);
      });
      assert.equal(errors?.length, y.rows);
    }
  }
});

/** Returns the total sum of squares of Y over the validation rows. */
function totalOf(data: PackData): number {
  const { columns } = data.y;
  const rows = [...data.rows.validation].map((row) => [...data.y.data.subarray(row * columns, (row + 1) * columns)]);
  const means = Array.from({ length: columns }, (_, e) => rows.reduce((sum, row) => sum + (row[e] as number), 0) / rows.length);
  return rows.reduce((sum, row) => sum + row.reduce((part, value, e) => part + (value - (means[e] as number)) ** 2, 0), 0);
}

test('shuffled Y scores about 0 on test rows for every method', async () => {
  const data = smoothData(600);
  const order = shuffle(
    Uint32Array.from({ length: 600 }, (_, i) => i),
    3,
    'shuffled targets',
  );
  const y = matrixOf(600, data.y.columns, (row, e) => data.y.data[(order[row] as number) * data.y.columns + e] as number);
  const reports = await train(
    { ...data, y },
    ...(['ednn', 'nnca', 'eca'] as const).map((method) => taskOf({ method, k: 2, hidden: [8] })),
  );
  for (const report of reports) {
    const score = scoreOf(report, 'test', 2);
    assert.ok(score < 0.05 && score > -0.5, `${report.trialId}: ${score}`);
  }
});

test('a noiseless one-index function is recovered by ECA and NNCA at k = 1', async () => {
  const w = [0.5, -0.7, 0.1, 0.5];
  const length = Math.hypot(...w);
  const x = noise(1500, 4, 'x');
  const y = matrixOf(1500, 12, (row, e) => {
    const index = w.reduce((sum, weight, d) => sum + (weight / length) * (x.data[row * 4 + d] as number), 0);
    return Math.tanh(1.5 * index + e / 6 - 1) + 0.2 * index * index;
  });
  const data = packDataOf(x, y);
  const recipe = { k: 1, epochs: 40, learningRate: 0.02, batch: 64 };
  const [nnca, eca] = await train(data, taskOf({ method: 'nnca', ...recipe }), taskOf({ method: 'eca', ...recipe }));
  const found = {
    nnca: (unpackModel(nnca?.model as Uint8Array).parameters[0] as { weights: Float32Array }).weights,
    eca: unpackModel(eca?.model as Uint8Array).components,
  };
  // Coefficients of standardised descriptors scale with each descriptor's standard deviation.
  const scaled = w.map((weight, d) => weight * (data.scaling.x.deviation[d] as number));
  for (const [method, v] of Object.entries(found)) {
    const cosine =
      scaled.reduce((sum, weight, d) => sum + weight * (v[d] as number), 0) / Math.hypot(...scaled) / Math.hypot(...v);
    assert.ok(Math.abs(cosine) > 0.99, `${method}: |cos| = ${Math.abs(cosine)}`);
  }
  assert.ok(scoreOf(nnca as TrialReport & { outcome: 'completed' }, 'test', 1) > 0.99);
});
