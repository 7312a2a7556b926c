import { draw, shuffledIndex } from '../draw.ts';
import { type Dimension, dimensionOf, PARAMETERS, type Point, type SweepSpec } from '../spec.ts';
import type { Sampler } from './sampler.ts';

/**
 * Points drawn at the address (sampler seed, point, parameter). A space without ranges is finite
 * and sampled without replacement: point n is the n-th of a keyed shuffle of its combinations.
 */
export function randomSampler(spec: SweepSpec, trials: number, seed: number): Sampler {
  const size = finiteSize(spec);
  return {
    configurations: trials / spec.seeds.length,
    pointAt:
      size === null
        ? (point) => drawn(spec, seed, point)
        : (point) => combination(spec, shuffledIndex(seed, point, 'point', size)),
  };
}

/** Number of different points, null when a range makes it infinite. */
export function finiteSize(spec: SweepSpec): number | null {
  const sizes = PARAMETERS.map((name) => dimensionSize(dimensionOf(spec, name)));
  return sizes.every((size) => size !== null) ? sizes.reduce((product, size) => product * size, 1) : null;
}

function dimensionSize(dimension: Dimension<unknown>): number | null {
  if (dimension.kind === 'constant') return 1;
  return dimension.kind === 'choice' ? dimension.values.length : null;
}

function drawn(spec: SweepSpec, seed: number, point: number): Point {
  return Object.fromEntries(
    PARAMETERS.map((name) => [name, place<unknown>(dimensionOf(spec, name), draw(seed, point, name))]),
  ) as unknown as Point;
}

/** Combination number n of a finite space, in mixed radix. */
function combination(spec: SweepSpec, n: number): Point {
  let rest = n;
  const entries = PARAMETERS.map((name) => {
    const dimension: Dimension<unknown> = dimensionOf(spec, name);
    const size = dimensionSize(dimension) as number;
    const value = place(dimension, (rest % size) / size);
    rest = Math.floor(rest / size);
    return [name, value];
  });
  return Object.fromEntries(entries) as Point;
}

/** The value at u in [0, 1) of the dimension. */
function place<T>(dimension: Dimension<T>, u: number): T {
  switch (dimension.kind) {
    case 'constant':
      return dimension.value;
    case 'choice':
      // A little more than u, so that i / n lands on choice i whatever the rounding.
      return dimension.values[Math.min(dimension.values.length - 1, Math.floor(u * dimension.values.length + 1e-9))] as T;
    case 'log':
      return (dimension.low * (dimension.high / dimension.low) ** u) as T;
    case 'uniform':
      return (dimension.low + (dimension.high - dimension.low) * u) as T;
  }
}
