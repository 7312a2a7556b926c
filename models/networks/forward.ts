/** Networks in float64: for stored models, Jacobians of decoders, and as the kernel's oracle. */

import { added, dot, meanOf, multiplied, varianceOf } from '../vectors.ts';
import { ACTIVATION_DEFINITIONS } from './activations.ts';
import type { DenseLayer, LayerParameters, NetworkShape, Parameters } from './network.ts';

/** Returns the outputs of every layer for one row x [inputs]; the last one is the network's. */
export function forward(shape: NetworkShape, parameters: Parameters, x: ArrayLike<number>): Float64Array[] {
  const outputs: Float64Array[] = [];
  let a: ArrayLike<number> = x;
  shape.forEach((layer, index) => {
    const z = preactivation(layer, parameters[index] as Parameters[number], a);
    const { at } = ACTIVATION_DEFINITIONS[layer.activation];
    if (layer.activation !== 'linear') {
      for (let j = 0; j < z.length; j++) z[j] = at(z[j] as number).value;
    }
    outputs.push(z);
    a = z;
  });
  return outputs;
}

/** Returns the output at x [inputs], and derivatives[i] = d output / d x_i, [outputs]. */
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
    const zeros = new Float32Array(layer.outputs);
    tangents = tangents.map((tangent) => affine(layer.outputs, own.weights, zeros, tangent));
    if (gain) {
      const { normalised, deviation } = normalise(affine(layer.outputs, own.weights, own.bias, a));
      tangents = tangents.map((tangent) => multiplied(normalisedTangent(tangent, normalised, deviation), gain));
    }
    if (layer.activation !== 'linear') {
      const { at } = ACTIVATION_DEFINITIONS[layer.activation];
      const slopes = new Float64Array(z.length);
      for (let j = 0; j < z.length; j++) {
        const { value, derivative } = at(z[j] as number);
        z[j] = value;
        slopes[j] = derivative;
      }
      tangents = tangents.map((tangent) => multiplied(tangent, slopes));
    }
    a = z;
  });
  return { output: a, derivatives: tangents };
}

/** Added to the variance in layer normalisation. */
export const NORM_EPSILON = 1e-5;

/** Returns (z - mean) / deviation over the units, and that deviation. */
export function normalise(z: Float64Array): { normalised: Float64Array; deviation: number } {
  const mean = meanOf(z);
  const variance = varianceOf(z);
  const deviation = Math.sqrt(variance + NORM_EPSILON);
  return { normalised: z.map((value) => (value - mean) / deviation), deviation };
}

/** Returns the derivative of the normalisation along `tangent`; it is symmetric. */
export function normalisedTangent(tangent: Float64Array, normalised: Float64Array, deviation: number): Float64Array {
  const n = tangent.length;
  const mean = meanOf(tangent);
  const along = dot(tangent, normalised) / n;
  return tangent.map((value, j) => (value - mean - (normalised[j] as number) * along) / deviation);
}

/** Returns the input of the activation, [outputs]. */
function preactivation(
  { outputs }: DenseLayer,
  { weights, bias, gain, shift }: LayerParameters,
  a: ArrayLike<number>,
): Float64Array {
  const z = affine(outputs, weights, bias, a);
  if (!gain || !shift) return z;
  return added(multiplied(normalise(z).normalised, gain), shift);
}

/** Returns a W + b, [outputs]. */
function affine(outputs: number, weights: Float32Array, bias: Float32Array, a: ArrayLike<number>): Float64Array {
  const z = new Float64Array(bias);
  // Not by addScaled: with one kind of array for each side, V8 compiles this loop to faster code.
  for (let i = 0; i < a.length; i++) {
    const value = a[i] as number;
    if (value === 0) continue;
    const from = i * outputs;
    for (let j = 0; j < outputs; j++) z[j] = (z[j] as number) + value * (weights[from + j] as number);
  }
  return z;
}
