/** Where covered variances lie on the axis, and from which width on more units stop paying. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Coverage } from '../../contract/sweeps.ts';
import type { Tick } from '../trials/axis.ts';

export interface ShareScale {
  /** 0 at the foot, 1 at the head. */
  readonly place: (share: number) => number;
  readonly ticks: readonly Tick[];
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** All figures of a coverage that an axis must have room for. */
export function figuresOf({ rows, emulator, baselines }: Coverage): number[] {
  return [
    ...rows.flatMap(({ coveredVariance }) => [coveredVariance.low, coveredVariance.mean, coveredVariance.high]),
    ...(emulator ? [emulator.low, emulator.high] : []),
    ...baselines.map(({ coveredVariance }) => coveredVariance),
  ].filter(Number.isFinite);
}

/** Below this a figure stands at the foot: it is worse than the mean of all spectra by an amount that tells nothing. */
const LEAST = -0.05;
/** An axis of what is missing ends here. */
const LEAST_MISSING = 1e-6;

/** Even in covered variance, up to 1. */
export function linearShares(figures: readonly number[]): ShareScale {
  const lowest = Math.max(LEAST, Math.min(...figures, 0.9));
  const scale = scaleLinear([lowest - 0.04 * (1 - lowest), 1], [0, 1]);
  const format = scale.tickFormat(6);
  return { place: (share) => clamp(scale(share)), ticks: scale.ticks(6).map((at) => ({ at: scale(at), text: format(at) })) };
}

/** Even in the logarithm of what is missing from 1: 0.9, 0.99 and 0.999 are equally far apart. */
export function residualShares(figures: readonly number[]): ShareScale {
  const missing = figures.map((share) => Math.min(1, Math.max(LEAST_MISSING, 1 - share)));
  const most = Math.min(1, Math.max(...missing, 0.1) * 1.15);
  const least = Math.min(...missing, 0.05) / 1.3;
  const scale = scaleLog([most, least], [0, 1]);
  const ticks = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999]
    .filter((share) => 1 - share <= most && 1 - share >= least)
    .map((share) => ({ at: scale(1 - share), text: String(share) }));
  return { place: (share) => clamp(scale(Math.max(LEAST_MISSING, 1 - share))), ticks };
}

/** Widths along the axis, 0..1: where they are where that is readable, else evenly. */
export function widthPlaces(widths: readonly number[]): { readonly place: (k: number) => number; readonly isEven: boolean } {
  const first = widths[0] ?? 1;
  const last = widths.at(-1) ?? 1;
  if (widths.length < 2) return { place: () => 0.5, isEven: false };
  const isEven = last - first > 3 * (widths.length - 1);
  const rank = new Map(widths.map((k, i) => [k, i / (widths.length - 1)]));
  return { place: isEven ? (k) => rank.get(k) ?? 0 : (k) => (k - first) / (last - first), isEven };
}

/** A width is enough where some method comes this close to the reference: text/comparison.ts says the same in a sentence. */
const ENOUGH = 0.01;

/** The smallest width that comes within one percent of the emulator (of 1 where there is none), and the methods that do; null where none does. */
export function enoughAt({
  rows,
  emulator,
}: Coverage): { readonly k: number; readonly methods: readonly Coverage['rows'][number]['method'][] } | null {
  const reference = (emulator?.mean ?? 1) - ENOUGH;
  const enough = rows.filter(({ coveredVariance }) => coveredVariance.mean >= reference);
  if (enough.length === 0) return null;
  const k = Math.min(...enough.map((row) => row.k));
  return { k, methods: enough.filter((row) => row.k === k).map(({ method }) => method) };
}

/** Moves labels apart that would overlap, each by as little as need be. `places`: pixels, rising or not. */
export function apart(places: readonly number[], least: number): number[] {
  const order = places.map((_, i) => i).sort((a, b) => (places[a] as number) - (places[b] as number));
  const moved = [...places];
  for (let i = 1; i < order.length; i++) {
    const [before, now] = [order[i - 1] as number, order[i] as number];
    moved[now] = Math.max(moved[now] as number, (moved[before] as number) + least);
  }
  return moved;
}
