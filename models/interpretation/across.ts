/** Agreement of the best models of two sweeps on the same structures, in the same units. */
import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../axes.ts';
import type { AxisScaling } from '../scaling.ts';
import { loadModel, projectionOf } from '../stored/model.ts';
import { unpackModel } from '../stored/model-file.ts';
import { crossFittedR2, linearCka, principalAngles } from './agreement.ts';

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
    throw new NarrowsError(
      'descriptors-differ',
      `the models see ${own.kept.length} and ${other.kept.length} descriptors, or other ones`,
      {
        path: 'sweep',
        fix: 'agreement is between sweeps over the same descriptors',
      },
    );
  }
  const [V, W] = [projectionOf(a, k), projectionOf(b, k)];
  if (V && W) return { kind: 'principal-angles', angles: principalAngles(V, inUnitsOf(own, W, other), own.kept.length) };
  const [t, u] = [loadModel(first).encode(x), loadModel(second).encode(x)];
  return { kind: 'latents', cka: linearCka(t, u), r2: [crossFittedR2(t, u), crossFittedR2(u, t)] };
}

/** Converts W [k, D] over descriptors scaled by `from` to orthonormal rows over those of `own`. */
export function inUnitsOf(own: AxisScaling, W: Float32Array, from: AxisScaling): Float64Array {
  const D = own.kept.length;
  const k = W.length / D;
  const columns = new Dense(D, k);
  for (let j = 0; j < k; j++)
    for (let d = 0; d < D; d++)
      columns.set(d, j, ((W[j * D + d] as number) * (own.deviation[d] as number)) / (from.deviation[d] as number));
  const Q = new QrDecomposition(columns).orthogonalMatrix;
  return Float64Array.from({ length: k * D }, (_, i) => Q.get(i % D, Math.floor(i / D)));
}
