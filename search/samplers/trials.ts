/** Checks of samplers that take a stated number of trials from a space. */
import { type SpecFault, specFault } from '../fault.ts';
import {
  conditionOf,
  type Dimensions,
  dimensionOf,
  PARAMETERS,
  type Point,
  parameterPath,
  type RangeDimension,
} from '../parameters.ts';
import { countCombinations } from './combinations.ts';
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
export function countPoints(space: Dimensions): number | null {
  const count = countCombinations(space, () => Number.POSITIVE_INFINITY);
  return Number.isFinite(count) ? count : null;
}

/** Probability of two equal points of a sweep, of which each is trained once. */
const LARGEST_RISK = 0.01;
/** Equal points are looked for above this probability: whole numbers, not ranges of real ones. */
const NEGLIGIBLE_RISK = 1e-6;
/** Points that are compared, which takes a second. */
const MOST_COMPARED = 200_000;

/** Returns the number of equally likely points among which draws would collide as often. */
type CountDraws = (space: Dimensions) => number;

/** Yields a fault where so few different points can be drawn that some may be equal. */
export function* checkDraws(space: Dimensions, points: number, countDraws: CountDraws): Generator<SpecFault> {
  const isRisky = (count: CountDraws) => riskOf(space, points, count) > LARGEST_RISK;
  if (!isRisky(countDraws)) return;
  const scarce = isRisky(countDrawable) ? undefined : PARAMETERS.find((name) => isConditionalRange(space, name));
  if (scarce === undefined) {
    const fix = 'widen them, or name values with "choice"';
    yield specFault('space', `the ranges are too narrow for ${points} different points`, fix);
    return;
  }
  const { parent, values } = conditionOf(scarce) as NonNullable<ReturnType<typeof conditionOf>>;
  const message = `${scarce} exists only where ${parent} is ${values.join(' or ')}: without its range, points would be repeated`;
  const fix = `make a parameter that exists everywhere a range, name values of ${scarce} with "choice", or use tpe`;
  yield specFault(parameterPath(scarce), message, fix);
}

const riskOf = (space: Dimensions, points: number, countDraws: CountDraws): number => points ** 2 / (2 * countDraws(space));

/** Yields a fault where two of the points that these settings draw are equal. */
export function* checkEqualPoints(
  sampler: string,
  settings: TrialSettings,
  context: SamplingContext,
  pointAt: (number: number) => Point,
): Generator<SpecFault> {
  const points = pointsPerCell(settings, context);
  if (points > MOST_COMPARED || riskOf(context.space, points, countEvenDraws) < NEGLIGIBLE_RISK) return;
  const numbers = new Map<string, number>();
  for (let number = 0; number < points; number++) {
    const key = JSON.stringify(pointAt(number));
    const equal = numbers.get(key);
    if (equal !== undefined) {
      const message = `with the seed ${settings.seed}, points ${equal} and ${number} of ${points} are equal`;
      yield specFault(`sampler.${sampler}.seed`, message, 'use another seed, or widen the ranges');
      return;
    }
    numbers.set(key, number);
  }
}

function isConditionalRange(space: Dimensions, name: (typeof PARAMETERS)[number]): boolean {
  const { kind } = dimensionOf(space, name);
  return conditionOf(name) !== null && (kind === 'log' || kind === 'uniform');
}

/**
 * Yields a fault where the trials of a cell cannot all have different points. `size`: number of
 * points of the space, null where it is infinite and `countDraws` of them can be drawn.
 */
export function* checkDistinct(
  sampler: string,
  settings: TrialSettings,
  context: SamplingContext,
  size: number | null,
  countDraws: CountDraws,
): Generator<SpecFault> {
  const fault = checkTrials(sampler, settings, context);
  if (fault !== null) {
    yield fault;
    return;
  }
  const { space, cells, seeds } = context;
  const wanted = pointsPerCell(settings, context);
  if (size === null) yield* checkDraws(space, wanted, countDraws);
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
export const countDrawable: CountDraws = (space) => countCombinations(space, countNumbers);

/**
 * Returns the number of equally likely points among which draws would collide as often. Each
 * value of a choice is drawn equally often, however many points it has.
 */
export const countEvenDraws: CountDraws = (space) =>
  countCombinations(space, countNumbers, (counts) => counts.length ** 2 / counts.reduce((all, one) => all + 1 / one, 0));

/** Returns the number of different numbers that draws from a range can give. */
function countNumbers({ kind, low, high, whole }: RangeDimension): number {
  // Low numbers of a logarithmic range are drawn more often: so many equally likely ones would
  // repeat as often.
  if (whole) return kind === 'log' ? Math.log((high + 1) / low) ** 2 / (1 / low - 1 / (high + 1)) : 1 + high - low;
  const spacing = 2 ** (Math.floor(Math.log2(high)) - 52); // of doubles, at the upper end
  return Math.min(2 ** 53, 1 + (high - low) / spacing);
}
