/** Points in latent space: their form in an address, ranges of sliders, nearest structures. */
import { quantile } from '../../../models/vectors.ts';
import type { Latents } from '../trial/latent-columns.ts';

/** Distribution of one latent over the known structures. */
export interface LatentRange {
  readonly low: number;
  readonly high: number;
  /** Step of the slider: 400 from end to end. */
  readonly step: number;
  readonly sorted: Float64Array;
  readonly median: number;
}

const STEPS = 400;

/** Returns ranges of sliders that cover the training structures and the known ones. */
export function latentRanges(latents: Latents, trained: readonly (readonly [number, number])[]): LatentRange[] {
  return latents.t.map((values, j): LatentRange => {
    const sorted = Float64Array.from(values).sort();
    const ends = [...(trained[j] ?? []), ...(sorted.length > 0 ? [sorted[0] as number, sorted.at(-1) as number] : [])];
    const [low, high] = ends.length === 0 ? [-1, 1] : [Math.min(...ends), Math.max(...ends)];
    return {
      low,
      high,
      step: (high - low) / STEPS || 1,
      sorted,
      median: sorted.length > 0 ? quantile(sorted, 0.5) : (low + high) / 2,
    };
  });
}

/** Returns the share of the sorted values below a value, 0 to 1. */
export function shareBelow(sorted: Float64Array, value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return sorted.length === 0 ? 0 : from / sorted.length;
}

/** Parses `t=0.1,-2`; null without a point, or with another number of latents. */
export function parsePoint(text: string | undefined, ranges: readonly LatentRange[]): number[] | null {
  if (text === undefined || text === '') return null;
  const values = text.split(',').map(Number);
  if (values.length !== ranges.length || !values.every(Number.isFinite)) return null;
  return values.map((value, j) => {
    const { low, high } = ranges[j] as LatentRange;
    return Math.min(high, Math.max(low, value));
  });
}

export const formatPoint = (t: readonly number[]): string => t.map((value) => Number(value.toPrecision(6))).join(',');

export const latentsOf = ({ t }: Latents, at: number): number[] => t.map((values) => values[at] as number);

/** Returns the index of the structure nearest in latent space, each latent scaled by its range. */
export function findNearest(latents: Latents, ranges: readonly LatentRange[], place: readonly number[]): number {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let i = 0; i < latents.rows.length; i++) {
    let distance = 0;
    ranges.forEach(({ low, high }, j) => {
      distance += (((latents.t[j]?.[i] as number) - (place[j] as number)) / (high - low || 1)) ** 2;
    });
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** A descriptor with the range of its known values. */
export interface DescriptorValue {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Below or above every structure at hand. */
  readonly outside: boolean;
}

/** Returns values (physical units, order of the latents' descriptors) with their known ranges. */
export function describeStructure(latents: Latents, values: ArrayLike<number>): DescriptorValue[] {
  return latents.descriptors.map(({ name, unit, values: known }, d) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const one of known) {
      low = Math.min(low, one);
      high = Math.max(high, one);
    }
    const value = values[d] as number;
    // float32 on one side, float64 on the other: a value at the very end is within.
    const slack = 1e-6 * (high - low);
    return { name, unit, value, low, high, outside: value < low - slack || value > high + slack };
  });
}
