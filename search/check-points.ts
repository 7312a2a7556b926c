/** Whether listed points are points of the space. */
import { canonicalJson } from '../models/canonical-json.ts';
import { type SpecFault, specFault } from './fault.ts';
import { completePoint } from './samplers/list.ts';
import { type Dimension, dimensionOf, PARAMETERS, type Point, type SweepSpec } from './spec.ts';

/**
 * Every point gives what the space leaves open, within the space's choice or range where it has
 * one; no two points are the same.
 */
export function* checkPoints(spec: SweepSpec, points: readonly Partial<Point>[]): Generator<SpecFault> {
  const met = new Map<string, number>();
  for (const [at, point] of points.entries()) {
    const own = PARAMETERS.flatMap((name) => faultOf(dimensionOf(spec, name), `sampler.list[${at}]`, name, point[name]) ?? []);
    yield* own;
    if (own.length > 0) continue;
    const key = canonicalJson(completePoint(spec, point));
    const before = met.get(key);
    if (before !== undefined)
      yield specFault(`sampler.list[${at}]`, `this is the same point as sampler.list[${before}]`, 'list each point once');
    else met.set(key, at);
  }
}

function faultOf(dimension: Dimension<unknown>, point: string, name: string, value: unknown): SpecFault | null {
  if (dimension.kind === 'constant') return null;
  const path = `${point}.${name}`;
  if (value === undefined) {
    const form = dimension.kind === 'choice' ? 'choice' : 'range';
    const fix = `give this point a value of ${name}, or make space.${name} a constant`;
    return specFault(path, `the point leaves ${name} open, and the space has a ${form} of it`, fix);
  }
  if (dimension.kind === 'choice') {
    const known = dimension.values.map((one) => JSON.stringify(one));
    if (known.includes(JSON.stringify(value))) return null;
    return specFault(path, `${JSON.stringify(value)} is not among the space's choice`, `use one of ${known.join(', ')}`);
  }
  if ((value as number) >= dimension.low && (value as number) <= dimension.high) return null;
  return specFault(path, `${value} lies outside the space's range`, `use ${dimension.low} to ${dimension.high}`);
}
