import { type Dimension, dimensionOf, PARAMETERS, type ParameterName, type Point, type SweepSpec } from '../spec.ts';
import type { Sampler } from './sampler.ts';

/**
 * The points that the spec lists, in its order; what a point leaves out is the space's constant.
 */
export function listSampler(spec: SweepSpec, cells: number, points: readonly Partial<Point>[]): Sampler {
  return {
    configurations: points.length * cells,
    pointAt: (point) => completePoint(spec, points[point] as Partial<Point>),
  };
}

/**
 * The point with every parameter. Throws RangeError where the space leaves one open, which
 * `parseSweepSpec` refuses.
 */
export function completePoint(spec: SweepSpec, point: Partial<Point>): Point {
  const entries = PARAMETERS.map((name) => [name, name in point ? point[name] : constant(dimensionOf(spec, name), name)]);
  return Object.fromEntries(entries) as Point;
}

function constant(dimension: Dimension<unknown>, name: ParameterName): unknown {
  if (dimension.kind === 'constant') return dimension.value;
  throw new RangeError(`a listed point leaves ${name} open`);
}
