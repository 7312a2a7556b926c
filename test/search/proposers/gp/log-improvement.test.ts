import { test } from 'node:test';
import { logImprovement } from '../../../../search/proposers/gp/log-improvement.ts';
import { near } from './oracle.ts';

/** Returns the integral of a function, by Simpson's rule. */
function integrate(f: (x: number) => number, from: number, to: number, steps = 20_000): number {
  const h = (to - from) / steps;
  let sum = f(from) + f(to);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * h);
  return (sum * h) / 3;
}

/**
 * Returns the logarithm of the integral of u φ(u - z) over u > 0. Left of 0, φ(z) is divided out:
 * what is left, u exp(zu - u²/2), has no small numbers.
 */
function integral(z: number): number {
  const root = Math.log(2 * Math.PI) / 2;
  if (z >= 0) return Math.log(integrate((u) => u * Math.exp(-((u - z) ** 2) / 2), 0, z + 12)) - root;
  return Math.log(integrate((u) => u * Math.exp(z * u - (u * u) / 2), 0, Math.min(12, 60 / -z))) - (z * z) / 2 - root;
}

const PLACES = [8, 3, 1, 0.1, 0, -0.4, -1, -1.499, -1.501, -1.7, -2, -3.3, -5, -8, -20, -38, -39, -100, -1e3, -1e5];

test('the logarithm of the expected improvement is that of the integral, in the tail too', () => {
  for (const z of PLACES) near(logImprovement(z).value, integral(z), 1e-6);
});

test('its slope is the share of improvements in relation to their sum', () => {
  for (const z of PLACES) {
    const h = 1e-3 * Math.max(1, Math.abs(z)) ** -1;
    near(logImprovement(z).slope, (integral(z + h) - integral(z - h)) / (2 * h), Math.abs(z) > 1e3 ? 1e-3 : 1e-4);
  }
});
