/** Kernels around points, along one axis. */
import type { Stream } from '../../models/random.ts';
import { type Axis, type ChoiceAxis, centreOf, type WholeAxis } from './axes.ts';
import { normalCdf } from './normal.ts';

/** The factor that an axis contributes to the kernels of a mixture, and to its prior. */
export interface Kernels {
  /** Draws a coordinate from a kernel. */
  sample(kernel: number, random: Stream): number;
  /** Adds the logarithm of each kernel's density at a coordinate to `sums`, [kernels]. */
  addLogDensities(coordinate: number, sums: Float64Array): void;
  logPrior(coordinate: number): number;
}

/** Returns the bandwidth of kernels around positions in [0, 1]. */
export type Bandwidth = (positions: Float64Array) => number;

/** Smallest bandwidth, as a share of a range: training does not distinguish anything finer. */
const MIN_BANDWIDTH = 0.02;

/**
 * Returns Scott's rule (1992) times `scale`, n^(-1 / (d + 4)) times the standard deviation, in so
 * many dimensions: of the weighted positions and of one that is drawn evenly, with weight 1, so
 * that one point alone has a bandwidth, and few that happen to agree are not taken for certain. n
 * is the effective number of weighted positions (Kish 1965).
 */
export function scottBandwidth(scale: number, dimensions: number, weights: Float64Array): Bandwidth {
  const total = 1 + sum(weights);
  const effective = total ** 2 / (1 + sum(weights.map((weight) => weight ** 2)));
  const factor = scale * effective ** (-1 / (dimensions + 4));
  return (positions) => {
    const mean = (0.5 + sum(positions.map((position, i) => (weights[i] as number) * position))) / total;
    const even = (0.5 - mean) ** 2 + 1 / 12;
    const variance = (even + sum(positions.map((position, i) => (weights[i] as number) * (position - mean) ** 2))) / total;
    return Math.max(MIN_BANDWIDTH, factor * Math.sqrt(variance));
  };
}

const sum = (values: Float64Array): number => values.reduce((all, one) => all + one, 0);

/** Returns kernels around these coordinates of an axis. */
export function createKernels(axis: Axis, centres: Float64Array, bandwidth: Bandwidth): Kernels {
  switch (axis.kind) {
    case 'real':
      return realKernels(centres, bandwidth);
    case 'whole':
      return wholeKernels(axis, centres, bandwidth);
    case 'choice':
      return choiceKernels(axis, centres, bandwidth);
  }
}

/** Draws from a normal distribution that is cut off outside [0, 1). */
function sampleWithin(centre: number, width: number, random: Stream): number {
  for (;;) {
    const position = centre + width * random.normal();
    if (position >= 0 && position < 1) return position;
  }
}

/** Returns the share of a normal distribution between two positions. */
const massBetween = (low: number, high: number, centre: number, width: number): number =>
  normalCdf((high - centre) / width) - normalCdf((low - centre) / width);

const LOG_ROOT = Math.log(2 * Math.PI) / 2;

/** Normal kernels that are cut off at the ends of the range. */
function realKernels(centres: Float64Array, bandwidth: Bandwidth): Kernels {
  const width = bandwidth(centres);
  const peaks = centres.map((centre) => -LOG_ROOT - Math.log(width * massBetween(0, 1, centre, width)));
  const scale = Math.SQRT1_2 / width;
  return {
    sample: (kernel, random) => sampleWithin(centres[kernel] as number, width, random),
    addLogDensities(coordinate, sums) {
      for (let i = 0; i < sums.length; i++) {
        const z = (coordinate - (centres[i] as number)) * scale;
        sums[i] = (sums[i] as number) + (peaks[i] as number) - z * z;
      }
    },
    logPrior: () => 0,
  };
}

