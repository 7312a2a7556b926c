/**
 * Intervals of a ratio of sums over independent units, sum(numerators) / sum(denominators). The
 * influence of a unit, (numerator - ratio denominator) / mean(denominators), linearises the ratio
 * (Cochran 1977, Sampling Techniques, section 2.11).
 */
import { stream } from '../random.ts';
import { meanOf, quantile, varianceOf } from '../vectors.ts';
import { type Reach, scaleReach, studentReach } from './reach.ts';
import { studentQuantile } from './student-t.ts';

export interface Ratio {
  /** [U] */
  readonly numerators: Float64Array;
  readonly denominators: Float64Array;
  /** Stratum of each unit, [U]; null where units are drawn from one population. */
  readonly strata: Int32Array | null;
}

/** From so many values on, t without its skewness covers as well as the bootstrap. */
const LARGE = 60;
/** Fewer values have too few different resamples. */
export const SMALL = 5;
/** Makes up for skewness where values are too few for the bootstrap. */
const WIDENING = 1.3;
const RESAMPLES = 2000;
const ADDRESS = 20_240_614;

export const ratioOf = ({ numerators, denominators }: Pick<Ratio, 'numerators' | 'denominators'>): number =>
  meanOf(numerators) / meanOf(denominators);

/** Returns the influence of each unit on the ratio, [U]; their mean is 0. */
export function influences({ numerators, denominators }: Pick<Ratio, 'numerators' | 'denominators'>): Float64Array {
  const ratio = ratioOf({ numerators, denominators });
  const scale = meanOf(denominators);
  return numerators.map((value, u) => (value - ratio * (denominators[u] as number)) / scale);
}

/**
 * Returns the reach of the ratio's interval over units: bootstrap-t of few, t without its skewness
 * of many, t of stratified ones. Null for one unit, whose spread is unknown.
 */
export function ratioReach(ratio: Ratio): Reach | null {
  const units = ratio.numerators.length;
  if (units < 2) return null;
  const { error, df } = standardError(influences(ratio), ratio.strata);
  if (units < SMALL) return scaleReach(studentReach(error, df), WIDENING);
  // A stratum of two or three units has too few different resamples.
  if (df < units - 1) return studentReach(error, df);
  return units < LARGE ? bootstrapReach(ratio, error) : skewedReach(influences(ratio), error);
}

/**
 * Returns the reach of the interval of a mean of many values by t without its skewness. With a =
 * skewness / sqrt(n), T + a T^2 / 3 + a^2 T^3 / 27 + a / 6 is monotone and cancels the first term
 * of the Edgeworth expansion of T, -a (2 T^2 + 1) / 6; the ends are its inverse at t and -t.
 */
function skewedReach(values: Float64Array, error: number): Reach {
  const count = values.length;
  const mean = meanOf(values);
  const variance = varianceOf(values);
  const third = values.reduce((sum, value) => sum + (value - mean) ** 3, 0) / count;
  const a = variance > 0 ? third / variance ** 1.5 / Math.sqrt(count) : 0;
  const transformed = (t: number) => (Math.abs(a) < 1e-6 ? t : (3 / a) * (Math.cbrt(1 + a * (t - a / 6)) - 1));
  return (tail) => {
    const t = studentQuantile(tail, count - 1);
    return { below: Math.max(0, error * transformed(t)), above: Math.max(0, -error * transformed(-t)) };
  };
}

/** Returns the reach of the interval of a mean by Student's t; null for one value. */
export function studentMeanReach(values: Float64Array): Reach | null {
  if (values.length < 2) return null;
  const { error, df } = standardError(values, null);
  return studentReach(error, df);
}

/** Returns the reach of the interval of a mean of values, as of a ratio; null for one value. */
export const meanReach = (values: Float64Array): Reach | null =>
  ratioReach({ numerators: values, denominators: new Float64Array(values.length).fill(1), strata: null });

/** Returns the standard error of a mean, and its degrees of freedom: values less strata. */
function standardError(values: Float64Array, strata: Int32Array | null): { readonly error: number; readonly df: number } {
  const groups = strata ? collapseStrata(strata) : [[...values.keys()]];
  let variance = 0;
  for (const group of groups) {
    const own = Float64Array.from(group, (u) => values[u] as number);
    variance += (own.length ** 2 / (own.length - 1)) * varianceOf(own);
  }
  return { error: Math.sqrt(variance) / values.length, df: values.length - groups.length };
}

/**
 * Returns the units of each stratum, by rising number. A stratum of one unit says nothing of its
 * spread, and is joined with its neighbour (Cochran 1977, section 5A.12: collapsed strata).
 */
function collapseStrata(strata: Int32Array): number[][] {
  const parts = [...Map.groupBy(strata.keys(), (u) => strata[u] as number)].sort(([a], [b]) => a - b);
  const collapsed: number[][] = [];
  for (const [, part] of parts) {
    const before = collapsed.at(-1);
    if (before?.length === 1) before.push(...part);
    else collapsed.push([...part]);
  }
  const last = collapsed.at(-1);
  if (last?.length === 1 && collapsed.length > 1) collapsed.at(-2)?.push(...(collapsed.pop() as number[]));
  return collapsed;
}

/**
 * Returns the reach of bootstrap-t (Hall 1988, doi:10.1214/aos/1176350933): quantiles of
 * (resampled ratio - ratio) / its own standard error take the place of t.
 */
function bootstrapReach(ratio: Ratio, error: number): Reach {
  const units = ratio.numerators.length;
  const z = influences(ratio);
  const mean = meanOf(ratio.denominators);
  const d = ratio.denominators.map((value) => value / mean);
  const draws = resamples(units);
  const found = new Float64Array(RESAMPLES);
  let count = 0;
  for (let from = 0; from < draws.length; from += units) {
    let sumZ = 0;
    let sumD = 0;
    let zz = 0;
    let zd = 0;
    let dd = 0;
    for (let i = from; i < from + units; i++) {
      const unit = draws[i] as number;
      const ownZ = z[unit] as number;
      const ownD = d[unit] as number;
      sumZ += ownZ;
      sumD += ownD;
      zz += ownZ * ownZ;
      zd += ownZ * ownD;
      dd += ownD * ownD;
    }
    const shift = sumZ / sumD;
    // The squares of z - shift d: influences on the resampled ratio.
    const squares = zz - 2 * shift * zd + shift * shift * dd;
    const own = Math.sqrt((Math.max(0, squares) * units) / (units - 1)) / sumD;
    // Resamples of one unit alone have no spread.
    if (own > 1e-6 * error) found[count++] = shift / own;
  }
  if (count === 0) return () => ({ below: 0, above: 0 });
  const sorted = found.subarray(0, count).sort();
  return (tail) => ({
    below: Math.max(0, quantile(sorted, 1 - tail) * error),
    above: Math.max(0, -quantile(sorted, tail) * error),
  });
}

const drawnOnce = new Map<number, Uint8Array>();

/** Returns resamples of so many units, [RESAMPLES, units]: always the same, cached. */
function resamples(units: number): Uint8Array {
  const known = drawnOnce.get(units);
  if (known) return known;
  const { uniform } = stream(ADDRESS, 'resamples', units);
  const drawn = Uint8Array.from({ length: RESAMPLES * units }, () => Math.floor(uniform() * units));
  drawnOnce.set(units, drawn);
  return drawn;
}
