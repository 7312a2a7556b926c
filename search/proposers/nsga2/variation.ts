/** Crossover and mutation of coordinates along the axes of a space. */
import type { Stream } from '../../../models/random.ts';
import { type Axis, buildCoordinates, type ChoiceAxis, centreOf, drawCoordinate, type WholeAxis } from '../axes.ts';
import { pick } from '../kernels.ts';

/** Probability of a crossover, and that an axis takes part in one (Deb et al. 2002). */
const [CROSSOVER, TAKES_PART] = [0.9, 0.5] as const;
/** Distribution indices, ηc and ηm: higher ones keep children nearer to their parents. */
const [CROSSOVER_INDEX, MUTATION_INDEX] = [15, 10] as const;

/** Returns the coordinates of a child of two parents. */
export function cross(axes: readonly Axis[], a: Float64Array, b: Float64Array, random: Stream): Float64Array {
  if (random.uniform() >= CROSSOVER) return Float64Array.from(a);
  return buildCoordinates(axes, (axis, i) => {
    const [own, other] = [a[i] as number, b[i] as number];
    const takesPart = random.uniform() < TAKES_PART;
    // What one parent lacks, the child has from the other.
    if (Number.isNaN(own)) return other;
    return takesPart && !Number.isNaN(other) ? crossAxis(axis, own, other, random) : own;
  });
}

/** Values of a choice are exchanged whole: uniform crossover. */
function crossAxis(axis: Axis, own: number, other: number, random: Stream): number {
  switch (axis.kind) {
    case 'real':
      return crossPositions(own, other, random);
    case 'whole':
      return own === other ? own : axis.numberAt(below1(crossPositions(centreOf(axis, own), centreOf(axis, other), random)));
    case 'choice':
      return other;
  }
}

/**
 * Returns one of the two children of simulated binary crossover (Deb and Agrawal 1995), within
 * [0, 1] as in Deb's own program: the spread is that of one-point crossover of binary numbers.
 */
export function crossPositions(a: number, b: number, { uniform }: Stream): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  const [u, isLower] = [uniform(), uniform() < 0.5];
  const distance = high - low;
  if (distance === 0) return a;
  const room = isLower ? low : 1 - high;
  const power = CROSSOVER_INDEX + 1;
  const alpha = 2 - (1 + (2 * room) / distance) ** -power;
  const spread = (u <= 1 / alpha ? u * alpha : 1 / (2 - u * alpha)) ** (1 / power);
  const half = (spread * distance) / 2;
  return within((low + high) / 2 + (isLower ? -half : half));
}

/**
 * Changes each coordinate with probability 1 / D, and keeps the others; draws those that begin to
 * exist by it.
 */
export const mutate = (axes: readonly Axis[], coordinates: Float64Array, random: Stream): Float64Array =>
  buildCoordinates(axes, (axis, i) => {
    const own = coordinates[i] as number;
    if (Number.isNaN(own)) return drawCoordinate(axis, random);
    return random.uniform() < 1 / axes.length ? mutateAxis(axis, own, random) : own;
  });

function mutateAxis(axis: Axis, own: number, random: Stream): number {
  switch (axis.kind) {
    case 'real':
      return mutatePosition(own, random);
    case 'whole':
      return mutateNumber(axis, own, random);
    case 'choice':
      return mutateChoice(axis, own, random);
  }
}

/** Polynomial mutation within [0, 1] (Deb and Goyal 1996), as in Deb's own program. */
export function mutatePosition(position: number, { uniform }: Stream): number {
  const u = uniform();
  const power = MUTATION_INDEX + 1;
  const step =
    u < 0.5
      ? (2 * u + (1 - 2 * u) * (1 - position) ** power) ** (1 / power) - 1
      : 1 - (2 * (1 - u) + (2 * u - 1) * position ** power) ** (1 / power);
  return within(position + step);
}

/** Steps to the next number at least, where that is in the range. */
function mutateNumber(axis: WholeAxis, number: number, random: Stream): number {
  const middle = centreOf(axis, number);
  const position = mutatePosition(middle, random);
  const found = axis.numberAt(below1(position));
  if (found !== number) return found;
  return Math.min(axis.high, Math.max(axis.low, number + (position < middle ? -1 : 1)));
}

/** Distance between features within which values of a choice are near. */
const NEAR = 0.25;

/** Draws another value, a similar one more likely; without an order all others alike. */
function mutateChoice({ size, features }: ChoiceAxis, own: number, random: Stream): number {
  const weights = Float64Array.from({ length: size }, (_, other) => {
    const squares = features.map((feature) => ((feature[own] as number) - (feature[other] as number)) ** 2);
    const distance = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    return other === own ? 0 : Math.exp(-distance / NEAR);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const found = pick(weights, random.uniform() * total);
  // The sum may fall short of the total by rounding.
  return found < size ? found : own;
}

const within = (position: number): number => Math.min(1, Math.max(0, position));
const below1 = (position: number): number => Math.min(position, 1 - Number.EPSILON);
