import { test } from 'node:test';
import { gainAt, slopedGainAt } from '../../../../search/proposers/gp/gain.ts';
import type { Posterior } from '../../../../search/proposers/gp/posterior.ts';
import { near } from './oracle.ts';

/** A mean and a variance as functions of two columns. */
const posterior: Posterior = {
  best: 0.4,
  predict(row) {
    const [a, b] = row as unknown as [number, number];
    return {
      mean: Math.sin(a) + b,
      variance: 0.05 + a * a + 0.3 * b * b,
      slope: (byMean, byVariance) => Float64Array.of(byMean * Math.cos(a) + byVariance * 2 * a, byMean + byVariance * 0.6 * b),
    };
  },
};

/** Returns the mean of max(0, x) over a normal distribution, by Simpson's rule. */
function improvement(mean: number, deviation: number): number {
  const [steps, to] = [20_000, Math.max(0, mean) + 12 * deviation];
  const h = to / steps;
  const f = (x: number) => (x * Math.exp(-(((x - mean) / deviation) ** 2) / 2)) / (deviation * Math.sqrt(2 * Math.PI));
  let sum = f(0) + f(to);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f(i * h);
  return (sum * h) / 3;
}

const PLACES = [
  [0.3, 0.2],
  [-1, 0.5],
  [0.01, -0.4],
  [2, 3],
] as const;

test('the gain is the logarithm of the mean improvement', () => {
  for (const place of PLACES) {
    const row = Float64Array.from(place);
    const { mean, variance } = posterior.predict(row);
    near(gainAt(posterior, row), Math.log(improvement(mean - posterior.best, Math.sqrt(variance))), 1e-6);
  }
});

test('its derivatives are those of finite differences', () => {
  for (const place of PLACES) {
    const row = Float64Array.from(place);
    const { value, gradient } = slopedGainAt(posterior, row);
    near(value, gainAt(posterior, row), 1e-12);
    for (let c = 0; c < 2; c++) {
      const h = 1e-4;
      const moved = (by: number) =>
        gainAt(
          posterior,
          row.map((one, j) => (j === c ? one + by : one)),
        );
      near(gradient[c] as number, (moved(h) - moved(-h)) / (2 * h), 1e-4);
    }
  }
});
