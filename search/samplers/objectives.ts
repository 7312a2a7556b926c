/**
 * Objectives that a sampler weighs: covered variance, which trials have, against costs, which
 * follow from a point and the data. Proposals can then be recomputed from stored scores alone.
 */
import { type ObjectiveName, objectiveOf } from '../../models/evaluation/objectives.ts';
import type { Cell } from '../../models/methods/catalogue.ts';
import { countParameters, type DataColumns } from '../../models/methods/cost.ts';
import { type SpecFault, specFault } from '../fault.ts';
import { dimensionOf, type Point } from '../parameters.ts';
import type { MeasureCosts } from '../proposers/proposer.ts';
import type { SamplingContext } from './sampler.ts';

/** Objectives as a person states them. */
export interface StatedObjectives {
  readonly names: readonly ObjectiveName[];
}

/** Objectives as they are stored: their values can be computed. */
export interface Objectives extends StatedObjectives {
  readonly columns: DataColumns;
}

/** Objectives of a sampler that names none. */
export const DEFAULT_OBJECTIVES: readonly ObjectiveName[] = ['coveredVariance', 'parameters'];

/** Costs of a point, by their logarithm, as fronts have them. */
const COSTS = {
  parameters: (point: Point, cell: Cell, columns: DataColumns) =>
    Math.log(countParameters({ ...point, ...cell }, cell.k, columns)),
} satisfies Partial<Record<ObjectiveName, unknown>>;
type CostName = keyof typeof COSTS;

const isCost = (name: ObjectiveName): name is CostName => name in COSTS;

/** Returns the costs of a cell's points, in the order of the objectives. */
export function createCosts({ names, columns }: Objectives, cell: Cell): MeasureCosts {
  const costs = names.filter(isCost).map((name) => COSTS[name]);
  return (point) => costs.map((costOf) => costOf(point, cell, columns));
}

/** Reasons for which other objectives of fronts cannot be weighed by samplers. */
const UNFIT: Readonly<Record<Exclude<ObjectiveName, 'coveredVariance' | CostName>, string>> = {
  k: 'each method and width is searched by itself: all of its points have the same width',
  seconds: 'times are measured, and differ from training to training: no proposal could be recomputed',
  structureCoveredVariance: 'proposals follow from the scores of the target: those of the structure are not stored with them',
};

/** Yields objectives that a sampler cannot weigh against each other. */
export function* checkObjectives(sampler: string, { names }: StatedObjectives, { space }: SamplingContext): Generator<SpecFault> {
  const path = `sampler.${sampler}.objectives`;
  const unfit = names.flatMap((name, i) => {
    if (name === 'coveredVariance' || isCost(name)) return [];
    const message = `${objectiveOf(name).label} is not an objective of samplers: ${UNFIT[name]}`;
    return [specFault(`${path}[${i}]`, message, `use ${DEFAULT_OBJECTIVES.join(', ')}`)];
  });
  yield* unfit;
  if (unfit.length > 0) return;
  if (names.length < DEFAULT_OBJECTIVES.length) {
    const message = `${names.join()} alone has nothing to be weighed against`;
    yield specFault(
      path,
      message,
      `name ${DEFAULT_OBJECTIVES.join(' and ')}, or search for the best score: tpe without objectives`,
    );
    return;
  }
  if ((['hidden', 'layerNorm'] as const).some((name) => dimensionOf(space, name).kind !== 'constant')) return;
  const message = 'all points have the same number of parameters: neither space.hidden nor space.layerNorm varies';
  yield specFault(path, message, 'make space.hidden a choice, or search for the best score: tpe without objectives');
}
