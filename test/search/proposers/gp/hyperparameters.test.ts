import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../../models/random.ts';
import { axesOf } from '../../../../search/proposers/axes.ts';
import { createEmbedding } from '../../../../search/proposers/gp/embedding.ts';
import { createLikelihood, fitHyperparameters, VARIANCE_WEIGHT } from '../../../../search/proposers/gp/hyperparameters.ts';
import { spaceOf } from '../spaces.ts';
import { covarianceOf, eliminate, matern, near } from './oracle.ts';

const embedding = createEmbedding(
  axesOf(
    spaceOf({
      learningRate: { kind: 'log', low: 1e-4, high: 1 },
      dropout: { kind: 'uniform', low: 0, high: 1 },
      activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
    }),
  ),
);

/** Returns points with the scores that a function of rate and dropout gives them. */
function sampleOf(count: number, score: (rate: number, dropout: number, normal: () => number) => number) {
  const { uniform, normal } = stream(6, 'sample');
  const rows = Array.from({ length: count }, (_, i) => embedding.embed(Float64Array.of(uniform(), uniform(), i % 3)));
  const raw = rows.map((row) => score(row[0] as number, row[1] as number, normal));
  const mean = raw.reduce((sum, one) => sum + one, 0) / count;
  const deviation = Math.sqrt(raw.reduce((sum, one) => sum + (one - mean) ** 2, 0) / count);
  return { rows, scores: Float64Array.from(raw, (one) => (one - mean) / deviation) };
}

const wave = (rate: number, dropout: number) => Math.sin(7 * rate) + 0.5 * dropout;

test('the likelihood is that of the multivariate t distribution', () => {
  const sample = sampleOf(15, wave);
  const likelihood = createLikelihood(embedding, sample);
  const exact = (lengths: readonly number[], noise: number) => {
    const scales = Array.from(embedding.groupOf, (group) => lengths[group] as number);
    const matrix = covarianceOf(sample.rows, (a, b) => matern(a, b, scales) + (a === b ? noise : 0));
    const { x, logDeterminant } = eliminate(matrix, [...sample.scores]);
    const quadratic = x.reduce((sum, one, i) => sum + one * (sample.scores[i] as number), 0);
    return -((VARIANCE_WEIGHT + 15) * Math.log(1 + quadratic / VARIANCE_WEIGHT) + logDeterminant) / 2;
  };
  const found = (lengths: readonly number[], noise: number) => likelihood(Float64Array.from([...lengths, noise], Math.log)).value;
  const [a, b] = [[[0.3, 1, 0.7], 0.01] as const, [[2, 0.5, 3], 0.3] as const];
  near(found(...a) - found(...b), exact(...a) - exact(...b), 1e-9);
});

test('its derivatives are those of finite differences', () => {
  const likelihood = createLikelihood(embedding, sampleOf(20, wave));
  const at = Float64Array.of(-1, 0.2, -0.3, -4);
  const { gradient } = likelihood(at);
  for (let i = 0; i < at.length; i++) {
    const h = 1e-5;
    const moved = (by: number) => likelihood(at.map((one, j) => (i === j ? one + by : one))).value;
    near(gradient[i] as number, (moved(h) - moved(-h)) / (2 * h), 1e-6);
  }
});

test('what matters has a short length, what does not a long one', () => {
  const { lengths } = fitHyperparameters(embedding, sampleOf(40, wave));
  const [rate = 0, dropout = 0, names = 0] = lengths;
  assert.ok(rate < dropout && 3 * rate < names, `${lengths}`);
});

test('noise is told from structure', () => {
  const clear = fitHyperparameters(embedding, sampleOf(60, wave)).noise;
  const noisy = fitHyperparameters(
    embedding,
    sampleOf(60, (rate, dropout, normal) => wave(rate, dropout) + 0.5 * normal()),
  ).noise;
  assert.ok(clear < 0.001 && noisy > 0.05, `${clear} ${noisy}`);
});
