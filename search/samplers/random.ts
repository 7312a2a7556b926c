import { draw, shuffledIndex } from '../draw.ts';
import { type SpecFault, specFault } from '../fault.ts';
import { buildPoint, type Dimension, type Dimensions, dimensionOf, PARAMETERS, type Point, valueAt } from '../parameters.ts';
import type { Sampler, SamplingContext } from './sampler.ts';

export interface RandomSettings {
  /** Trials in all, over methods, widths and seeds. */
  readonly trials: number;
  readonly seed: number;
}

/**
 * Points drawn at the address (sampler seed, point, parameter). A space without ranges is finite
 * and sampled without replacement: point n is the n-th of a keyed shuffle of its combinations.
 */
export const random: Sampler<RandomSettings> = {
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  createPoints({ seed }, { space }) {
    const size = countCombinations(space);
    if (size === null) return (number) => drawPoint(space, seed, number);
    return (number) => pickCombination(space, shuffledIndex(seed, number, 'point', size));
  },
  toDocument: ({ trials, seed }) => ({ trials, seed }),
  check: checkTrials,
};

function* checkTrials({ trials }: RandomSettings, { space, cells, seeds }: SamplingContext): Generator<SpecFault> {
  const path = 'sampler.random.trials';
  if (trials % seeds !== 0) {
    const below = trials - (trials % seeds);
    const fix = below > 0 ? `use ${below} or ${below + seeds}` : `use ${seeds}`;
    yield specFault(path, `${trials} trials are not a multiple of the ${seeds} seeds`, fix);
    return;
  }
  if (trials / seeds < cells) {
    yield specFault(
      path,
      `${trials} trials do not reach each of the ${cells} pairs of method and width with ${seeds} seeds`,
      `use at least ${cells * seeds}`,
    );
    return;
  }
  const size = countCombinations(space);
  const wanted = Math.ceil(trials / seeds / cells);
  if (size !== null && wanted > size) {
    yield specFault(
      path,
      `${trials} trials need ${wanted} configurations of each method and width; the space has ${size}`,
      `use at most ${size * cells * seeds}, widen the space, or use the grid`,
    );
  }
  if (size === null && wanted ** 2 / (2 * countDrawable(space)) > LARGEST_RISK) {
    const message = `the ranges are too narrow for ${wanted} different points`;
    yield specFault('space', message, 'widen them, or name values with "choice"');
  }
}

/** Probability of two equal points of a sweep, of which each is trained once. */
const LARGEST_RISK = 0.01;

/** Returns the number of different points that draws of 53 bits can give. */
const countDrawable = (space: Dimensions): number =>
  PARAMETERS.map((name) => {
    const dimension: Dimension<unknown> = dimensionOf({ space }, name);
    if (dimension.kind !== 'log' && dimension.kind !== 'uniform') return sizeOf(dimension) ?? 1;
    const { low, high } = dimension;
    const spacing = 2 ** (Math.floor(Math.log2(high)) - 52); // of doubles, at the upper end
    return Math.min(2 ** 53, 1 + (high - low) / spacing);
  }).reduce((product, count) => product * count, 1);

/** Returns the number of different points, null where a range makes it infinite. */
function countCombinations(space: Dimensions): number | null {
  const sizes = PARAMETERS.map((name) => sizeOf(dimensionOf({ space }, name)));
  return sizes.every((size) => size !== null) ? sizes.reduce((product, size) => product * size, 1) : null;
}

function sizeOf(dimension: Dimension<unknown>): number | null {
  if (dimension.kind === 'constant') return 1;
  return dimension.kind === 'choice' ? dimension.values.length : null;
}

const drawPoint = (space: Dimensions, seed: number, number: number): Point =>
  buildPoint((name) => valueAt<unknown>(dimensionOf({ space }, name), draw(seed, number, name)));

/** Returns combination n of a finite space, in mixed radix. */
function pickCombination(space: Dimensions, n: number): Point {
  let rest = n;
  return buildPoint((name) => {
    const dimension: Dimension<unknown> = dimensionOf({ space }, name);
    const size = sizeOf(dimension) ?? 1;
    const value = valueAt(dimension, (rest % size) / size);
    rest = Math.floor(rest / size);
    return value;
  });
}
