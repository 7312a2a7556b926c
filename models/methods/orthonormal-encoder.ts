/**
 * The projection of NNCA: its encoder is trained without constraints, then orthonormalised, so that
 * the latents expand back into structures (Passilahti, Vladyka, Niskanen, arXiv 2406.14044). Any
 * rotation of the latents can be folded into the decoder: the basis is made canonical by covered
 * variance, as the components of ECA are, so that both can be compared one by one.
 */
import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import type { LayerParameters, NetworkShape, Parameters } from '../networks/network.ts';
import { stream } from '../random.ts';
import { type Computation, call } from '../training/network-calls.ts';
import { addScaled, dot, evenlySpaced, rowsOf } from '../vectors.ts';
import { climb, orthonormalise } from './climb.ts';
import { type ComponentSearch, canonicalSign, projectionErrors, scoreComponent } from './components.ts';

/** Training rows over which the covered variance of a direction is maximised. */
const ROWS = 512;
/** Directions that are drawn and scored for each component. */
const STARTS = 12;
/** The best of them, which are optimised. */
const CLIMBS = 2;
const EVALUATIONS = 16;
/** A search ends where a step lowers the loss by less than this share of it. */
const CONVERGED = 1e-7;

/**
 * Returns parameters of the same function with V V' = I: with the encoder's weights W = Q R, x W =
 * (x Q) R, so V = Q' and R goes into the decoder's first layer. The basis is then rotated: u_1
 * maximises the covered variance of g(t u u') on training rows, t = x Q and g the decoder, then u_2
 * that of g(t (u_1 u_1' + u u')), and so on; each with its largest coefficient in V positive. Layer
 * 0 of the result holds V' [D, k]. The network is left with other parameters. Throws Stopped.
 */
export function* orthonormaliseEncoder(
  shape: NetworkShape,
  parameters: Parameters,
  search: ComponentSearch,
): Computation<Parameters> {
  const [encoder, decoder] = parameters as readonly [LayerParameters, LayerParameters];
  const [{ inputs: D, outputs: k }, { outputs: h }] = shape as readonly [NetworkShape[number], NetworkShape[number]];
  const qr = new QrDecomposition(Dense.from1DArray(D, k, encoder.weights));
  const Q = qr.orthogonalMatrix;
  const RW = qr.upperTriangularMatrix.mmul(Dense.from1DArray(k, h, decoder.weights));
  const folded = [{ weights: floats(Q), bias: encoder.bias }, { ...decoder, weights: floats(RW) }, ...parameters.slice(2)];
  yield* call('setParameters', folded);
  const C = yield* canonicalRotation(search, floats(Q.transpose()), k);
  return [
    { weights: floats(Q.mmul(C)), bias: encoder.bias },
    { ...decoder, weights: floats(C.transpose().mmul(RW)) },
    ...parameters.slice(2),
  ];
}

/** Returns C [k, k], orthogonal, t' = t C, for the network with the encoder Q [k, D]. */
function* canonicalRotation(search: ComponentSearch, Q: Float32Array, k: number): Computation<Dense> {
  const D = Q.length / k;
  const found: Float64Array[] = [];
  for (let j = 0; j < k; j++) {
    const u = yield* nextDirection(search, Q, found, k);
    // The sign is that of the direction among the descriptors.
    const v = combine(u, Q, D);
    found.push(canonicalSign(v) === v ? u : u.map((value) => -value));
  }
  return new Dense(found.map((u) => [...u])).transpose();
}

/** Returns the direction u [k] of the latents that covers most together with those found. */
function* nextDirection(
  { data, seed, hooks }: ComponentSearch,
  Q: Float32Array,
  found: readonly Float64Array[],
  k: number,
): Computation<Float64Array> {
  const D = Q.length / k;
  const j = found.length;
  const earlier = Float32Array.from(found.flatMap((u) => [...u]));
  const drawn = Array.from({ length: j === k - 1 ? 1 : STARTS }, (_, i) => {
    const { normal } = stream(seed, 'basis start', j * STARTS + i);
    const u = Float64Array.from({ length: k }, normal);
    orthonormalise(u, earlier);
    return u;
  });
  // The last direction left is determined by the others.
  if (j === k - 1) return drawn[0] as Float64Array;
  const { train } = data.rows;
  const rows = evenlySpaced(train.length, ROWS).map((at) => train[at] as number);
  const known = Float32Array.from(found.flatMap((u) => [...combine(u, Q, D)]));
  function* objective(u: Float64Array): Computation<{ loss: number; gradient: Float64Array }> {
    const { loss, gradient } = yield* scoreComponent(data, rows, known, combine(u, Q, D));
    return { loss, gradient: Float64Array.from(rowsOf(Q, D), (q) => dot(q, gradient)) };
  }
  const scored: { u: Float64Array; loss: number }[] = [];
  for (const u of drawn) {
    const errors = yield* projectionErrors(data, rows, known, combine(u, Q, D));
    scored.push({ u, loss: errors.reduce((sum, error) => sum + error, 0) });
  }
  scored.sort((a, b) => a.loss - b.loss);
  let best: { v: Float64Array; loss: number } | null = null;
  for (const { u } of scored.slice(0, CLIMBS)) {
    const end = yield* climb(objective, earlier, u, { evaluations: EVALUATIONS, tolerance: CONVERGED, stop: hooks.stop });
    if (best === null || end.loss < best.loss) best = end;
  }
  return (best as { v: Float64Array }).v;
}

/** Returns u Q, [D]. */
function combine(u: Float64Array, Q: Float32Array, D: number): Float64Array {
  const v = new Float64Array(D);
  for (const [a, q] of rowsOf(Q, D).entries()) addScaled(v, u[a] as number, q);
  return v;
}

const floats = (matrix: Dense): Float32Array => Float32Array.from(matrix.to1DArray());
