import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { moments, trapezoidWeights } from '../../models/moments.ts';
import { stream } from '../../models/random.ts';

const grid = (from: number, to: number, points: number) =>
  Float64Array.from({ length: points }, (_, e) => from + ((to - from) * e) / (points - 1));

const close = (found: number, wanted: number, tolerance: number) =>
  assert.ok(Math.abs(found - wanted) <= tolerance, `${found} is not ${wanted}`);

describe('closed forms', () => {
  test('a Gaussian line: its height, centre and standard deviation; no skewness', () => {
    const energies = grid(11_050, 11_150, 1001);
    const intensities = energies.map((energy) => 3 * Math.exp(-(((energy - 11_101.37) / 4.2) ** 2) / 2));
    const { area, mean, width, skewness } = moments(energies, trapezoidWeights(energies), intensities);
    close(area, 3 * 4.2 * Math.sqrt(2 * Math.PI), 1e-9);
    close(mean, 11_101.37, 1e-9);
    close(width, 4.2, 1e-9);
    close(skewness, 0, 1e-9);
  });

  test('gamma densities of shape a and scale s: mean a s, width a^½ s, skewness 2 / a^½; mirrored, the other sign', () => {
    for (const shape of [3, 4, 9]) {
      const scale = 1.5;
      const energies = grid(9000, 9150, 60_001);
      const density = energies.map((energy) => (energy - 9000) ** (shape - 1) * Math.exp(-(energy - 9000) / scale));
      const weights = trapezoidWeights(energies);
      const found = moments(energies, weights, density);
      close(found.mean, 9000 + shape * scale, 1e-6);
      close(found.width, Math.sqrt(shape) * scale, 1e-5);
      close(found.skewness, 2 / Math.sqrt(shape), 1e-5);
      close(moments(energies, weights, density.toReversed()).skewness, -2 / Math.sqrt(shape), 1e-5);
    }
  });

  test('a line on a grid of uneven steps', () => {
    const { uniform } = stream(1, 'uneven');
    const steps = Float64Array.from({ length: 4000 }, () => 0.01 + 0.02 * uniform());
    let energy = -40;
    const energies = steps.map((step) => {
      energy += step;
      return energy;
    });
    const { area, mean, width } = moments(
      energies,
      trapezoidWeights(energies),
      energies.map((at) => Math.exp(-((at / 2) ** 2) / 2)),
    );
    close(area, 2 * Math.sqrt(2 * Math.PI), 1e-4);
    close(mean, 0, 1e-4);
    close(width, 2, 1e-4);
  });
});

test('integrals equal those of numpy.trapezoid, interval by interval', () => {
  const { uniform } = stream(2, 'trapezoid');
  const energies = Float64Array.from({ length: 17 }, uniform).sort();
  const intensities = Float64Array.from({ length: 17 }, uniform);
  const trapezoid = (values: Float64Array) => {
    let sum = 0;
    for (let e = 1; e < values.length; e++) {
      sum += (((values[e] as number) + (values[e - 1] as number)) * ((energies[e] as number) - (energies[e - 1] as number))) / 2;
    }
    return sum;
  };
  const area = trapezoid(intensities);
  const mean = trapezoid(intensities.map((value, e) => value * (energies[e] as number))) / area;
  const central = (power: number) =>
    trapezoid(intensities.map((value, e) => value * ((energies[e] as number) - mean) ** power)) / area;
  const found = moments(energies, trapezoidWeights(energies), intensities);
  close(found.area, area, 1e-14);
  close(found.mean, mean, 1e-13);
  close(found.width, Math.sqrt(central(2)), 1e-13);
  close(found.skewness, central(3) / central(2) ** 1.5, 1e-12);
});

test('moments that do not exist are NaN', () => {
  const energies = grid(0, 4, 5);
  const of = (...intensities: number[]) => moments(energies, trapezoidWeights(energies), intensities);
  assert.deepEqual(of(0, 0, 0, 0, 0), { area: 0, mean: NaN, width: NaN, skewness: NaN });
  assert.deepEqual(of(0, 1, -2, 0, 0), { area: -1, mean: NaN, width: NaN, skewness: NaN });
  // Wings below zero: the area is positive, the second moment is not.
  const { area, width, skewness } = of(0, -1, 4, -1, 0);
  assert.deepEqual([area, width, skewness], [2, NaN, NaN]);
  assert.deepEqual([of(0, 0, 1, 0, 0).width, of(0, 0, 1, 0, 0).skewness], [0, NaN]);
});
