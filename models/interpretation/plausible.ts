/** Plausibility: inputs unlike the known structures or spectra, spread around an expansion. */
import { type Matrix, pickRows } from '../axes.ts';
import type { Model } from '../stored/model.ts';
import { columnOf, evenlySpaced } from '../vectors.ts';

/** Maximum known spectra compared: enough to know the region, fast for any number of inputs. */
const MOST_KNOWN = 1500;
/** Far is this many times as far from the nearest known as 99 % of the known are from theirs. */
const FAR = 2;
const USUAL = 0.99;

export interface FarSpectrum {
  readonly row: number;
  /** Distance to the nearest known spectrum, as a multiple of what is usual among known ones. */
  readonly distance: number;
}

/** Rows of y [N, E] far from all known spectra [M, E], by falling Euclidean distance. */
export function farSpectra(y: Matrix, known: Matrix): FarSpectrum[] {
  const reference = thinned(known, MOST_KNOWN);
  const among = thinned(reference, MOST_KNOWN / 3);
  const own = [...nearest(among, reference, true)].sort((a, b) => a - b);
  const usual = own[Math.floor(USUAL * (own.length - 1))] ?? 0;
  if (!(usual > 0)) return [];
  return [...nearest(y, reference, false)]
    .map((distance, row) => ({ row, distance: distance / usual }))
    .filter(({ distance }) => distance > FAR)
    .sort((a, b) => b.distance - a.distance);
}

/** A value of a structure outside those of the known ones. */
export interface OutlyingValue {
  readonly row: number;
  readonly column: number;
  readonly value: number;
  /** Range of the column over the known structures. */
  readonly low: number;
  readonly high: number;
}

/** Share of a column's range by which a value may lie outside of it: new extremes are common. */
const MARGIN = 0.25;
/** Rounding of values in single precision, relative to their size. */
const SINGLE_ROUNDING = 1e-5;

/**
 * Returns, for each row of x [N, D] with values far outside the ranges of the known structures
 * [M, D], the one that is furthest outside relative to its range.
 */
export function outlyingValues(x: Matrix, known: Matrix): OutlyingValue[] {
  const D = known.columns;
  const low = new Float64Array(D).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(D).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < known.data.length; i++) {
    const [column, value] = [i % D, known.data[i] as number];
    if (value < (low[column] as number)) low[column] = value;
    if (value > (high[column] as number)) high[column] = value;
  }
  const outlying: OutlyingValue[] = [];
  for (let row = 0; row < x.rows; row++) {
    let worst: OutlyingValue | null = null;
    let most = 1;
    for (let column = 0; column < D; column++) {
      const value = x.data[row * D + column] as number;
      const [from, to] = [low[column] as number, high[column] as number];
      const allowed = MARGIN * (to - from) + SINGLE_ROUNDING * Math.max(Math.abs(from), Math.abs(to));
      const excess = Math.max(from - value, value - to) / (allowed || Number.MIN_VALUE);
      if (excess > most) [worst, most] = [{ row, column, value, low: from, high: to }, excess];
    }
    if (worst) outlying.push(worst);
  }
  return outlying;
}

/** Least coverage of the interval of a new structure. */
const WITHIN = 0.95;

/**
 * Offsets [D] below and above what the model gives back: the percentile interval of the residual
 * bootstrap, x' + e* with e* drawn from x - x' over rows that no weight was fitted to. A new
 * structure has one residual, not the mean of some, so the limit of many resamples is known: the
 * sorted residuals. Their finite number counts: the ends are the order statistics number (N + 1)
 * 0.025 and (N + 1) 0.975, rounded outwards, between which a further residual of the same kind is
 * with at least 95 % whatever its distribution (Wilks, Ann. Math. Statist. 12, 91, 1941). Of fewer
 * than 39 rows the ends are the smallest and the largest residual: (N - 1) / (N + 1). `back` makes
 * x' of the known structures (expansion of their latents, or reconstruction of their spectra).
 */
export function residualOffsets(x: Matrix, back: Matrix): { readonly low: Float64Array; readonly high: Float64Array } {
  const { rows, columns } = x;
  const low = new Float64Array(columns);
  const high = new Float64Array(columns);
  // Counted from 0; symmetric, as rounding might not be.
  const below = Math.max(0, Math.floor((rows + 1) * ((1 - WITHIN) / 2) + ROUNDING) - 1);
  for (let d = 0; d < columns; d++) {
    const recovered = columnOf(back, d);
    const residuals = columnOf(x, d)
      .map((value, row) => value - (recovered[row] as number))
      .sort();
    low[d] = residuals[below] as number;
    high[d] = residuals[rows - 1 - below] as number;
  }
  return { low, high };
}

/** 40 times 0.025 is 1, if not in binary. */
const ROUNDING = 1e-9;

/** Outputs of a model for known structures x and spectra y, by operation. */
export function givenBack(
  model: Model,
  operation: 'expand' | 'reconstruct',
  { x, y }: { readonly x: Matrix; readonly y: Matrix },
): Matrix {
  return operation === 'expand' ? model.expand(model.encode(x)) : model.reconstruct(y);
}

/** x' [N, D] with one offset per column added. */
export function shifted({ rows, columns, data }: Matrix, offsets: Float64Array): Matrix {
  return { rows, columns, data: data.map((value, i) => value + (offsets[i % columns] as number)) };
}

/** Distance of each row to the nearest other; `self`: `known` includes the rows themselves. */
function nearest(among: Matrix, known: Matrix, self: boolean): Float64Array {
  const E = known.columns;
  return Float64Array.from({ length: among.rows }, (_, i) => {
    let best = Number.POSITIVE_INFINITY;
    for (let j = 0; j < known.rows; j++) {
      let sum = 0;
      for (let e = 0; e < E && sum < best; e++)
        sum += ((among.data[i * E + e] as number) - (known.data[j * E + e] as number)) ** 2;
      if (sum < best && !(self && sum === 0)) best = sum;
    }
    return Math.sqrt(best);
  });
}

const thinned = (matrix: Matrix, most: number): Matrix => pickRows(matrix, evenlySpaced(matrix.rows, most));
