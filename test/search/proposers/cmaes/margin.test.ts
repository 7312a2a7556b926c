import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDistribution, deviationsOf } from '../../../../search/proposers/cmaes/distribution.ts';
import { expectedPosition, keepMargin, keepMarginOf } from '../../../../search/proposers/cmaes/margin.ts';
import { orderedAxesOf, type Part } from '../../../../search/proposers/cmaes/ordered-axes.ts';
import { normalCdf } from '../../../../search/proposers/normal.ts';
import { spaceOf } from '../spaces.ts';

/** Returns the probabilities below, within and above the part. */
function sharesOf({ mean, deviation }: { mean: number; deviation: number }, [low, high]: Part) {
  const [below, upTo] = [normalCdf((low - mean) / deviation), normalCdf((high - mean) / deviation)];
  return { below, inside: upTo - below, above: 1 - upTo };
}

const near = (actual: number, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not ${expected}`);

test('a distribution that reaches other values stays', () => {
  for (const part of [
    [0, 0.25],
    [0.25, 0.5],
    [0.75, 1],
  ] as const) {
    const middle = (part[0] + part[1]) / 2;
    assert.deepEqual(keepMarginOf(middle, 0.2, part, 0.05), { mean: middle, deviation: 0.2 });
  }
});

test('a narrow distribution gets half of the margin on either side of its value', () => {
  const kept = keepMarginOf(0.37, 0.001, [0.25, 0.5], 0.05);
  const { below, inside, above } = sharesOf(kept, [0.25, 0.5]);
  near(below, 0.025);
  near(above, 0.025);
  near(inside, 0.95);
  near(kept.mean, 0.375);
});

test('next to another value, the margin is kept where it is missing', () => {
  // 0.3 of the probability is above, nothing below.
  const { below, above } = sharesOf(keepMarginOf(0.48, 0.038, [0.25, 0.5], 0.05), [0.25, 0.5]);
  near(below, 0.025);
  assert.ok(above > 0.25 && above < 0.31, `${above}`);
});

test('at the ends, the mean comes as near to the neighbour as the margin needs', () => {
  const low = keepMarginOf(0.1, 0.01, [0, 0.25], 0.05);
  assert.equal(low.deviation, 0.01);
  near(sharesOf(low, [0, 0.25]).above, 0.05);
  const high = keepMarginOf(0.9, 0.01, [0.75, 1], 0.05);
  near(sharesOf(high, [0.75, 1]).below, 0.05);
});

test('axes of reals are left alone', () => {
  const axes = orderedAxesOf(
    spaceOf({
      learningRate: { kind: 'log', low: 1e-4, high: 1e-1 },
      batch: { kind: 'uniform', low: 1, high: 4, whole: true },
      weightDecay: { kind: 'choice', values: [0, 0.01, 0.1] },
    }),
  );
  assert.deepEqual(
    axes.map(({ name }) => name),
    ['learningRate', 'weightDecay', 'batch'],
  );
  const narrow = createDistribution(Float64Array.of(0.3, 0.5, 0.4), 0.001);
  const kept = keepMargin(narrow, axes, 0.05);
  assert.deepEqual([kept.mean[0], kept.stretch[0]], [0.3, 1]);
  const deviations = deviationsOf(kept);
  near(sharesOf({ mean: kept.mean[1] as number, deviation: deviations[1] as number }, [1 / 3, 2 / 3]).below, 0.025);
  near(sharesOf({ mean: kept.mean[2] as number, deviation: deviations[2] as number }, [0.25, 0.5]).above, 0.025);
  const reals = axes.slice(0, 1);
  assert.equal(keepMargin(narrow, reals, 0.05), narrow);
});

test('a value is expected at the mean of its part, by quadrature', () => {
  for (const [mean, deviation] of [
    [0.4, 0.1],
    [0.1, 0.3],
    [0.7, 0.08],
  ] as const) {
    const part = [0.3, 0.5] as const;
    let [mass, moment] = [0, 0];
    for (let x = part[0] + 5e-6; x < part[1]; x += 1e-5) {
      const density = Math.exp(-((x - mean) ** 2) / (2 * deviation ** 2));
      mass += density;
      moment += density * x;
    }
    near(expectedPosition({ mean, deviation }, part), moment / mass, 1e-4);
  }
  // Far out, the nearest end.
  assert.equal(expectedPosition({ mean: 0.9, deviation: 0.01 }, [0.3, 0.5]), 0.5);
  assert.equal(expectedPosition({ mean: 0.1, deviation: 0.01 }, [0.3, 0.5]), 0.3);
});
