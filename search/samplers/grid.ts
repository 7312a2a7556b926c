import { type Dimension, dimensionOf, PARAMETERS, type Point, type SweepSpec } from '../spec.ts';
import type { Sampler } from './sampler.ts';

/**
 * Every combination: choices as they stand, ranges in `steps` even steps (even in the logarithm for
 * `log`), both ends included.
 */
export function gridSampler(spec: SweepSpec, cells: number, steps: number): Sampler {
  const lists = PARAMETERS.map((name) => values<unknown>(dimensionOf(spec, name), steps));
  return {
    configurations: lists.reduce((product, list) => product * list.length, cells),
    pointAt: (point) => mixedRadix(point, lists),
  };
}

/** The point with this number: one value of each list, the first list turning fastest. */
function mixedRadix(point: number, lists: readonly (readonly unknown[])[]): Point {
  let rest = point;
  const entries = PARAMETERS.map((name, i) => {
    const list = lists[i] as readonly unknown[];
    const value = list[rest % list.length];
    rest = Math.floor(rest / list.length);
    return [name, value];
  });
  return Object.fromEntries(entries) as Point;
}

/** A range of one step is its middle (geometric for `log`). */
function values<T>(dimension: Dimension<T>, steps: number): readonly T[] {
  if (dimension.kind === 'constant') return [dimension.value];
  if (dimension.kind === 'choice') return dimension.values;
  const { kind, low, high } = dimension;
  return Array.from({ length: steps }, (_, i) => {
    const t = steps === 1 ? 0.5 : i / (steps - 1);
    // The ends are the spec's own numbers, free of rounding.
    if (t === 0) return low as T;
    if (t === 1) return high as T;
    return (kind === 'log' ? low * (high / low) ** t : low + (high - low) * t) as T;
  });
}
