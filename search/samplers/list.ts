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
import type { PlannedSampler } from './sampler.ts';

export interface ListSettings {
  /** Each is trained by every cell; what a point leaves out is a constant of the space. */
  readonly points: readonly Partial<Point>[];
}

/** The points that the spec lists, in its order. */
export const list: PlannedSampler<ListSettings> = {
  countConfigurations: ({ points }, { cells }) => points.length * cells,
  createPoints:
    ({ points }, { space }) =>
    (number) =>
      completePoint(space, points[number] ?? {}),
  toDocument: ({ points }) => points,
  check: ({ points }, { space }) => checkPoints(space, points),
  listPoints: ({ points }, { space }) =>
    points.map((point, i) => ({
      path: pathOf(i),
      point: completePoint(space, point),
      named: PARAMETERS.filter((name) => name in point),
    })),
};

const pathOf = (index: number): string => `sampler.list[${index}]`;

/** Returns the complete point. Throws RangeError where the space leaves a parameter open. */
const completePoint = (space: Dimensions, point: Partial<Point>): Point =>
  buildPoint((name) => {
    if (name in point) return point[name];
    const dimension = dimensionOf(space, name);
    if (dimension.kind === 'constant') return dimension.value;
    throw new RangeError(`a listed point leaves ${name} open`);
  });

/** Yields points that are incomplete, outside the space, or repeated. */
function* checkPoints(space: Dimensions, points: readonly Partial<Point>[]): Generator<SpecFault> {
  const seen = new Map<string, number>();
  for (const [i, point] of points.entries()) {
    const own = PARAMETERS.flatMap((name) => checkValue(dimensionOf(space, name), pathOf(i), name, point[name]) ?? []);
    yield* own;
    if (own.length > 0) continue;
    const key = canonicalJson(completePoint(space, point));
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, i);
    else yield specFault(pathOf(i), `this is the same point as ${pathOf(earlier)}`, 'list each point once');
  }
}

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
