/** The search for the point of the largest gain. */
import type { Stream } from '../../../models/random.ts';
import { type Axis, buildCoordinates, type ChoiceAxis, centreOf, drawCoordinate, isOn } from '../axes.ts';
import { ascend, type Gradient } from './ascent.ts';
import type { Embedding } from './embedding.ts';
import { gainAt, slopedGainAt } from './gain.ts';
import type { Posterior } from './posterior.ts';

/** A space, and what is expected of its points. */
export interface Landscape {
  readonly axes: readonly Axis[];
  readonly embedding: Embedding;
  /** Length scale of each group of columns, [groups]. */
  readonly lengths: Float64Array;
  readonly posterior: Posterior;
}

interface Candidate {
  readonly coordinates: Float64Array;
  readonly gain: number;
}

/** Spaces of at most so many points are searched completely. */
const MOST_LISTED = 1024;
/** Candidates that are drawn from the space, and near each of the centres. */
const [DRAWN, NEAR] = [256, 16] as const;
/** Largest distance from a centre, as a share of a range; it is halved in turn, seven times. */
const [FARTHEST, HALVINGS] = [0.3, 8] as const;
/** Candidates, the best ones, from which the search goes on uphill. */
const STARTS = 4;
const ASCENT = { first: 0.2, evaluations: 20, tolerance: 1e-4 } as const;
/** Other values of a choice that are tried at a time. */
const MOST_OTHERS = 32;

/**
 * Returns the coordinates of the best point that is new; null where none is found. `centres`:
 * coordinates of points near which it is looked for, too.
 */
export function findBest(
  landscape: Landscape,
  centres: readonly Float64Array[],
  random: Stream,
  isNew: (coordinates: Float64Array) => boolean,
): Float64Array | null {
  const { axes } = landscape;
  const rate = (coordinates: Float64Array): Candidate => ({
    coordinates,
    gain: gainAt(landscape.posterior, landscape.embedding.embed(coordinates)),
  });
  if (axes.reduce((product, axis) => product * sizeOf(axis), 1) <= MOST_LISTED) {
    return listPoints(axes).filter(isNew).map(rate).sort(byGain)[0]?.coordinates ?? null;
  }
  const drawn = Array.from({ length: DRAWN }, () => drawPoint(axes, random));
  const near = centres.flatMap((centre) => Array.from({ length: NEAR }, (_, i) => drawNear(axes, centre, i, random)));
  const found = [...drawn, ...near].map(rate).sort(byGain);
  const climbed = found.slice(0, STARTS).map((one) => climb(landscape, rate, one));
  return [...climbed, ...found].sort(byGain).find(({ coordinates }) => isNew(coordinates))?.coordinates ?? null;
}

const byGain = (a: Candidate, b: Candidate): number => b.gain - a.gain;

/** Returns the number of values of an axis. */
function sizeOf(axis: Axis): number {
  if (axis.kind === 'real') return Number.POSITIVE_INFINITY;
  return axis.kind === 'choice' ? axis.size : 1 + axis.high - axis.low;
}

/** Returns the coordinates of all points of a finite space. */
const listPoints = (axes: readonly Axis[]): Float64Array[] =>
  axes.reduce<Float64Array[]>(
    (points, axis) => {
      const first = axis.kind === 'whole' ? axis.low : 0;
      return points.flatMap((point) =>
        isOn(axis, point)
          ? Array.from({ length: sizeOf(axis) }, (_, i) => Float64Array.of(...point, first + i))
          : [Float64Array.of(...point, Number.NaN)],
      );
    },
    [Float64Array.of()],
  );

/**
 * Returns coordinates without those on axes that do not exist there, and with one on each that
 * does: where there is none, that of `fill`.
 */
const conform = (axes: readonly Axis[], coordinates: Float64Array, fill: (axis: Axis) => number = middleOf): Float64Array =>
  buildCoordinates(axes, (axis, i) => (Number.isNaN(coordinates[i]) ? fill(axis) : (coordinates[i] as number)));

const middleOf = (axis: Axis): number => (axis.kind === 'choice' ? Math.floor(axis.size / 2) : coordinateAt(axis, 0.5));

