import { type SpecFault, specFault } from '../fault.ts';
import { type Dimension, type Dimensions, dimensionOf, interpolate, PARAMETERS, parameterPath, valuesOf } from '../parameters.ts';
import { type Combinations, createCombinations, listLevels } from './combinations.ts';
import type { PlannedSampler, SamplingContext } from './sampler.ts';

export interface GridSettings {
  /** Values of each range. */
  readonly steps: number;
}

/** Every combination of choices and of `steps` even steps per range, ends included. */
export const grid: PlannedSampler<GridSettings> = {
  countConfigurations: ({ steps }, { space, cells }) => cells * combinationsOf(space, steps).count,
  createPoints: ({ steps }, { space }) => combinationsOf(space, steps).at,
  toDocument: ({ steps }) => ({ steps }),
  check: checkSteps,
};

/** Steps in a narrow range may round to the same number; each point is trained once. */
function* checkSteps({ steps }: GridSettings, { space }: SamplingContext): Generator<SpecFault> {
  for (const name of PARAMETERS) {
    const values = expand<unknown>(dimensionOf(space, name), steps);
    const distinct = new Set(values).size;
    if (distinct < values.length) {
      yield specFault(
        parameterPath(name),
        `${steps} steps of the range are ${distinct} numbers`,
        'widen the range or use fewer steps',
      );
    }
  }
}

const combinationsOf = (space: Dimensions, steps: number): Combinations =>
  createCombinations((name) => listLevels(expand(dimensionOf(space, name), steps)));

/** Returns the values of a dimension; a range of one step is its middle (geometric for `log`). */
function expand<T>(dimension: Dimension<T>, steps: number): readonly T[] {
  if (dimension.kind === 'constant' || dimension.kind === 'choice') return valuesOf(dimension);
  const { kind, low, high, whole } = dimension;
  return Array.from({ length: steps }, (_, i) => {
    const t = steps === 1 ? 0.5 : i / (steps - 1);
    // The ends are the spec's own numbers, free of rounding.
    if (t === 0) return low as T;
    if (t === 1) return high as T;
    const value = interpolate(kind, [low, high], t);
    return (whole ? Math.round(value) : value) as T;
  });
}
