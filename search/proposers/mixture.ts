import type { Stream } from '../../models/random.ts';
import type { Axis } from './axes.ts';
import { createKernels, scottBandwidth } from './kernels.ts';

/**
 * A density over the points of a space: a mixture of the even density and of kernels, each a
 * product of one factor for each axis (Watanabe 2023, arXiv 2304.11127, section 3.3).
 */
export interface Mixture {
  /** Draws the coordinates of a point. */
  sample(random: Stream): Float64Array;
  /** Returns the logarithm of the density: of positions on axes of reals, else of probabilities. */
  logDensity(coordinates: Float64Array): number;
}

/**
 * Returns the mixture with a kernel at each of the points, given by their coordinates; the even
 * density, the prior, weighs as much as one of them. `scale` multiplies the bandwidths.
 */
export function createMixture(axes: readonly Axis[], points: readonly Float64Array[], scale: number): Mixture {
  const bandwidth = scottBandwidth(scale, axes.length);
  const factors = axes.map((axis, i) =>
    createKernels(
      axis,
      Float64Array.from(points, (point) => point[i] as number),
      bandwidth,
    ),
  );
  const logs = new Float64Array(points.length);
  return {
    sample(random) {
      const kernel = Math.floor(random.uniform() * (points.length + 1));
      return Float64Array.from(factors, ({ sample, samplePrior }) =>
        kernel < points.length ? sample(kernel, random) : samplePrior(random),
      );
    },
    logDensity(coordinates) {
      logs.fill(0);
      let prior = 0;
      factors.forEach(({ addLogDensities, logPrior }, i) => {
        addLogDensities(coordinates[i] as number, logs);
        prior += logPrior(coordinates[i] as number);
      });
      return logMeanExp(logs, prior);
    },
  };
}

/** Returns the logarithm of the mean of e^x over the numbers and one more. */
function logMeanExp(numbers: Float64Array, other: number): number {
  let highest = other;
  for (const number of numbers) if (number > highest) highest = number;
  let sum = Math.exp(other - highest);
  for (const number of numbers) sum += Math.exp(number - highest);
  return highest + Math.log(sum / (numbers.length + 1));
}
