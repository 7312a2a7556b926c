/** The grid of bench/tuning.ts, and sweeps that search it. */
import { type Cell, METHOD_DEFINITIONS, METHODS } from '../../models/methods/catalogue.ts';
import type { DataSize } from '../../models/methods/cost.ts';
import { completeSpec } from '../../search/recipe.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { plannedPoints, type Trial, trialCount, trialsAt } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';

/** Sets of bench/recipe/sets.ts. */
export const TUNING_SETS = ['water-xes', 'geo2', 'omnixas-v'] as const;
export const WIDTHS = [1, 2, 3] as const;
/** The sweeps that are replayed: each searches one cell. */
export const TUNING_CELLS: readonly Cell[] = METHODS.flatMap((method) => WIDTHS.map((k) => ({ method, k })));

const SPACE = {
  learningRate: [0.002, 0.005, 0.01, 0.02, 0.05],
  weightDecay: [0, 0.1],
  activation: ['gelu', 'tanh'],
  hidden: [[32], [64], [32, 32], [64, 64], [64, 32], [32, 32, 32]],
} as const;
const BATCH = [64, 128] as const;

/** Returns the spec of a sweep that searches the first so many values of each parameter. */
export function specOfCell({ method, k }: Cell, parts: object, size: DataSize, values = Number.POSITIVE_INFINITY): SweepSpec {
  const choice = (all: readonly unknown[]) => ({ choice: all.slice(0, values) });
  const space = Object.fromEntries(Object.entries(SPACE).map(([name, all]) => [name, choice(all)]));
  const [stated] = parseSweepSpec({
    ...{ name: 'tuning', dataset: 'any', target: 'any', methods: [method], seeds: 1 },
    ...{ space: { k: [k], ...space }, training: { batch: choice(BATCH) }, sampler: { grid: {} } },
    ...parts,
  });
  if (!stated) throw new Error('a spec of one target was expected');
  return completeSpec(stated, size);
}

/** Returns every configuration of the grid of a cell. */
export function gridOf(cell: Cell, size: DataSize, values?: number): Trial[] {
  const spec = specOfCell(cell, {}, size, values);
  const pointAt = plannedPoints(spec);
  if (pointAt === null) throw new Error('a grid was expected');
  return trialsAt(spec, [...Array(trialCount(spec)).keys()], pointAt);
}

/** Returns the cell whose training gives the scores of this one: a fit of ECA has all ranks. */
export const trainedCell = ({ method, k }: Cell): Cell => ({
  method,
  k: METHOD_DEFINITIONS[method].coversAllRanks ? Math.max(...WIDTHS) : k,
});
