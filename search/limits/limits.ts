/**
 * Limits of cells: a sweep may leave out the last points of some. Its plan and the numbers of its
 * trials stay as they were; trials that are left out have no row and no outcome.
 */
import { type Cell, cellName, type Method } from '../../models/methods/catalogue.ts';
import { boughtPoints } from '../budget/budget.ts';
import { cellsOf, configurationsPerCell, numberTrials, trialsPerConfiguration } from '../space.ts';
import type { SweepSpec } from '../spec.ts';

/** Points that cells train, by their names ('ednn/2', 'eca'); cells without a limit train all. */
export type CellLimits = Readonly<Record<string, number>>;

/**
 * Returns the points that each cell trains, in the order of cellsOf: those that the budget of the
 * spec buys, within the limits.
 */
export function trainedPointsPerCell(spec: SweepSpec, limits: CellLimits | null): number[] {
  const [cells, bought] = [cellsOf(spec), boughtPoints(spec)];
  return configurationsPerCell(spec).map((points, i) => {
    const limit = limits?.[cellName(cells[i] as Cell)];
    return Math.min(points, bought?.[i] ?? points, limit ?? points);
  });
}

/** Returns the points that each cell trains, by its name. */
export function trainedPointsByName(spec: SweepSpec, limits: CellLimits | null): ReadonlyMap<string, number> {
  const trained = trainedPointsPerCell(spec, limits);
  return new Map(cellsOf(spec).map((cell, i) => [cellName(cell), trained[i] ?? 0]));
}

/** Returns the names of cells that have trials to train without a row; `counts`: those with one. */
export function unfinishedCells(
  spec: SweepSpec,
  limits: CellLimits | null,
  counts: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const trials = [...trainedPointsByName(spec, limits)].map(
    ([cell, points]) => [cell, points * trialsPerConfiguration(spec)] as const,
  );
  return new Set(trials.filter(([cell, expected]) => (counts.get(cell) ?? 0) < expected).map(([cell]) => cell));
}

/** Returns the trials that are left out of each method; methods without any are missing. */
export function leftOutByMethod(spec: SweepSpec, limits: CellLimits | null): ReadonlyMap<Method, number> {
  const byMethod = new Map<Method, number>();
  const [points, trained] = [configurationsPerCell(spec), trainedPointsPerCell(spec, limits)];
  const perPoint = trialsPerConfiguration(spec);
  for (const [i, { method }] of cellsOf(spec).entries()) {
    const leftOut = ((points[i] ?? 0) - (trained[i] ?? 0)) * perPoint;
    if (leftOut > 0) byMethod.set(method, (byMethod.get(method) ?? 0) + leftOut);
  }
  return byMethod;
}

/** Returns the number of trials that are left out. */
export const countLeftOut = (spec: SweepSpec, limits: CellLimits | null): number =>
  [...leftOutByMethod(spec, limits).values()].reduce((sum, trials) => sum + trials, 0);

/** Returns the function that says whether a trial, given by its number, is left out. */
export function leftOutTrials(spec: SweepSpec, limits: CellLimits | null): (index: number) => boolean {
  const [planned, trained] = [configurationsPerCell(spec), trainedPointsPerCell(spec, limits)];
  if (planned.every((points, i) => points === trained[i])) return () => false;
  const { positionOf } = numberTrials(spec);
  return (index) => {
    const { cell, point } = positionOf(index);
    return point >= (trained[cell] ?? 0);
  };
}

/**
 * Returns the limits with further ones; those of cells that have one are kept. Throws RangeError
 * where the sweep has no such cell, or a limit is not a whole number of points.
 */
export function addLimits(spec: SweepSpec, limits: CellLimits | null, further: CellLimits): CellLimits {
  const names = cellsOf(spec).map(cellName);
  for (const [cell, points] of Object.entries(further)) {
    if (!names.includes(cell)) throw new RangeError(`the sweep has no cell ${cell}`);
    if (!Number.isInteger(points) || points < 0) throw new RangeError(`${points} is not a number of points of ${cell}`);
  }
  return { ...further, ...limits };
}
