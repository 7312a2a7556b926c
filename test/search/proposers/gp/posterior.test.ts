import { test } from 'node:test';
import { stream } from '../../../../models/random.ts';
import { axesOf } from '../../../../search/proposers/axes.ts';
import { createEmbedding } from '../../../../search/proposers/gp/embedding.ts';
import { VARIANCE_WEIGHT } from '../../../../search/proposers/gp/hyperparameters.ts';
import { createPosterior } from '../../../../search/proposers/gp/posterior.ts';
import { spaceOf } from '../spaces.ts';
import { covarianceOf, eliminate, matern, near } from './oracle.ts';

const embedding = createEmbedding(
  axesOf(
    spaceOf({
      learningRate: { kind: 'log', low: 1e-4, high: 1 },
      activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
    }),
  ),
);
const { uniform, normal } = stream(6, 'posterior');
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => embedding.embed(Float64Array.of(uniform(), (i * 7) % 3)));
const [rows, pending, others] = [rowsOf(14), rowsOf(4), rowsOf(5)];
const scores = Float64Array.from(rows, () => normal());
const hyperparameters = { lengths: Float64Array.of(0.4, 0.9), noise: 0.02 };

const correlation = (a: Float64Array, b: Float64Array) => matern(a, b, [0.4, 0.9, 0.9, 0.9]);

/** Returns mean and variance at a point by the formula, after these scores of these points. */
function exact(points: readonly Float64Array[], values: readonly number[], at: Float64Array) {
  const matrix = covarianceOf(points, (a, b) => correlation(a, b) + (a === b ? hyperparameters.noise : 0));
  const between = points.map((point) => correlation(point, at));
  const product = (x: readonly number[]) => x.reduce((sum, one, i) => sum + one * (between[i] as number), 0);
  return { mean: product(eliminate(matrix, values).x), share: 1 - product(eliminate(matrix, between).x) };
}

const variance = (() => {
  const matrix = covarianceOf(rows, (a, b) => correlation(a, b) + (a === b ? hyperparameters.noise : 0));
  const quadratic = eliminate(matrix, [...scores]).x.reduce((sum, one, i) => sum + one * (scores[i] as number), 0);
  return (VARIANCE_WEIGHT + quadratic) / (VARIANCE_WEIGHT + scores.length);
})();

test('mean and variance are those of the formula', () => {
  const { predict, best } = createPosterior(embedding, { rows, scores }, [], hyperparameters);
  for (const at of [...others, rows[3] as Float64Array]) {
    const { mean: predicted, variance: found } = predict(at);
    const { mean, share } = exact(rows, [...scores], at);
    near(predicted, mean, 1e-10);
    near(found, variance * share, 1e-10);
  }
  const means = rows.map((row) => exact(rows, [...scores], row).mean);
  near(best, Math.max(...means), 1e-10);
});

test('pending points with their mean score leave means, and take variance away', () => {
  const { predict } = createPosterior(embedding, { rows, scores }, pending, hyperparameters);
  for (const at of others) {
    const { mean: predicted, variance: found } = predict(at);
    near(predicted, exact(rows, [...scores], at).mean, 1e-10);
    const { share } = exact([...rows, ...pending], [...scores, 0, 0, 0, 0], at);
    near(found, variance * share, 1e-10);
  }
});

test('the derivatives of mean and variance are those of finite differences', () => {
  const { predict } = createPosterior(embedding, { rows, scores }, pending, hyperparameters);
  const [byMean, byVariance] = [0.7, 2.1];
  const value = (row: Float64Array) => {
    const { mean, variance } = predict(row);
    return mean * byMean + variance * byVariance;
  };
  for (const at of others) {
    const slopes = predict(at).slope(byMean, byVariance);
    for (let c = 0; c < at.length; c++) {
      const h = 1e-6;
      const moved = (by: number) => value(at.map((one, j) => (j === c ? one + by : one)));
      near(slopes[c] as number, (moved(h) - moved(-h)) / (2 * h), 1e-6);
    }
  }
});
