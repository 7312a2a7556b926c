import { stream } from '../random.ts';
import { ACTIVATION_DEFINITIONS } from './activations.ts';
import type { LayerParameters, NetworkShape, Parameters } from './network.ts';

/**
 * Parameters at a start of a trial, drawn at (seed, start, layer). Weights are normal with variance
 * 1/inputs (LeCun et al. 1998, doi:10.1007/3-540-49430-8_2), twice that before a relu (He et al.
 * 2015, arXiv 1502.01852); biases uniform within 1/sqrt(inputs), so that the units of a layer with
 * few inputs bend at different places.
 */
export function initialParameters(shape: NetworkShape, seed: number, start = 0): Parameters {
  return shape.map(({ inputs, outputs, activation, bias, normalised }, index): LayerParameters => {
    const { normal, uniform } = stream(seed, 'initial parameters', start * shape.length + index);
    const deviation = Math.sqrt(ACTIVATION_DEFINITIONS[activation].initialVariance / inputs);
    const bound = 1 / Math.sqrt(inputs);
    return {
      weights: Float32Array.from({ length: inputs * outputs }, () => normal() * deviation),
      bias: Float32Array.from({ length: outputs }, () => (bias ? (2 * uniform() - 1) * bound : 0)),
      ...(normalised && { gain: new Float32Array(outputs).fill(1), shift: new Float32Array(outputs) }),
    };
  });
}

/** Parameters of the same shape, all zero: the optimiser state before the first step. */
export function zeroParameters(shape: NetworkShape): Parameters {
  return shape.map(({ inputs, outputs, normalised }) => ({
    weights: new Float32Array(inputs * outputs),
    bias: new Float32Array(outputs),
    ...(normalised && { gain: new Float32Array(outputs), shift: new Float32Array(outputs) }),
  }));
}
