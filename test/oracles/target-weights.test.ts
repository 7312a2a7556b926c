/** Checks weights of the targets in the loss against closed forms, and one scale by the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix as Dense, SingularValueDecomposition, solve } from 'ml-matrix';
import { readKernelBuild } from '../../infra/env.ts';
import { pickRows } from '../../models/axes.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { coveredVariance } from '../../models/evaluation/covered-variance.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { forward } from '../../models/networks/forward.ts';
import type { ScaleY } from '../../models/scaling.ts';
import { fitScaling, standardize, unstandardize } from '../../models/standardisation.ts';
import { loadModel } from '../../models/stored/model.ts';
import { unpackCheckpoint } from '../../models/training/checkpoint.ts';
import type { TrialReport } from '../../models/training/report.ts';
import { networkOf } from '../../models/training/run-trial.ts';
import { targetScalesOf } from '../../models/training/target-scales.ts';
import type { PackData } from '../../models/training/task.ts';
import { rowOf } from '../../models/vectors.ts';
import { matrixOf, noise, taskOf, unwatched } from '../support/data.ts';

const [ROWS, DESCRIPTORS, TARGETS] = [600, 5, 7];
/** Deviations of the targets: three decades. */
const SIGMAS = [0.02, 0.1, 0.3, 1, 2, 6, 20];

/** Returns Y = X A and noise, of very uneven deviations, with the scaling of Y named. */
function unevenData(scaleY: ScaleY, curved = false): PackData {
  const [x, A, rest] = [noise(ROWS, DESCRIPTORS, 'x'), noise(DESCRIPTORS, TARGETS, 'A'), noise(ROWS, TARGETS, 'rest')];
  const y = matrixOf(ROWS, TARGETS, (row, e) => {
    let sum = 0;
    for (let d = 0; d < DESCRIPTORS; d++) sum += (x.data[row * DESCRIPTORS + d] as number) * (A.data[d * TARGETS + e] as number);
    const signal = curved ? 2 * Math.tanh(sum) : sum;
    return 3 + (SIGMAS[e] as number) * (signal + 0.3 * (rest.data[row * TARGETS + e] as number));
  });
  const every = Uint32Array.from({ length: ROWS }, (_, row) => row);
  const rows = { train: every.subarray(0, 400), validation: every.subarray(400, 500), test: every.subarray(500) };
  const scaling = fitScaling(x, y, rows.train, { x: 'zscore', y: scaleY });
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
}

type Completed = Extract<TrialReport, { outcome: 'completed' }>;

async function train(data: PackData, ...tasks: ReturnType<typeof taskOf>[]): Promise<Completed[]> {
  const engine = createKernelEngine({ threads: 2, build: readKernelBuild() });
  try {
    return (await engine.train({ data, tasks }, unwatched())).map((report) => {
      assert.equal(report.outcome, 'completed', JSON.stringify(report));
      return report as Completed;
    });
  } finally {
    await engine.close();
  }
}

const descriptorsOf = (data: PackData) => unstandardize(data.x, data.scaling.x);

/** Returns the largest difference of two predictions, in deviations of each target. */
function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number)) / (SIGMAS[i % TARGETS] as number)), 0);
}

for (const method of ['ednn', 'nnca', 'eca'] as const) {
  test(`${method}: two powers of the deviation train the network that the other scale of Y trains`, async () => {
    // Through as many components as there are descriptors, ECA predicts what its emulator does. The
    // weights of the only epoch are kept, however they score.
    const k = method === 'eca' ? DESCRIPTORS : 2;
    const shape = { method, k, hidden: [12], activation: 'tanh' } as const;
    const recipe = { ...shape, optimiser: 'adamw', weightDecay: 0.01, epochs: 1, batch: 8 } as const;
    for (const [scale, other, p] of [
      ['zscore', 'centre', 2],
      ['centre', 'zscore', -2],
    ] as const) {
      const data = unevenData(scale, true);
      const reports = [
        ...(await train(data, taskOf({ ...recipe, targetWeighting: p }), taskOf(recipe))),
        ...(await train(unevenData(other, true), taskOf(recipe))),
      ];
      const x = descriptorsOf(data);
      const [weighted, plain, scaled] = reports.map(({ model }) => loadModel(model).predict(x).data);
      assert.ok(weighted && plain && scaled);
      assert.ok(farthest(weighted, scaled) < 2e-3, `${scale}: ${farthest(weighted, scaled)}`);
      assert.ok(farthest(weighted, plain) > 0.2, `${scale}, without weights: ${farthest(weighted, plain)}`);
    }
  });
}

for (const method of ['ednn', 'nnca', 'eca'] as const) {
  test(`${method}: scores, errors and curves are of the scale of the spec, as the stored model has them`, async () => {
    const data = unevenData('zscore', true);
    const weighted = { method, k: 2, targetWeighting: 1.5 };
    const [report] = await train(data, taskOf(weighted));
    assert.ok(report);
    for (const { split, k, coveredVariance: found, errors } of report.scores) {
      const rows = data.rows[split];
      const x = pickRows(descriptorsOf(data), rows);
      const predicted = standardize(loadModel(report.model, { k }).predict(x), data.scaling.y);
      const expected = coveredVariance(pickRows(data.y, rows), predicted);
      assert.ok(Math.abs(found - expected) < 1e-4, `${split}, ${k}: ${found} and ${expected}`);
      assert.equal(errors?.length, split === 'test' ? rows.length : undefined);
    }
    const validation = (method === 'eca' ? report.emulator : report.scores).find(({ split }) => split === 'validation');
    const best = report.curve.validation[report.curve.best] as number;
    assert.ok(Math.abs(best - (validation?.coveredVariance as number)) < 1e-4, `${best} ${validation?.coveredVariance}`);
  });
}

