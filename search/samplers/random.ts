import { draw, shuffledIndex } from '../draw.ts';
import { type SpecFault, specFault } from '../fault.ts';
import {
  buildPoint,
  type Dimension,
  type Dimensions,
  dimensionOf,
  PARAMETERS,
  type Point,
  pickCombination,
  valueAt,
  valuesOf,
} from '../parameters.ts';
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
    const lists = listChoices(space);
    const size = countCombinations(lists);
    if (size === null) return (number) => drawPoint(space, seed, number);
    return (number) => pickCombination(shuffledIndex(seed, number, 'point', size), lists);
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
    const message = `${trials} trials do not reach each of the ${cells} pairs of method and width with ${seeds} seeds`;
    yield specFault(path, message, `use at least ${cells * seeds}`);
    return;
  }
  const size = countCombinations(listChoices(space));
  const wanted = Math.ceil(trials / seeds / cells);
  if (size !== null && wanted > size) {
    const message = `${trials} trials need ${wanted} configurations of each method and width; the space has ${size}`;
    yield specFault(path, message, `use at most ${size * cells * seeds}, widen the space, or use the grid`);
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
    const dimension: Dimension<unknown> = dimensionOf(space, name);
    if (dimension.kind !== 'log' && dimension.kind !== 'uniform') return valuesOf(dimension).length;
    const { low, high } = dimension;
    const spacing = 2 ** (Math.floor(Math.log2(high)) - 52); // of doubles, at the upper end
    return Math.min(2 ** 53, 1 + (high - low) / spacing);
  }).reduce((product, count) => product * count, 1);

/** Returns the values of each parameter, none for a range. */
const listChoices = (space: Dimensions): readonly (readonly unknown[])[] =>
  PARAMETERS.map((name) => valuesOf(dimensionOf(space, name)));

/** Returns the number of different points, null where a range makes it infinite. */
const countCombinations = (lists: readonly (readonly unknown[])[]): number | null =>
  lists.reduce((product, { length }) => product * length, 1) || null;

const drawPoint = (space: Dimensions, seed: number, number: number): Point =>
  buildPoint((name) => valueAt(dimensionOf(space, name), draw(seed, number, name)));
