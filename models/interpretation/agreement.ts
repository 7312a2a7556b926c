/** Agreement of two runs: angles of subspaces (ECA, NNCA), latents without common basis (EDNN). */
import { Matrix as Dense, SingularValueDecomposition } from 'ml-matrix';
import type { Matrix } from '../axes.ts';
import { shuffle } from '../random.ts';
import { dot, evenlySpaced } from '../vectors.ts';

const DEGREES = 180 / Math.PI;

/**
 * Principal angles between the row spaces of V [k, D] and W [l, D], both with orthonormal rows:
 * min(k, l) of them in degrees, rising. Small angles come from their sines, large ones from their
 * cosines (Bjoerck and Golub 1973, doi:10.2307/2005662).
 */
export function principalAngles(V: ArrayLike<number>, W: ArrayLike<number>, D: number): number[] {
  const [a, b] = V.length <= W.length ? [rowsOf(V, D), rowsOf(W, D)] : [rowsOf(W, D), rowsOf(V, D)];
  const cosines = singularValues(a.mmul(b.transpose()));
  // What of the smaller space's rows the larger one leaves over.
  const sines = singularValues(Dense.sub(a, a.mmul(b.transpose()).mmul(b))).slice(0, a.rows);
  const rising = (values: number[]) => values.sort((x, y) => x - y);
  const byCosine = rising(cosines.map((value) => Math.acos(Math.min(1, value)) * DEGREES));
  const bySine = rising(sines.map((value) => Math.asin(Math.min(1, value)) * DEGREES));
  return byCosine.map((angle, i) => (angle < 45 ? (bySine[i] as number) : angle));
}

/** Angle in degrees between the lines along v and w: 0 to 90. */
export function angleBetween(v: ArrayLike<number>, w: ArrayLike<number>): number {
  return principalAngles(unit(v), unit(w), v.length)[0] as number;
}

/** Linear CKA of A [N, k] and B [N, l], 0 to 1 (Kornblith et al. 2019, arXiv 1905.00414). */
export function linearCka(A: Matrix, B: Matrix): number {
  const [a, b] = [centred(A), centred(B)];
  const norm = (x: Dense, y: Dense) => x.transpose().mmul(y).norm('frobenius');
  const product = norm(a, a) * norm(b, b);
  return product > 0 ? norm(a, b) ** 2 / product : Number.NaN;
}

const NEIGHBOURS = 8;
const FOLDS = 5;
/** Distances of all pairs are looked at: rows beyond this are thinned out evenly. */
const MOST_ROWS = 1000;

/** Latents of a trial, prepared for the regressions of a cross-fit. */
export interface CrossFit {
  /** Number of rows of the latents, N. */
  readonly rows: number;
  /** Ranks of the rows looked at, [n, columns], at mean 0 and variance 1. */
  readonly scores: Float64Array;
  readonly columns: number;
  /** The nearest rows of the other folds to each of these rows, [n, NEIGHBOURS]; -1 for none. */
  readonly nearest: Int32Array;
}

/**
 * Prepares latents A [N, k]: columns by their ranks, since a latent's scale is free up to any
 * monotone function, and the rows that are nearest in them.
 */
export function prepareCrossFit(A: Matrix): CrossFit {
  const rows = evenlySpaced(A.rows, MOST_ROWS);
  const [scores, k, n] = [rankScores(A, rows), A.columns, rows.length];
  const order = shuffle(Uint32Array.from(rows.keys()), 0, 'folds of a cross-fit');
  const fold = new Uint8Array(n);
  order.forEach((row, i) => {
    fold[row] = i % FOLDS;
  });
  const nearest = new Int32Array(n * NEIGHBOURS);
  const distances = new Float64Array(NEIGHBOURS);
  const who = new Int32Array(NEIGHBOURS);
  for (let i = 0; i < n; i++) {
    distances.fill(Number.POSITIVE_INFINITY);
    who.fill(-1);
    for (let j = 0; j < n; j++) {
      if (fold[j] === fold[i]) continue;
      let distance = 0;
      for (let c = 0; c < k; c++) distance += ((scores[i * k + c] as number) - (scores[j * k + c] as number)) ** 2;
      if (distance >= (distances[NEIGHBOURS - 1] as number)) continue;
      let at = NEIGHBOURS - 1;
      for (; at > 0 && (distances[at - 1] as number) > distance; at--) {
        distances[at] = distances[at - 1] as number;
        who[at] = who[at - 1] as number;
      }
      distances[at] = distance;
      who[at] = j;
    }
    nearest.set(who, i * NEIGHBOURS);
  }
  return { rows: A.rows, scores, columns: k, nearest };
}

/**
 * Share of the variance of B [N, l] that A [N, k] predicts: cross-fitted R^2 of a regression on the
 * mean of the eight nearest rows of the other folds (of fewer where there are not as many), so that
 * it also sees relations that are not linear. Pooled over B's columns; about 0 where A predicts
 * nothing, 1 where B is a smooth function of A. Throws RangeError where they have different numbers
 * of rows.
 */
export function crossFittedR2({ rows, nearest }: CrossFit, B: CrossFit): number {
  if (rows !== B.rows) throw new RangeError(`${rows} rows of latents do not match ${B.rows}`);
  const { scores, columns } = B;
  const n = nearest.length / NEIGHBOURS;
  let error = 0;
  for (let i = 0; i < n; i++) {
    const own = nearest.subarray(i * NEIGHBOURS, (i + 1) * NEIGHBOURS).filter((row) => row >= 0);
    for (let c = 0; c < columns; c++) {
      let mean = 0;
      for (const row of own) mean += (scores[row * columns + c] as number) / own.length;
      error += ((scores[i * columns + c] as number) - mean) ** 2;
    }
  }
  return 1 - error / (n * columns);
}

const rowsOf = (values: ArrayLike<number>, D: number): Dense => Dense.from1DArray(values.length / D, D, Array.from(values));

function singularValues(matrix: Dense): number[] {
  const tall = matrix.rows >= matrix.columns ? matrix : matrix.transpose();
  return new SingularValueDecomposition(tall, { computeLeftSingularVectors: false, computeRightSingularVectors: false }).diagonal;
}

function unit(v: ArrayLike<number>): Float64Array {
  const length = Math.sqrt(dot(v, v));
  return Float64Array.from(v, (value) => value / length);
}

const centred = ({ rows, columns, data }: Matrix): Dense => Dense.from1DArray(rows, columns, data).center('column');

/** Ranks of each column at mean 0 and variance 1; equal values in the order of their rows. */
function rankScores({ columns, data }: Matrix, rows: Uint32Array): Float64Array {
  const n = rows.length;
  const result = new Float64Array(n * columns);
  const deviation = Math.sqrt((n * n - 1) / 12);
  for (let c = 0; c < columns; c++) {
    const value = (i: number) => data[(rows[i] as number) * columns + c] as number;
    const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => value(i) - value(j) || i - j);
    order.forEach((i, rank) => {
      result[i * columns + c] = (rank - (n - 1) / 2) / deviation;
    });
  }
  return result;
}
