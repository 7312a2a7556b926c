/** Networks in float64, the plain way: for stored models, for the Jacobian of a decoder, and as the oracle of the fused kernel. */
import type { Activation, DenseLayer, LayerParameters, NetworkShape, Parameters } from './network.ts';

const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** Value and derivative of an activation at z. gelu is the tanh form (Hendrycks and Gimpel 2016, arXiv 1606.08415). */
export function activationAt(activation: Activation, z: number): { value: number; derivative: number } {
  switch (activation) {
    case 'linear':
      return { value: z, derivative: 1 };
    case 'relu':
      return { value: Math.max(0, z), derivative: z > 0 ? 1 : 0 };
    case 'elu':
      return z > 0 ? { value: z, derivative: 1 } : { value: Math.expm1(z), derivative: Math.exp(z) };
    case 'tanh': {
      const value = Math.tanh(z);
      return { value, derivative: 1 - value * value };
    }
    case 'silu': {
      const sigmoid = 1 / (1 + Math.exp(-z));
      return { value: z * sigmoid, derivative: sigmoid * (1 + z * (1 - sigmoid)) };
    }
    case 'gelu': {
      const t = Math.tanh(ROOT_2_OVER_PI * (z + 0.044715 * z ** 3));
      const slope = ROOT_2_OVER_PI * (1 + 3 * 0.044715 * z * z);
      return { value: 0.5 * z * (1 + t), derivative: 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * slope };
    }
  }
}

/** Outputs of every layer for one row x [inputs]; the last one is the network's. */
export function forward(shape: NetworkShape, parameters: Parameters, x: ArrayLike<number>): Float64Array[] {
  const outputs: Float64Array[] = [];
  let a: ArrayLike<number> = x;
  shape.forEach((layer, index) => {
    const z = preactivation(layer, parameters[index] as Parameters[number], a);
    if (layer.activation !== 'linear')
      for (let j = 0; j < z.length; j++) z[j] = activationAt(layer.activation, z[j] as number).value;
    outputs.push(z);
    a = z;
  });
  return outputs;
}

/** The network's output at x [inputs], and its derivative along each input: derivatives[i] = d output / d x_i, [outputs]. */
export function jacobian(
  shape: NetworkShape,
  parameters: Parameters,
  x: ArrayLike<number>,
): { output: Float64Array; derivatives: Float64Array[] } {
  let a: Float64Array = Float64Array.from(x);
  let tangents: Float64Array[] = Array.from(a, (_, i) => Float64Array.from(a, (_value, j) => (i === j ? 1 : 0)));
  shape.forEach((layer, index) => {
    const own = parameters[index] as Parameters[number];
    const { gain } = own;
    const z = preactivation(layer, own, a);
    const product = (input: Float64Array) => affine(layer.outputs, own.weights, new Float32Array(layer.outputs), input);
    tangents = tangents.map(product);
    if (gain) {
      const { normalised, deviation } = normalise(affine(layer.outputs, own.weights, own.bias, a));
      tangents = tangents.map((tangent) =>
        normalisedTangent(tangent, normalised, deviation).map((value, j) => value * (gain[j] as number)),
      );
    }
    a = z.map((value) => activationAt(layer.activation, value).value);
    if (layer.activation !== 'linear') {
      const slopes = z.map((value) => activationAt(layer.activation, value).derivative);
      tangents = tangents.map((tangent) => tangent.map((value, j) => value * (slopes[j] as number)));
    }
  });
  return { output: a, derivatives: tangents };
}

/** Added to the variance under the root of a layer's normalisation, as everywhere. */
export const NORM_EPSILON = 1e-5;

/** (z - mean) / deviation over the units, and that deviation. */
export function normalise(z: Float64Array): { normalised: Float64Array; deviation: number } {
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  const variance = z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / z.length;
  const deviation = Math.sqrt(variance + NORM_EPSILON);
  return { normalised: z.map((value) => (value - mean) / deviation), deviation };
}

/** The normalisation's derivative along `tangent`: symmetric, so it serves the way back as well. */
export function normalisedTangent(tangent: Float64Array, normalised: Float64Array, deviation: number): Float64Array {
  const n = tangent.length;
  const mean = tangent.reduce((sum, value) => sum + value, 0) / n;
  const along = tangent.reduce((sum, value, j) => sum + value * (normalised[j] as number), 0) / n;
  return tangent.map((value, j) => (value - mean - (normalised[j] as number) * along) / deviation);
}

/** What the activation is applied to, [outputs]. */
function preactivation(
  { outputs }: DenseLayer,
  { weights, bias, gain, shift }: LayerParameters,
  a: ArrayLike<number>,
): Float64Array {
  const z = affine(outputs, weights, bias, a);
  if (!gain || !shift) return z;
  return normalise(z).normalised.map((value, j) => value * (gain[j] as number) + (shift[j] as number));
}

/** a W + b, [outputs]. */
function affine(outputs: number, weights: Float32Array, bias: Float32Array, a: ArrayLike<number>): Float64Array {
  const z = Float64Array.from(bias);
  for (let i = 0; i < a.length; i++) {
    const value = a[i] as number;
    if (value === 0) continue;
    const start = i * outputs;
    for (let j = 0; j < outputs; j++) z[j] = (z[j] as number) + value * (weights[start + j] as number);
  }
  return z;
}
