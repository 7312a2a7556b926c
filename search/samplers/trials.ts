/** Checks of samplers that take a stated number of trials from a space. */
import { type SpecFault, specFault } from '../fault.ts';
import { type Dimension, type Dimensions, dimensionOf, PARAMETERS, valuesOf } from '../parameters.ts';
import type { SamplingContext } from './sampler.ts';

/** Total number of trials, over methods, widths and seeds. */
export interface TrialSettings {
  readonly trials: number;
  /** Draws depend on it. */
  readonly seed: number;
}

/** Returns a fault if the trials do not divide evenly among seeds, or are too few for the cells. */
export function checkTrials(sampler: string, { trials }: TrialSettings, { cells, seeds }: SamplingContext): SpecFault | null {
  const path = `sampler.${sampler}.trials`;
  if (trials % seeds !== 0) {
    const below = trials - (trials % seeds);
    const fix = below > 0 ? `use ${below} or ${below + seeds}` : `use ${seeds}`;
    return specFault(path, `${trials} trials are not a multiple of the ${seeds} seeds`, fix);
  }
  if (trials / seeds < cells) {
    const message = `${trials} trials do not reach each of the ${cells} pairs of method and width with ${seeds} seeds`;
    return specFault(path, message, `use at least ${cells * seeds}`);
  }
  return null;
}

/** Returns the largest number of points per cell. */
export const pointsPerCell = ({ trials }: TrialSettings, { cells, seeds }: SamplingContext): number =>
  Math.ceil(trials / seeds / cells);

/** Returns the number of different points of a space, null where a range makes it infinite. */
export const countPoints = (space: Dimensions): number | null =>
  PARAMETERS.reduce((product, name) => product * valuesOf(dimensionOf(space, name)).length, 1) || null;

/** Probability of two equal points of a sweep, of which each is trained once. */
const LARGEST_RISK = 0.01;

/** Yields a fault where the ranges are so narrow that drawn points may be equal. */
export function* checkRanges(space: Dimensions, points: number): Generator<SpecFault> {
  if (points ** 2 / (2 * countDrawable(space)) > LARGEST_RISK) {
    yield specFault(
      'space',
      `the ranges are too narrow for ${points} different points`,
      'widen them, or name values with "choice"',
    );
  }
}

/**
 * Yields a fault where the trials of a cell cannot all have different points. `size`: number of
 * points of the space, null where it is infinite.
 */
export function* checkDistinct(
  sampler: string,
  settings: TrialSettings,
  context: SamplingContext,
  size: number | null,
): Generator<SpecFault> {
  const fault = checkTrials(sampler, settings, context);
  if (fault !== null) {
    yield fault;
    return;
  }
  const { space, cells, seeds } = context;
  const wanted = pointsPerCell(settings, context);
  if (size === null) yield* checkRanges(space, wanted);
  else if (wanted > size) {
    const message = `${settings.trials} trials need ${wanted} configurations of each method and width; the space has ${size}`;
    yield specFault(
      `sampler.${sampler}.trials`,
      message,
      `use at most ${size * cells * seeds}, widen the space, or use the grid`,
    );
  }
}

/** Returns the number of different points that draws of 53 bits can give. */
const countDrawable = (space: Dimensions): number =>
  PARAMETERS.map((name) => {
    const dimension: Dimension<unknown> = dimensionOf(space, name);
    if (dimension.kind !== 'log' && dimension.kind !== 'uniform') return valuesOf(dimension).length;
    const { low, high, whole } = dimension;
    // Low numbers of a logarithmic range are drawn more often: so many equally likely ones would
    // repeat as often.
    if (whole) return dimension.kind === 'log' ? Math.log((high + 1) / low) ** 2 / (1 / low - 1 / (high + 1)) : 1 + high - low;
    const spacing = 2 ** (Math.floor(Math.log2(high)) - 52); // of doubles, at the upper end
    return Math.min(2 ** 53, 1 + (high - low) / spacing);
  }).reduce((product, count) => product * count, 1);
