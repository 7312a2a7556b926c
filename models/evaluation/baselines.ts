/**
 * Linear references of every comparison: ridge, principal component regression, PLS2. In
 * standardised coordinates, where the columns of X and Y have mean zero over the training rows; all
 * from the Gram matrix X'X and the cross-products X'Y, in float64.
 */
import { Matrix as Dense, EigenvalueDecomposition, solve } from 'ml-matrix';
import { SPLITS, type SplitName } from '../axes.ts';
import type { PackData } from '../training/task.ts';
import { addScaled, orderFalling, rowOf, squaredDistance } from '../vectors.ts';
import { type SplitScore, splitScore } from './covered-variance.ts';

export interface BaselineScore extends SplitScore {
  readonly name: 'ridge' | 'pcr' | 'pls2';
  /** Components; null for ridge. */
  readonly k: number | null;
}

/** Variance below this share of the largest is rounding. */
const VANISHING = 1e-12;

/** Ridge penalties per training row that validation chooses among. */
const RIDGE_PENALTIES = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10] as const;

export interface GramMatrices {
  /** X'X [D, D] and X'Y [D, E] over the training rows. */
  readonly xx: Dense;
  readonly xy: Dense;
  readonly rows: number;
}

/** Returns all baselines on every split, at these numbers of components up to D. */
export function scoreBaselines(data: PackData, components: readonly number[]): BaselineScore[] {
  const moments = gramMatricesOf(data);
  const possible = components.filter((k) => k <= data.x.columns);
  const scored = (name: BaselineScore['name'], k: number | null, coefficients: Dense): BaselineScore[] =>
    SPLITS.map((split) => ({ name, k, ...scoreCoefficients(data, split, coefficients) }));
  return [
    ...scored('ridge', null, bestRidge(data, moments)),
    ...possible.flatMap((k) => scored('pcr', k, pcrCoefficients(moments, k))),
    ...possible.flatMap((k) => scored('pls2', k, plsCoefficients(moments, k))),
  ];
}

function gramMatricesOf({ x, y, rows }: PackData): GramMatrices {
  const D = x.columns;
  const E = y.columns;
  const xx = new Float64Array(D * D);
  const xy = new Float64Array(D * E);
  const parts = Array.from({ length: D }, (_, a) => ({
    xx: xx.subarray(a * D, (a + 1) * D),
    xy: xy.subarray(a * E, (a + 1) * E),
  }));
  for (const row of rows.train) {
    for (const [a, own] of parts.entries()) {
      const value = x.data[row * D + a] as number;
      addScaled(own.xx, value, x.data, row * D);
      addScaled(own.xy, value, y.data, row * E);
    }
  }
  return { xx: Dense.from1DArray(D, D, xx), xy: Dense.from1DArray(D, E, xy), rows: rows.train.length };
}

/** (X'X + penalty I)^-1 X'Y, [D, E] (Hoerl and Kennard 1970). */
export function ridgeCoefficients({ xx, xy }: GramMatrices, penalty: number): Dense {
  // Without a penalty, collinear descriptors need the pseudo-inverse.
  return solve(Dense.add(xx, Dense.eye(xx.rows, xx.rows, penalty)), xy, penalty === 0);
}

/** Regression on the k leading principal components of X with variance, [D, E]. */
export function pcrCoefficients({ xx, xy }: GramMatrices, k: number): Dense {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(xx, { assumeSymmetric: true });
  const leading = orderFalling(realEigenvalues).slice(0, k);
  const V = eigenvectorMatrix.subMatrixColumn(leading);
  const least = VANISHING * Math.max(...realEigenvalues);
  const values = realEigenvalues.toSorted((a, b) => b - a).slice(0, k);
  const inverse = Dense.diag(values.map((value) => (value > least ? 1 / value : 0)));
  return V.mmul(inverse).mmul(V.transpose()).mmul(xy);
}

/**
 * PLS2 with k components, [D, E] (Wold 1975; the regression mode of Wegelin 2000): w = leading left
 * singular vector of X'Y, X deflated by its scores. Deflating X alone gives the same coefficients,
 * so that X'X and X'Y suffice. Ends early where X or Y has no variance left.
 */
export function plsCoefficients({ xx, xy }: GramMatrices, k: number): Dense {
  const W: Dense[] = [];
  const P: Dense[] = [];
  const Q: Dense[] = [];
  let gram = xx;
  let cross = xy;
  for (let component = 0; component < k; component++) {
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(cross.mmul(cross.transpose()), {
      assumeSymmetric: true,
    });
    const largest = realEigenvalues.indexOf(Math.max(...realEigenvalues));
    const w = eigenvectorMatrix.getColumnVector(largest);
    const gw = gram.mmul(w);
    const tt = w.transpose().mmul(gw).get(0, 0);
    if (cross.norm() <= VANISHING * xy.norm() || tt <= VANISHING * xx.trace()) break;
    const p = Dense.div(gw, tt);
    const q = Dense.div(cross.transpose().mmul(w), tt);
    // X <- X - t p' turns X'X into X'X - tt p p' and X'Y into X'Y - tt p q'.
    gram = Dense.sub(gram, p.mmul(p.transpose()).mul(tt));
    cross = Dense.sub(cross, p.mmul(q.transpose()).mul(tt));
    W.push(w);
    P.push(p);
    Q.push(q);
  }
  if (W.length === 0) return Dense.zeros(xx.rows, xy.columns);
  const rows = (vectors: Dense[]) => new Dense(vectors.map((vector) => vector.to1DArray()));
  const w = rows(W).transpose();
  return w.mmul(solve(rows(P).mmul(w), rows(Q)));
}

function bestRidge(data: PackData, moments: GramMatrices): Dense {
  const tried = RIDGE_PENALTIES.map((penalty) => {
    const coefficients = ridgeCoefficients(moments, penalty * moments.rows);
    return { coefficients, score: scoreCoefficients(data, 'validation', coefficients).coveredVariance };
  });
  return tried.reduce((best, next) => (next.score > best.score ? next : best)).coefficients;
}

function scoreCoefficients({ x, y, rows }: PackData, split: SplitName, coefficients: Dense): SplitScore {
  const E = y.columns;
  const B = Float64Array.from(coefficients.to1DArray());
  const prediction = new Float64Array(E);
  const errors = Float64Array.from(rows[split], (row) => {
    prediction.fill(0);
    for (const [d, value] of rowOf(x, row).entries()) addScaled(prediction, value, B, d * E);
    return squaredDistance(rowOf(y, row), prediction);
  });
  return splitScore(y, rows, split, errors);
}
