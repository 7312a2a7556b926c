/** Hidden layers by depth, width and taper. */
import { interpolate } from '../parameters.ts';

/** Values of which every combination is an architecture. */
export interface LayerForm {
  /** Numbers of hidden layers. */
  readonly depths: readonly number[];
  /** Widths of the first layer. */
  readonly widths: readonly number[];
  /** Ratios of the width of a layer to that of the one before. */
  readonly tapers: readonly number[];
}

/**
 * Returns the widths of the layers of every combination, each architecture once: depths turn
 * slowest, tapers fastest. Layer i of width w and taper t has w t^i units, rounded, at least one.
 */
export function combineLayers({ depths, widths, tapers }: LayerForm): number[][] {
  const all = depths.flatMap((depth) =>
    widths.flatMap((width) =>
      tapers.map((taper) => Array.from({ length: depth }, (_, i) => Math.max(1, Math.round(width * taper ** i)))),
    ),
  );
  // One layer is the same for every taper.
  return [...new Map(all.map((layers) => [layers.join('-'), layers])).values()];
}

/**
 * Returns whole numbers from low to high, both included, in so many even steps (of the logarithm
 * for `log`), fewer where some round to the same. Without a number of steps, one more than there
 * are doublings from low to high: 16 to 128 gives 16, 32, 64, 128 on the logarithmic scale.
 */
export function spreadWidths(kind: 'log' | 'uniform', ends: readonly [number, number], steps?: number): number[] {
  const [low, high] = ends;
  const count = steps ?? Math.max(2, Math.round(Math.log2(high / low)) + 1);
  const values = Array.from({ length: count }, (_, i) => Math.round(interpolate(kind, ends, i / (count - 1))));
  return [...new Set(values)];
}