/** Returns [X, 1] and Y of the training rows, in standardised descriptors and scaled targets. */
function regression(data: PackData) {
  const rowsOf = ({ columns, data: values }: PackData['x']) =>
    Array.from(data.rows.train, (row) => [...values.subarray(row * columns, (row + 1) * columns)]);
  return { X: new Dense(rowsOf(data.x).map((row) => [...row, 1])), Y: new Dense(rowsOf(data.y)) };
}

/**
 * Returns the fitted values of the network k units wide with the least weighted squares: with the
 * full fit F and W the square roots of the weights, F W truncated to rank k, divided by W (Izenman
 * 1975, doi:10.1016/0047-259X(75)90042-1); the columns of F have no mean.
 */
function reducedRank(data: PackData, roots: readonly number[], k: number): Dense {
  const { X, Y } = regression(data);
  const full = X.mmul(solve(X.transpose().mmul(X), X.transpose().mmul(Y)));
  const weighted = full.clone().mulRowVector([...roots]);
  const {
    leftSingularVectors: U,
    rightSingularVectors: V,
    diagonal,
  } = new SingularValueDecomposition(weighted, { autoTranspose: true });
  const head = (matrix: Dense) => matrix.subMatrix(0, matrix.rows - 1, 0, k - 1);
  const truncated = head(U)
    .mmul(Dense.diag(diagonal.slice(0, k)))
    .mmul(head(V).transpose());
  return truncated.divRowVector([...roots]);
}

/**
 * Returns what a network of linear layers fits to the training rows at the end of its training, not
 * where it scored best: [N, E], in scaled targets.
 */
async function fitLinear(data: PackData, method: Method, k: number, targetWeighting: number): Promise<Dense> {
  const shape = { method, k, hidden: [8], activation: 'linear' } as const;
  const task = taskOf({ ...shape, epochs: 3000, learningRate: 0.02, batch: 400, targetWeighting }, { untilEpoch: 2999 });
  const engine = createKernelEngine({ threads: 1, build: readKernelBuild() });
  try {
    const [report] = await engine.train({ data, tasks: [task] }, unwatched());
    assert.ok(report?.outcome === 'rung');
    const { shape: layers } = networkOf(data, task);
    const { training } = unpackCheckpoint(layers, report.checkpoint);
    const scales = targetScalesOf(data, { targetWeighting }) ?? new Float64Array(TARGETS).fill(1);
    const outputs = Array.from(data.rows.train, (row) => [
      ...(forward(layers, training.parameters, rowOf(data.x, row)).at(-1) as Float64Array),
    ]);
    return new Dense(outputs).divRowVector([...scales]);
  } finally {
    await engine.close();
  }
}

/** Returns the length of a difference as a share of that of all fitted values. */
const apart = (a: Dense, b: Dense): number => Dense.sub(a, b).norm() / b.norm();

for (const method of ['ednn', 'nnca'] as const) {
  test(`${method}: linear networks of two units reach the weighted reduced-rank regression`, async () => {
    const data = unevenData('zscore');
    const rootsOf = (p: number) => Array.from(data.scaling.y.deviation, (sigma) => sigma ** (p / 2));
    for (const p of [0, 1, 2]) {
      const fitted = await fitLinear(data, method, 2, p);
      const best = reducedRank(data, rootsOf(p), 2);
      assert.ok(apart(fitted, best) < 0.01, `${p}: ${apart(fitted, best)}`);
      const other = reducedRank(data, rootsOf(p === 0 ? 2 : 0), 2);
      assert.ok(apart(fitted, other) > 0.1, `${p}, with other weights: ${apart(fitted, other)}`);
    }
  });
}

test('without a bottleneck, a linear network reaches the least squares of each target with any weights', async () => {
  const data = unevenData('zscore');
  const { X, Y } = regression(data);
  const full = X.mmul(solve(X.transpose().mmul(X), X.transpose().mmul(Y)));
  for (const p of [0, 1]) {
    const fitted = await fitLinear(data, 'eca', 1, p);
    assert.ok(apart(fitted, full) < 0.01, `${p}: ${apart(fitted, full)}`);
  }
});

test('a warm start is the function of its model, whatever weights either was trained with', async () => {
  const data = unevenData('centre', true);
  const x = descriptorsOf(data);
  for (const method of ['ednn', 'nnca'] as const) {
    for (const [before, now] of [
      [-1, undefined],
      [undefined, -1],
      [-1, -2],
    ]) {
      const own = (p: number | undefined) => ({ method, k: 2, ...(p !== undefined && { targetWeighting: p }) });
      const [first] = await train(data, taskOf(own(before)));
      const still = { ...own(now), start: 'warm', warm: 'searlier-0', learningRate: 1e-30 } as const;
      const [again] = await train(data, taskOf(still, { initial: first?.model as Uint8Array }));
      const [a, b] = [first, again].map((report) => loadModel(report?.model as Uint8Array).predict(x).data);
      assert.ok(farthest(a as Float32Array, b as Float32Array) < 1e-3, `${method}, ${before} to ${now}`);
    }
  }
});
