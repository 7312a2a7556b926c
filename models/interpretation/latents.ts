/** Latents from both sides: correlation with descriptors, and the decoder's response to them. */
import type { Matrix } from '../axes.ts';
import type { Model } from '../stored/model.ts';
import { columnsOf, dot, meanOf, quantile, rowOf, varianceOf } from '../vectors.ts';

/** Points of a response curve. */
const POINTS = 9;
/** Share of a latent's values left out at either end: single structures far out say little. */
const MARGIN = 0.02;

export interface DescriptorCorrelation {
  readonly pearson: number;
  /** Correlation of the ranks: 1 or -1 for any monotone relation. */
  readonly spearman: number;
}

export interface LatentResponse {
  /** Latent values, rising. */
  readonly at: readonly number[];
  /** [points][E], physical units: the decoder with the other latents at their medians. */
  readonly spectra: readonly (readonly number[])[];
}

/** Correlations of latents t [N, k] with descriptors x [N, D], [k][D]; 0 for constant columns. */
export function correlations(t: Matrix, x: Matrix): DescriptorCorrelation[][] {
  const standard = (matrix: Matrix) =>
    columnsOf(matrix).map((values) => ({ plain: standardised(values), ranked: standardised(ranks(values)) }));
  const descriptors = standard(x);
  const mean = (a: Float64Array, b: Float64Array) => dot(a, b) / Math.max(1, a.length);
  return standard(t).map((latent) =>
    descriptors.map(({ plain, ranked }) => ({ pearson: mean(latent.plain, plain), spearman: mean(latent.ranked, ranked) })),
  );
}

/** The decoder's answer along each latent, from its 2nd to its 98th percentile over t [N, k]. */
export function responses(model: Model, t: Matrix): LatentResponse[] {
  const columns = columnsOf(t).map((values) => values.sort());
  const medians = columns.map((values) => quantile(values, 0.5));
  return columns.map((values, j) => {
    const [low, high] = [quantile(values, MARGIN), quantile(values, 1 - MARGIN)];
    const at = Array.from({ length: POINTS }, (_, i) => low + (i / (POINTS - 1)) * (high - low));
    const data = Float32Array.from(at.flatMap((value) => medians.map((median, other) => (other === j ? value : median))));
    const spectra = model.decode({ rows: POINTS, columns: t.columns, data });
    return { at, spectra: at.map((_, i) => [...rowOf(spectra, i)]) };
  });
}

/** Ranks from 0; equal values share their mean rank. */
function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] as number) - (values[b] as number));
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (let i = from; i < to; i++) result[order[i] as number] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}

function standardised(values: Float64Array): Float64Array {
  const mean = meanOf(values);
  const deviation = Math.sqrt(varianceOf(values));
  return values.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}
