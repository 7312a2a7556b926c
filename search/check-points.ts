/** Whether listed points are points of the space. */
import { fault } from './fault.ts';
import { canonicalJson } from './hash.ts';
import { completed } from './samplers/list.ts';
import { type Dimension, dimensionOf, PARAMETERS, type Point, type SweepSpec } from './spec.ts';

/**
 * Every point gives what the space leaves open, within the space's choice or range where it has one; no two points are the same.
 * Throws NarrowsError `spec-invalid`.
 */
export function checkPoints(spec: SweepSpec, points: readonly Partial<Point>[]): void {
  const met = new Map<string, number>();
  points.forEach((point, at) => {
    for (const name of PARAMETERS) checkParameter(dimensionOf(spec, name), `sampler.list[${at}]`, name, point[name]);
    const key = canonicalJson(completed(spec, point));
    const before = met.get(key);
    if (before !== undefined) {
      throw fault(`sampler.list[${at}]`, `this is the same point as sampler.list[${before}]`, 'list each point once');
    }
    met.set(key, at);
  });
}

function checkParameter(dimension: Dimension<unknown>, point: string, name: string, value: unknown): void {
  if (dimension.kind === 'constant') return;
  const path = `${point}.${name}`;
  if (value === undefined) {
    const form = dimension.kind === 'choice' ? 'choice' : 'range';
    const fix = `give this point a value of ${name}, or make space.${name} a constant`;
    throw fault(path, `the point leaves ${name} open, and the space has a ${form} of it`, fix);
  }
  if (dimension.kind === 'choice') {
    const known = dimension.values.map((one) => JSON.stringify(one));
    if (!known.includes(JSON.stringify(value))) {
      throw fault(path, `${JSON.stringify(value)} is not among the space's choice`, `use one of ${known.join(', ')}`);
    }
  } else if ((value as number) < dimension.low || (value as number) > dimension.high) {
    throw fault(path, `${value} lies outside the space's range`, `use ${dimension.low} to ${dimension.high}`);
  }
}
