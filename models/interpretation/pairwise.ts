/** Agreement of trials of one cell over all pairs of them. */
import type { Interval, Matrix } from '../axes.ts';
import { spanOf } from '../vectors.ts';
import { crossFittedR2, linearCka, prepareCrossFit, principalAngles } from './agreement.ts';
import { STABLE_BELOW_DEGREES, STABLE_FROM_R2 } from './thresholds.ts';

export type Agreement =
  | {
      readonly kind: 'principal-angles';
      readonly pairs: number;
      /** Largest principal angle of a pair, degrees: mean and extremes over the pairs. */
      readonly largest: Interval;
      readonly stable: boolean;
    }
  | { readonly kind: 'latents'; readonly pairs: number; readonly cka: Interval; readonly r2: Interval; readonly stable: boolean };

/** The part of a trial that is compared. */
interface Compared {
  /** V [k, D] in descriptors of one scaling, orthonormal rows; null for EDNN. */
  readonly components: Float32Array | Float64Array | null;
  /** [n, k] of the same rows for all. */
  readonly latents: Matrix;
}

/** Returns the agreement over all pairs of at least two trials. */
export function pairwiseAgreement(trials: readonly Compared[], D: number): Agreement {
  const pairs = pairsOf(trials);
  const bases = trials.flatMap(({ components }) => components ?? []);
  if (bases.length === trials.length) {
    const largest = spanOf(pairsOf(bases).map(([a, b]) => principalAngles(a, b, D).at(-1) as number));
    return { kind: 'principal-angles', pairs: pairs.length, largest, stable: largest.high < STABLE_BELOW_DEGREES };
  }
  const cka = spanOf(pairs.map(([a, b]) => linearCka(a.latents, b.latents)));
  const prepared = pairsOf(trials.map(({ latents }) => prepareCrossFit(latents)));
  const r2 = spanOf(prepared.flatMap(([a, b]) => [crossFittedR2(a, b), crossFittedR2(b, a)]));
  return { kind: 'latents', pairs: pairs.length, cka, r2, stable: r2.low >= STABLE_FROM_R2 };
}

export function pairsOf<T>(values: readonly T[]): (readonly [T, T])[] {
  return values.flatMap((a, i) => values.slice(i + 1).map((b) => [a, b] as const));
}
