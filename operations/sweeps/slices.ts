/** Validation scores of a sweep's configurations against one of its parameters. */
import { type Cell, compareCells } from '../../models/methods/catalogue.ts';
import { parameterValue } from '../../search/columns/planned.ts';
import { columnOf, isNumeric } from '../../search/columns/trial-columns.ts';
import { type ParameterName, pointOf, valuesOf } from '../../search/parameters.ts';
import { sweptDimension, trialId } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import type { ComparedConfiguration } from './configurations.ts';

/** A configuration by the value of the parameter. */
export interface SlicePoint {
  /** Text where the parameter's values have no scale. */
  readonly value: number | string;
  readonly score: number;
  /** Its first trial. */
  readonly trialId: string;
}

export interface CellSlice extends Cell {
  readonly points: readonly SlicePoint[];
}

export interface Slices {
  readonly scale: 'linear' | 'log' | 'category';
  /** Values in the order of the spec, for categories; null: they are numbers. */
  readonly categories: readonly string[] | null;
  /** In the order of methods, then of widths. */
  readonly cells: readonly CellSlice[];
}

/**
 * Returns the slice of each method and width through one parameter, of the configurations that have
 * it.
 */
export function describeSlices(
  { id, spec }: { readonly id: string; readonly spec: SweepSpec },
  compared: readonly ComparedConfiguration[],
  parameter: ParameterName,
): Slices {
  const dimension = sweptDimension(spec, parameter);
  const isNumber = isNumeric(columnOf(parameter));
  const groups = Map.groupBy(compared, ({ method, k }) => `${method}/${k}`);
  const cells = [...groups.values()].map((own): CellSlice => {
    const { method, k } = own[0] as ComparedConfiguration;
    const points = own.flatMap(({ config, coveredVariance, index }): SlicePoint[] => {
      const value = pointOf(config)[parameter];
      return value === undefined ? [] : [{ value: parameterValue(value), score: coveredVariance, trialId: trialId(id, index) }];
    });
    return { method, k, points };
  });
  const isRange = dimension.kind === 'log' || dimension.kind === 'uniform';
  return {
    scale: !isNumber ? 'category' : dimension.kind === 'log' ? 'log' : 'linear',
    categories: isNumber || isRange ? null : valuesOf(dimension).map((value) => String(parameterValue(value))),
    cells: cells.sort(compareCells),
  };
}