/** Returns the coordinate at a position, 0 <= position < 1; positions outside are moved inside. */
function coordinateAt(axis: Exclude<Axis, ChoiceAxis>, position: number): number {
  const within = Math.min(1 - 2 ** -53, Math.max(0, position));
  return axis.kind === 'whole' ? axis.numberAt(within) : within;
}

const positionOf = (axis: Exclude<Axis, ChoiceAxis>, coordinate: number): number =>
  axis.kind === 'whole' ? centreOf(axis, coordinate) : coordinate;

const drawPoint = (axes: readonly Axis[], random: Stream): Float64Array =>
  conform(
    axes,
    Float64Array.from(axes, (axis) => drawCoordinate(axis, random)),
  );

/** Draws a point around a centre: a fourth of the choices at least are drawn anew. */
function drawNear(axes: readonly Axis[], centre: Float64Array, number: number, random: Stream): Float64Array {
  const distance = FARTHEST * 2 ** -(number % HALVINGS);
  const share = Math.max(0.25, 1 / axes.length);
  const moved = centre.map((coordinate, i) => {
    const axis = axes[i] as Axis;
    if (Number.isNaN(coordinate)) return coordinate;
    if (axis.kind === 'choice') return random.uniform() < share ? drawCoordinate(axis, random) : coordinate;
    return coordinateAt(axis, positionOf(axis, coordinate) + distance * random.normal());
  });
  return conform(axes, moved, (axis) => drawCoordinate(axis, random));
}

type Rate = (coordinates: Float64Array) => Candidate;

/** Climbs along ranges, then tries other values of choices and whole numbers, and climbs again. */
function climb(landscape: Landscape, rate: Rate, start: Candidate): Candidate {
  const slid = slide(landscape, rate, start);
  const changed = changeEach(landscape.axes, rate, slid);
  return changed === slid ? slid : changeEach(landscape.axes, rate, slide(landscape, rate, changed));
}

/** Changes each choice to its best value, and each whole number to a better neighbour. */
function changeEach(axes: readonly Axis[], rate: Rate, start: Candidate): Candidate {
  let best = start;
  for (const [i, axis] of axes.entries()) {
    if (!isOn(axis, best.coordinates)) continue;
    for (const other of othersOf(axis, best.coordinates[i] as number)) {
      const changed = rate(conform(axes, best.coordinates.with(i, other)));
      if (changed.gain > best.gain) best = changed;
    }
  }
  return best;
}

function othersOf(axis: Axis, own: number): number[] {
  switch (axis.kind) {
    case 'real':
      return [];
    case 'whole':
      return [own - 1, own + 1].filter((number) => number >= axis.low && number <= axis.high);
    case 'choice':
      return Array.from({ length: Math.min(MOST_OTHERS, axis.size - 1) }, (_, i) => (own + 1 + i) % axis.size);
  }
}

/**
 * Climbs along the ranges, in units of their length scales; whole numbers are rounded at the end.
 * Returns the start where that is not better.
 */
function slide({ axes, embedding, lengths, posterior }: Landscape, rate: Rate, start: Candidate): Candidate {
  const ranges = axes.flatMap((axis, i) =>
    axis.kind === 'choice' || !isOn(axis, start.coordinates) ? [] : [{ axis, i, column: embedding.first[i] as number }],
  );
  if (ranges.length === 0) return start;
  const row = embedding.embed(start.coordinates);
  const units = Float64Array.from(ranges, ({ column }) => Math.min(1, lengths[embedding.groupOf[column] as number] as number));
  const evaluate = (at: Float64Array): Gradient => {
    const moved = row.slice();
    for (const [n, { column }] of ranges.entries()) moved[column] = (at[n] as number) * (units[n] as number);
    const { value, gradient } = slopedGainAt(posterior, moved);
    return { value, gradient: units.map((unit, n) => unit * (gradient[ranges[n]?.column as number] as number)) };
  };
  const begin = units.map((unit, n) => (row[ranges[n]?.column as number] as number) / unit);
  const { at } = ascend(evaluate, begin, { low: new Float64Array(units.length), high: units.map((unit) => 1 / unit) }, ASCENT);
  const coordinates = start.coordinates.slice();
  for (const [n, { axis, i }] of ranges.entries()) coordinates[i] = coordinateAt(axis, (at[n] as number) * (units[n] as number));
  const end = rate(coordinates);
  return end.gain > start.gain ? end : start;
}
