/** Components of several trials, matched one by one: how far each is determined. */
import type { Interval, Matrix } from '../axes.ts';
import { dot, meanOf, spanOf } from '../vectors.ts';
import { angleBetween } from './agreement.ts';
import { pairsOf } from './pairwise.ts';
import { STABLE_BELOW_DEGREES } from './thresholds.ts';

/** Components of a trial and the latents that they make. */
export interface FoundComponents {
  /** V [k, D] in standardised descriptors, orthonormal rows. */
  readonly components: Float32Array | Float64Array;
  /** t [n, k] of the same rows for all. */
  readonly latents: Matrix;
}

export interface ComponentReading {
  /** Per kept descriptor: change of the latent per standard deviation; the row has length 1. */
  readonly coefficients: readonly number[];
  /** Extremes of the coefficients over the matched components; absent in old interpretations. */
  readonly range?: { readonly low: readonly number[]; readonly high: readonly number[] } | null;
  /** Angle in degrees between the matched components of two seeds; null with one seed. */
  readonly angle: Interval | null;
  /** The same between two partitions of the rows; absent with one partition. */
  readonly angleOverPartitions?: Interval;
  readonly stable: boolean | null;
  /**
   * Share of the turn between two seeds that the values of the latent show, (1 - correlation) /
   * (1 - cos): 1 for uncorrelated descriptors, near 0 where collinear ones leave the direction
   * open. Mean over pairs; null where the component is stable. Absent in old interpretations.
   */
  readonly shownTurn?: number | null;
}

/** Reads the components [k, D] of trials, of which the one number `best` is shown. */
export function readComponents(found: readonly FoundComponents[], best: number, D: number): ComponentReading[] {
  const reference = directionsOf(found[best] as FoundComponents, D);
  const matched = found.map((one) => matchTo(reference, directionsOf(one, D)));
  return reference.map(({ v }, j): ComponentReading => {
    const own = matched.map((directions) => directions[j] as Direction);
    const pairs = pairsOf(own);
    if (pairs.length === 0) return { coefficients: [...v], range: null, angle: null, stable: null, shownTurn: null };
    const angle = spanOf(pairs.map(([a, b]) => angleBetween(a.v, b.v)));
    const stable = angle.high < STABLE_BELOW_DEGREES;
    const spans = Array.from(v, (_, d) => spanOf(own.map((direction) => direction.v[d] as number)));
    return {
      coefficients: [...v],
      range: { low: spans.map(({ low }) => low), high: spans.map(({ high }) => high) },
      angle,
      stable,
      shownTurn: stable ? null : meanOf(pairs.map(([a, b]) => shownTurn(a, b))),
    };
  });
}

/** Returns the angles between the components of all pairs, matched to those of `reference`, [k]. */
export function matchedAngles(reference: FoundComponents, found: readonly FoundComponents[], D: number): Interval[] {
  const own = directionsOf(reference, D);
  const matched = found.map((one) => matchTo(own, directionsOf(one, D)));
  return own.map((_, j) => spanOf(pairsOf(matched).map(([a, b]) => angleBetween((a[j] as Direction).v, (b[j] as Direction).v))));
}

interface Direction {
  readonly v: Float64Array;
  /** Scores of the rows. */
  readonly t: Float64Array;
}

function directionsOf({ components, latents }: FoundComponents, D: number): Direction[] {
  return Array.from({ length: components.length / D }, (_, j) => ({
    v: Float64Array.from(components.subarray(j * D, (j + 1) * D)),
    t: Float64Array.from({ length: latents.rows }, (_row, i) => latents.data[i * latents.columns + j] as number),
  }));
}

/**
 * Returns the directions in the order and with the signs of the reference: the pair with the
 * largest |cos| first, then the largest of those that are left. Equal ones keep their order, which
 * for nested components is that of the covered variance.
 */
function matchTo(reference: readonly Direction[], directions: readonly Direction[]): Direction[] {
  const cosines = reference.flatMap(({ v }, to) => directions.map(({ v: w }, from) => ({ to, from, cos: dot(v, w) })));
  cosines.sort((a, b) => Math.abs(b.cos) - Math.abs(a.cos));
  const matched: Direction[] = [];
  const taken = new Set<number>();
  for (const { to, from, cos } of cosines) {
    if (matched[to] !== undefined || taken.has(from)) continue;
    taken.add(from);
    const { v, t } = directions[from] as Direction;
    const sign = cos < 0 ? -1 : 1;
    matched[to] = { v: v.map((value) => sign * value), t: t.map((value) => sign * value) };
  }
  return matched;
}

function shownTurn(a: Direction, b: Direction): number {
  const turn = 1 - dot(a.v, b.v);
  const [t, u] = [centred(a.t), centred(b.t)];
  const own = Math.sqrt(dot(t, t) * dot(u, u));
  return turn > 0 && own > 0 ? (1 - dot(t, u) / own) / turn : 0;
}

function centred(values: Float64Array): Float64Array {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}
