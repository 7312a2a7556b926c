import type { Stream } from '../../models/random.ts';
import type { Axis } from './axes.ts';
import { createKernels, pick, scottBandwidth } from './kernels.ts';

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
 * Returns the mixture of a kernel at each of the points, given by their coordinates, with these
 * weights, [points], and of the even density, the prior, with weight 1. `scale` multiplies the
 * bandwidths.
 */
export function createMixture(
  axes: readonly Axis[],
  points: readonly Float64Array[],
  weights: Float64Array,
  scale: number,
): Mixture {
  const bandwidth = scottBandwidth(scale, axes.length, weights);
  const factors = axes.map((axis, i) =>
    createKernels(
      axis,
      Float64Array.from(points, (point) => point[i] as number),
      bandwidth,
    ),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  const logWeights = weights.map(Math.log);
  const logs = new Float64Array(points.length);
  return {
    sample(random) {
      const kernel = pick(weights, random.uniform() * total);
      return Float64Array.from(factors, ({ sample, samplePrior }) =>
        kernel < points.length ? sample(kernel, random) : samplePrior(random),
      );
    },
    logDensity(coordinates) {
      logs.set(logWeights);
      let prior = 0;
      factors.forEach(({ addLogDensities, logPrior }, i) => {
        addLogDensities(coordinates[i] as number, logs);
        prior += logPrior(coordinates[i] as number);
      });
      return logSumExp(logs, prior) - Math.log(total);
    },
  };
}

/** Returns the logarithm of the sum of e^x over the numbers and one more. */
function logSumExp(numbers: Float64Array, other: number): number {
  let highest = other;
  for (const number of numbers) if (number > highest) highest = number;
  let sum = Math.exp(other - highest);
  for (const number of numbers) sum += Math.exp(number - highest);
  return highest + Math.log(sum);
}
