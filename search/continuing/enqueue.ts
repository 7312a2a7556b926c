/** Points of a person's own, which the cells of an adaptive sweep train before all others. */
import { cellName } from '../../models/methods/catalogue.ts';
import { type SpecFault, specFault, suggestNearest } from '../fault.ts';
import { trainedPointsByName } from '../limits/limits.ts';
import { dimensionOf, PARAMETERS, type Point, parameterPath } from '../parameters.ts';
import { checkPoints, completePoint } from '../samplers/points.ts';
import { ADAPTIVE_NAMES, isAdaptive } from '../samplers/table.ts';
import { cellsOf, dimensionsOf } from '../space.ts';
import type { Enqueued, SweepSpec } from '../spec.ts';

/** Points that a spec may list for a cell. */
export const MOST_ENQUEUED = 1000;

const isForAllCells = (enqueue: Enqueued): enqueue is readonly Partial<Point>[] => Array.isArray(enqueue);

/** Points for a cell, or for all cells (null), and their place in a spec. */
interface EnqueuedList {
  readonly cell: string | null;
  readonly path: string;
  readonly points: readonly Partial<Point>[];
}

/** Returns the lists of points that a spec enqueues. */
export function enqueuedLists({ enqueue = [] }: Pick<SweepSpec, 'enqueue'>): readonly EnqueuedList[] {
  if (isForAllCells(enqueue)) return enqueue.length === 0 ? [] : [{ cell: null, path: 'enqueue', points: enqueue }];
  return Object.entries(enqueue).map(([cell, points]) => ({ cell, path: `enqueue.${cell}`, points }));
}

const statedFor = ({ enqueue = [] }: SweepSpec, cell: string): readonly Partial<Point>[] =>
  isForAllCells(enqueue) ? enqueue : (enqueue[cell] ?? []);

/** Returns the points that a cell, given by its name, trains first. */
export const enqueuedPoints = (spec: SweepSpec, cell: string): readonly Point[] =>
  statedFor(spec, cell).map((point) => completePoint(dimensionsOf(spec), point));

export const countEnqueued = (spec: SweepSpec, cell: string): number => statedFor(spec, cell).length;

/** Returns a fault where the value at a path needs a sampler that learns, and there is none. */
export const findSamplerFault = ({ sampler }: Pick<SweepSpec, 'sampler'>, path: string): SpecFault | null =>
  isAdaptive(sampler)
    ? null
    : specFault(
        path,
        `the sampler ${sampler.kind} does not learn from points that it is given`,
        `use ${ADAPTIVE_NAMES.join(' or ')}, or train these points alone: sampler: { list: [...] }`,
      );

/** Returns a fault where a cell is given more points than it trains. */
export function findExcess(spec: SweepSpec, path: string, cell: string, points: number): SpecFault | null {
  const own = trainedPointsByName(spec, null).get(cell) ?? 0;
  if (points <= own) return null;
  return specFault(
    path,
    `${points} points of ${cell} are more than the ${own} that it trains`,
    'use more trials or fewer points',
  );
}

/** Yields enqueued points that the sweep cannot train. */
export function* checkEnqueued(spec: SweepSpec): Generator<SpecFault> {
  const lists = enqueuedLists(spec);
  if (lists.length === 0) return;
  const ofSampler = findSamplerFault(spec, 'enqueue');
  if (ofSampler !== null) {
    yield ofSampler;
    return;
  }
  const names = cellsOf(spec).map(cellName);
  for (const { cell, path, points } of lists) {
    if (cell !== null && !names.includes(cell)) {
      yield specFault(path, `the sweep trains no "${cell}"`, suggestNearest(cell, names));
      continue;
    }
    yield* checkPoints(dimensionsOf(spec), path, points);
    yield* checkConstants(spec, path, points);
    // The last cells may train one point less than the first.
    const excess = findExcess(spec, path, cell ?? (names.at(-1) as string), points.length);
    if (excess !== null) yield excess;
  }
}

/** A sampler sees what varies: two points that differ in a constant would be one to it. */
function* checkConstants(spec: SweepSpec, path: string, points: readonly Partial<Point>[]): Generator<SpecFault> {
  const space = dimensionsOf(spec);
  for (const name of PARAMETERS) {
    const dimension = dimensionOf(space, name);
    if (dimension.kind !== 'constant') continue;
    for (const [i, point] of points.entries()) {
      if (!(name in point) || JSON.stringify(point[name]) === JSON.stringify(dimension.value)) continue;
      const message = `${JSON.stringify(point[name])} is outside the space, which has one value of ${name}`;
      yield specFault(`${path}[${i}].${name}`, message, `leave it out, or make ${parameterPath(name)} a choice or a range`);
    }
  }
}