/** The same kernels, integrated over the part of the range that a number has. */
function wholeKernels(axis: WholeAxis, numbers: Float64Array, bandwidth: Bandwidth): Kernels {
  const { edge, numberAt, low, high } = axis;
  const centres = numbers.map((number) => centreOf(axis, number));
  // Neighbours of a number are tried, however few there are.
  const width = Math.max(bandwidth(centres), 0.5 / (high - low + 1));
  const inside = centres.map((centre) => massBetween(0, 1, centre, width));
  return {
    sample: (kernel, random) => numberAt(sampleWithin(centres[kernel] as number, width, random)),
    addLogDensities: addShared(numbers, (number) => {
      const [from, to] = [edge(number), edge(number + 1)];
      return (i) => Math.log(massBetween(from, to, centres[i] as number, width) / (inside[i] as number) + Number.MIN_VALUE);
    }),
    logPrior: (number) => Math.log(edge(number + 1) - edge(number)),
  };
}

/**
 * Returns `addLogDensities` of kernels on an axis without reals, from the densities of kernels at a
 * coordinate: kernels with equal centres share them, and each is computed once.
 */
function addShared(
  centres: Float64Array,
  logDensitiesAt: (coordinate: number) => (kernel: number) => number,
): Kernels['addLogDensities'] {
  const places = new Map<number, number>();
  // Kernels with different centres, in the order of their places.
  const first: number[] = [];
  const placeOf = new Int32Array(centres.length);
  for (let i = 0; i < centres.length; i++) {
    const centre = centres[i] as number;
    const place = places.get(centre) ?? places.size;
    if (place === places.size) {
      places.set(centre, place);
      first.push(i);
    }
    placeOf[i] = place;
  }
  const columns = new Map<number, Float64Array>();
  return (coordinate, sums) => {
    let column = columns.get(coordinate);
    if (!column) {
      column = new Float64Array(first.map(logDensitiesAt(coordinate)));
      columns.set(coordinate, column);
    }
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (column[placeOf[i] as number] as number);
  };
}

/**
 * Probabilities of the values of a choice: those whose features are near a kernel's have more, as a
 * normal distribution over the features has it; without features only the kernel's own has more. A
 * share of all is even, that of one value in so many points (Aitchison and Aitken 1976).
 */
function choiceKernels({ size, features }: ChoiceAxis, indices: Float64Array, bandwidth: Bandwidth): Kernels {
  const widths = features.map((feature) =>
    Math.max(bandwidth(indices.map((index) => feature[index] as number)), 0.5 / (new Set(feature).size - 1)),
  );
  const nearness = (a: number, b: number): number => {
    if (features.length === 0) return a === b ? 1 : 0;
    const squares = features.map(
      (feature, f) => (((feature[a] as number) - (feature[b] as number)) / (widths[f] as number)) ** 2,
    );
    return Math.exp(-squares.reduce((all, square) => all + square, 0) / 2);
  };
  const even = 1 / (indices.length + 1);
  const probabilitiesOf = (index: number): Float64Array => {
    const near = Float64Array.from({ length: size }, (_, other) => nearness(index, other));
    const total = sum(near);
    return near.map((one) => (one / total + even / size) / (1 + even));
  };
  const rows = new Map([...new Set(indices)].map((index) => [index, probabilitiesOf(index)]));
  const rowOf = (index: number) => rows.get(index) as Float64Array;
  return {
    // The sum may fall short of 1 by rounding.
    sample: (kernel, random) => Math.min(size - 1, pick(rowOf(indices[kernel] as number), random.uniform())),
    addLogDensities: addShared(indices, (index) => (kernel) => Math.log(rowOf(indices[kernel] as number)[index] as number)),
    logPrior: () => -Math.log(size),
  };
}

/** Returns the position of the weight with which their sum passes u; else their count. */
export function pick(weights: Float64Array, u: number): number {
  let passed = 0;
  const index = weights.findIndex((weight) => {
    passed += weight;
    return u < passed;
  });
  return index < 0 ? weights.length : index;
}
