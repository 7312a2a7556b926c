/** Points that a spec states: completed by the constants of the space, and checked. */
import { canonicalJson } from '../../models/canonical-json.ts';
import { type SpecFault, specFault } from '../fault.ts';
import {
  buildPoint,
  type Dimension,
  type Dimensions,
  dimensionOf,
  PARAMETERS,
  type ParameterName,
  type Point,
  parameterPath,
} from '../parameters.ts';

/** Returns the complete point. Throws RangeError where the space leaves a parameter open. */
export const completePoint = (space: Dimensions, point: Partial<Point>): Point =>
  buildPoint((name) => {
    if (name in point) return point[name];
    const dimension = dimensionOf(space, name);
    if (dimension.kind === 'constant') return dimension.value;
    throw new RangeError(`a stated point leaves ${name} open`);
  });

/** Returns the parameters of a point that vary in the space. */
export const varyingPart = (space: Dimensions, point: Point): Partial<Point> =>
  Object.fromEntries(
    PARAMETERS.filter((name) => dimensionOf(space, name).kind !== 'constant').map((name) => [name, point[name]]),
  );

/** Yields points that are incomplete, outside the space, or repeated; `path`: of their list. */
export function* checkPoints(space: Dimensions, path: string, points: readonly Partial<Point>[]): Generator<SpecFault> {
  const seen = new Map<string, string>();
  for (const [i, point] of points.entries()) {
    const here = `${path}[${i}]`;
    const own = PARAMETERS.flatMap((name) => checkValue(dimensionOf(space, name), here, name, point[name]) ?? []);
    yield* own;
    if (own.length > 0) continue;
    const key = canonicalJson(completePoint(space, point));
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, here);
    else yield specFault(here, `this is the same point as ${earlier}`, 'list each point once');
  }
}

/** Returns why a value is not one of a dimension that varies; null where it is. */
export function checkValue(dimension: Dimension<unknown>, point: string, name: ParameterName, value: unknown): SpecFault | null {
  if (dimension.kind === 'constant') return null;
  const path = `${point}.${name}`;
  if (value === undefined) {
    const form = dimension.kind === 'choice' ? 'choice' : 'range';
    const fix = `give this point a value of ${name}, or make ${parameterPath(name)} a constant`;
    return specFault(path, `the point leaves ${name} open, and the space has a ${form} of it`, fix);
  }
  if (dimension.kind === 'choice') {
    const known = dimension.values.map((one) => JSON.stringify(one));
    if (known.includes(JSON.stringify(value))) return null;
    return specFault(path, `${JSON.stringify(value)} is not in the space's choice`, `use one of ${known.join(', ')}`);
  }
  if (Number(value) >= dimension.low && Number(value) <= dimension.high) return null;
  return specFault(path, `${value} is outside the space's range`, `use ${dimension.low} to ${dimension.high}`);
}
