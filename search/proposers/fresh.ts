/** Points of a cell that were not proposed before. */
import { draw, shuffledIndex } from '../draw.ts';
import {
  buildPoint,
  countValues,
  type Dimensions,
  dimensionOf,
  PARAMETERS,
  type Point,
  valueAt,
  valuesOf,
} from '../parameters.ts';
import { type Combinations, countDistinct, createCombinations, listLevels } from '../samplers/combinations.ts';
import { sobol } from '../samplers/sobol.ts';
import type { ProposalRequest } from './proposer.ts';

/** Returns a test of whether a point was proposed before. */
export function createKnown({ space, observations, pending }: ProposalRequest): (point: Point) => boolean {
  const varying = PARAMETERS.filter((name) => dimensionOf(space, name).kind !== 'constant');
  const textOf = (point: Point) => JSON.stringify(varying.map((name) => point[name]));
  const isEqual = (a: Point, b: Point) => varying.every((name) => isSame(a[name], b[name]));
  let isFirst = true;
  let known: ReadonlySet<string> | undefined;
  return (point) => {
    // The first candidate is mostly new, and few proposals ask again: a set costs ten times as much
    // as one look at all points.
    if (isFirst) {
      isFirst = false;
      return observations.some((one) => isEqual(one.point, point)) || pending.some((one) => isEqual(one, point));
    }
    known ??= new Set([...observations.map((one) => textOf(one.point)), ...pending.map(textOf)]);
    return known.has(textOf(point));
  };
}

/** Whether two values of a parameter are the same: numbers, names, or lists of layers. */
const isSame = (a: unknown, b: unknown): boolean => a === b || (Array.isArray(a) && Array.isArray(b) && String(a) === String(b));

/** Draws in a space of reals before it is held for too narrow. */
const MAX_DRAWS = 1000;

/**
 * Draws a point that was not proposed before: that of the Sobol sequence, in a finite space that of
 * a keyed shuffle, with the request's number; the same for every cell. Where it was proposed, the
 * next that was not. Throws RangeError where no point is left.
 */
export function drawFresh(request: ProposalRequest): Point {
  const { space, number } = request;
  const isKnown = createKnown(request);
  const size = countDistinct(space);
  const pointAt = Number.isFinite(size) ? shuffledPoints(request, size) : drawnPoints(request);
  for (let step = 0; step < Math.min(size, MAX_DRAWS + number); step++) {
    const point = pointAt(step);
    if (!isKnown(point)) return point;
  }
  throw new RangeError(`every point of the space was proposed: ${number} points of ${size}`);
}

function shuffledPoints({ space, seed, number }: ProposalRequest, size: number): (step: number) => Point {
  const { at } = combinationsOf(space);
  return (step) => at(shuffledIndex(seed, (number + step) % size, 'point', size));
}

function drawnPoints({ space, seed, number }: ProposalRequest): (step: number) => Point {
  const pointAt = sobol.createPoints({ trials: number + 1, seed }, { space, cells: 1, widths: [1], seeds: 1 });
  return (step) =>
    step === 0 ? pointAt(number) : buildPoint((name) => valueAt(dimensionOf(space, name), draw(seed, number, `${name} ${step}`)));
}

/** Returns the points of a finite space. */
const combinationsOf = (space: Dimensions): Combinations =>
  createCombinations((name) => {
    const dimension = dimensionOf(space, name);
    if (dimension.kind === 'constant' || dimension.kind === 'choice') return listLevels(valuesOf(dimension));
    return { count: countValues(dimension), at: (number) => dimension.low + number };
  });
