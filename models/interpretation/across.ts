/** Agreement of the best models of two sweeps on the same structures, in the same units. */
import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../axes.ts';
import type { AxisScaling } from '../scaling.ts';
import { loadModel, projectionOf } from '../stored/model.ts';
import { unpackModel } from '../stored/model-file.ts';
import { crossFittedR2, linearCka, prepareCrossFit, principalAngles } from './agreement.ts';

export type AcrossAgreement =
  | { readonly kind: 'principal-angles' /** Degrees, rising. */; readonly angles: readonly number[] }
  /** R^2 of the second's latents from the first's, and the other way. */
  | { readonly kind: 'latents'; readonly cka: number; readonly r2: readonly [number, number] };

/**
 * Two models of one method and width, on structures x [N, D] in physical units. Directions are
 * compared in the first model's standardised descriptors: a latent t = sum_d v_d (x_d - mean_d) /
 * s_d has the covector v_d / s_d whatever it was standardised by. Throws NarrowsError
 * `descriptors-differ`.
 */
export function agreementAcross(first: Uint8Array, second: Uint8Array, k: number, x: Matrix): AcrossAgreement {
  const [a, b] = [unpackModel(first), unpackModel(second)];
  const [own, other] = [a.scaling.x, b.scaling.x];
  if (own.columns !== other.columns || own.kept.join() !== other.kept.join()) {
    const message = `the models see ${own.kept.length} and ${other.kept.length} descriptors, or other ones`;
    const fix = 'agreement is between sweeps over the same descriptors';
    throw new NarrowsError('descriptors-differ', message, { path: 'sweep', fix });
  }
  const [V, W] = [projectionOf(a, k), projectionOf(b, k)];
  if (V && W) return { kind: 'principal-angles', angles: anglesToSpan(V, directionsIn(own, W, other), own.kept.length) };
  const [t, u] = [loadModel(first).encode(x), loadModel(second).encode(x)];
  const [from, to] = [prepareCrossFit(t), prepareCrossFit(u)];
  return { kind: 'latents', cka: linearCka(t, u), r2: [crossFittedR2(from, to), crossFittedR2(to, from)] };
}

/**
 * Converts directions W [k, D] over descriptors scaled by `from` to those scaled by `own`; what
 * only one of them keeps counts as 0.
 */
export function directionsIn(own: AxisScaling, W: Float32Array, from: AxisScaling): Float64Array {
  const [D, F] = [own.kept.length, from.kept.length];
  const positions = Array.from(own.kept, (column) => from.kept.indexOf(column));
  return Float64Array.from({ length: (W.length / F) * D }, (_, i) => {
    const at = positions[i % D] as number;
    if (at < 0) return 0;
    return ((W[Math.floor(i / D) * F + at] as number) * (own.deviation[i % D] as number)) / (from.deviation[at] as number);
  });
}

/** Returns orthonormal rows [k, D] that span the rows of W [k, D]. */
export function orthonormalRows(W: Float64Array, D: number): Float64Array {
  const Q = new QrDecomposition(Dense.from1DArray(W.length / D, D, W).transpose()).orthogonalMatrix;
  return Float64Array.from(Q.transpose().to1DArray());
}

/** Principal angles, degrees, of V [k, D], orthonormal rows, with the space that W's rows span. */
export function anglesToSpan(V: Float32Array, W: Float64Array, D: number): number[] {
  return principalAngles(V, orthonormalRows(W, D), D);
}
