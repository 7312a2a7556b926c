/**
 * The projection of NNCA: its encoder is trained without constraints, then orthonormalised, so that
 * the latents expand back into structures (Passilahti, Vladyka, Niskanen, arXiv 2406.14044).
 */
import { Matrix as Dense, EigenvalueDecomposition, QrDecomposition } from 'ml-matrix';
import { jacobian } from '../networks/forward.ts';
import type { LayerParameters, NetworkShape, Parameters } from '../networks/network.ts';
import type { PackData } from '../training/task.ts';
import { dot, largestMagnitude, orderFalling, rowOf } from '../vectors.ts';

/** Rows over which J'J is averaged: enough for a stable basis of a few components. */
const JACOBIAN_ROWS = 512;

/**
 * Returns parameters of the same function with V V' = I: with the encoder's weights W = Q R, x W =
 * (x Q) R, so V = Q' and R goes into the decoder's first layer. The basis is then rotated to the
 * canonical one: eigenvectors of the mean of J'J, J = d yhat / d t over training rows, by falling
 * eigenvalue; each with its largest coefficient positive. Layer 0 of the result holds V' [D, k].
 */
export function orthonormaliseEncoder(shape: NetworkShape, parameters: Parameters, data: PackData): Parameters {
  const [encoder, decoder] = parameters as readonly [LayerParameters, LayerParameters];
  const [{ inputs: D, outputs: k }, { outputs: h }] = shape as readonly [NetworkShape[number], NetworkShape[number]];
  const qr = new QrDecomposition(Dense.from1DArray(D, k, encoder.weights));
  const Q = qr.orthogonalMatrix;
  const RW = qr.upperTriangularMatrix.mmul(Dense.from1DArray(k, h, decoder.weights));
  const folded = [{ weights: floats(Q), bias: encoder.bias }, { ...decoder, weights: floats(RW) }, ...parameters.slice(2)];
  const C = canonicalRotation(shape, folded, data, Q);
  return [
    { weights: floats(Q.mmul(C)), bias: encoder.bias },
    { ...decoder, weights: floats(C.transpose().mmul(RW)) },
    ...parameters.slice(2),
  ];
}

/** [k, k], orthogonal: t' = t C. */
function canonicalRotation(shape: NetworkShape, parameters: Parameters, data: PackData, Q: Dense): Dense {
  const k = Q.columns;
  const train = data.rows.train;
  const count = Math.min(JACOBIAN_ROWS, train.length);
  const mean = Dense.zeros(k, k);
  const directions = Array.from({ length: k }, (_, a) => Q.getColumn(a));
  for (let i = 0; i < count; i++) {
    const x = rowOf(data.x, train[Math.floor((i * train.length) / count)] ?? 0);
    const t = Float64Array.from(directions, (q) => dot(x, q));
    const { derivatives } = jacobian(shape.slice(1), parameters.slice(1), t);
    for (const [a, da] of derivatives.entries()) {
      for (const [b, db] of derivatives.slice(0, a + 1).entries()) {
        mean.set(a, b, mean.get(a, b) + dot(da, db) / count);
        mean.set(b, a, mean.get(a, b));
      }
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(mean, { assumeSymmetric: true });
  const C = eigenvectorMatrix.subMatrixColumn(orderFalling(realEigenvalues));
  const V = Q.mmul(C);
  for (let a = 0; a < k; a++) if (largestMagnitude(V.getColumn(a)) < 0) C.mulColumn(a, -1);
  return C;
}

const floats = (matrix: Dense): Float32Array => Float32Array.from(matrix.to1DArray());
