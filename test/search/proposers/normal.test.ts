import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalCdf } from '../../../search/proposers/normal.ts';

test('the distribution function is the integral of the density', () => {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  // Simpson's rule; what is below -12 is less than 1e-32.
  const [from, steps] = [-12, 12_000];
  for (const x of [-6, -2.5, -1, -0.1, 0, 0.3, 1, 3.3]) {
    const h = (x - from) / steps;
    let sum = density(from) + density(x);
    for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(from + i * h);
    const exact = (sum * h) / 3;
    assert.ok(Math.abs(normalCdf(x) / exact - 1) < 2e-6, `${x}: ${normalCdf(x)} instead of ${exact}`);
    assert.ok(Math.abs(normalCdf(x) - exact) < 2e-7);
  }
});
