import type { Stream } from '../../models/random.ts';
import { type Axis, buildCoordinates, drawCoordinate, isOn } from './axes.ts';
import { createKernels, type Kernels, pick, scottBandwidth } from './kernels.ts';

/**
 * A density over the points of a space: a mixture of the even density and of kernels, each a
 * product of one factor for each axis (Watanabe 2023, arXiv 2304.11127, section 3.3). Where an axis
 * does not exist, it has no factor; where it does, but not at the point of a kernel, its factor is
 * the even density. So the density integrates to one over all points, with axes or without them.
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
  const factors = axes.map((axis, i) => createFactor({ axis, i, dimensions: axes.length }, points, weights, scale));
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  const logWeights = weights.map(Math.log);
  const logs = new Float64Array(points.length);
  return {
    sample(random) {
      const kernel = pick(weights, random.uniform() * total);
      return buildCoordinates(axes, (axis, i) =>
        kernel < points.length ? (factors[i] as Kernels).sample(kernel, random) : drawCoordinate(axis, random),
      );
    },
    logDensity(coordinates) {
      logs.set(logWeights);
      let prior = 0;
      factors.forEach(({ addLogDensities, logPrior }, i) => {
        if (!isOn(axes[i] as Axis, coordinates)) return;
        addLogDensities(coordinates[i] as number, logs);
        prior += logPrior(coordinates[i] as number);
      });
      return logSumExp(logs, prior) - Math.log(total);
    },
  };
}

/** Returns the factor of axis number `i` of so many. */
function createFactor(
  { axis, i, dimensions }: { readonly axis: Axis; readonly i: number; readonly dimensions: number },
  points: readonly Float64Array[],
  weights: Float64Array,
  scale: number,
): Kernels {
  // Kernels at points that have a coordinate on the axis.
  const own = points.flatMap((point, kernel) => (isOn(axis, point) ? [kernel] : []));
  const kernels = createKernels(
    axis,
    Float64Array.from(own, (kernel) => points[kernel]?.[i] as number),
    scottBandwidth(
      scale,
      dimensions,
      Float64Array.from(own, (kernel) => weights[kernel] as number),
    ),
  );
  if (own.length === points.length) return kernels;
  const { sample, addLogDensities, logPrior } = kernels;
  const placeOf = new Map(own.map((kernel, place) => [kernel, place]));
  const logs = new Float64Array(own.length);
  return {
    logPrior,
    sample(kernel, random) {
      const place = placeOf.get(kernel);
      return place === undefined ? drawCoordinate(axis, random) : sample(place, random);
    },
    addLogDensities(coordinate, sums) {
      logs.fill(0);
      addLogDensities(coordinate, logs);
      const prior = logPrior(coordinate);
      for (let kernel = 0; kernel < sums.length; kernel++) {
        const place = placeOf.get(kernel);
        sums[kernel] = (sums[kernel] as number) + (place === undefined ? prior : (logs[place] as number));
      }
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
