/** Points that a spec states: completed by the constants of the space, and checked. */
import { canonicalJson } from '../../models/canonical-json.ts';
import { withoutDefaults } from '../../models/training/configuration.ts';
import { type SpecFault, specFault } from '../fault.ts';
import {
  buildPoint,
  type Condition,
  conditionOf,
  type Dimension,
  type Dimensions,
  dimensionOf,
  isPresent,
  PARAMETERS,
  type ParameterName,
  type Point,
  parameterPath,
} from '../parameters.ts';

/** Returns the complete point. Throws RangeError where the space leaves a parameter open. */
export const completePoint = (space: Dimensions, point: Partial<Point>): Point =>
  buildPoint((name) => {
    if (point[name] !== undefined) return point[name];
    const dimension = dimensionOf(space, name);
    if (dimension.kind === 'constant') return dimension.value;
    throw new RangeError(`a stated point leaves ${name} open`);
  });

/** Returns the parameters of a point that vary in the space. */
export const varyingPart = (space: Dimensions, point: Point): Partial<Point> =>
  Object.fromEntries(
    PARAMETERS.filter((name) => dimensionOf(space, name).kind !== 'constant' && point[name] !== undefined).map((name) => [
      name,
      point[name],
    ]),
  );

/** Yields points that are incomplete, outside the space, or repeated; `path`: of their list. */
export function* checkPoints(space: Dimensions, path: string, points: readonly Partial<Point>[]): Generator<SpecFault> {
  const seen = new Map<string, string>();
  for (const [i, point] of points.entries()) {
    const here = `${path}[${i}]`;
    const own = [...checkPoint(space, here, point)];
    yield* own;
    if (own.length > 0) continue;
    const key = canonicalJson(withoutDefaults(completePoint(space, point)));
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, here);
    else yield specFault(here, `this is the same point as ${earlier}`, 'list each point once');
  }
}

/** Yields where a point is incomplete or outside the space; `path`: its own. */
export function* checkPoint(space: Dimensions, path: string, point: Partial<Point>): Generator<SpecFault> {
  const known: { [Name in ParameterName]?: unknown } = {};
  for (const name of PARAMETERS) {
    const value = point[name];
    const dimension = dimensionOf(space, name);
    if (isPresent(name, known as Partial<Point>)) {
      const fault = checkValue(dimension, path, name, value);
      if (fault !== null) yield fault;
      known[name] = value ?? (dimension.kind === 'constant' ? dimension.value : undefined);
    } else if (value !== undefined) {
      const { parent, values } = conditionOf(name) as Condition;
      const message = `${name} exists only where ${parent} is ${values.join(' or ')}, and here it is ${known[parent]}`;
      yield specFault(`${path}.${name}`, message, 'leave it out');
    }
  }
}

/** Returns why a value is not one of a dimension that varies; null where it is. */
function checkValue(dimension: Dimension<unknown>, point: string, name: ParameterName, value: unknown): SpecFault | null {
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
