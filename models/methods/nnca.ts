/**
 * NNCA (Passilahti, Vladyka, Niskanen, arXiv 2406.14044): the encoder is a projection as ECA's,
 * linear and without bias, D -> k; then a decoder k -> hidden -> E. Both are trained together.
 */
import { denseLayer, perceptron } from '../networks/architecture.ts';
import { layersBetween, type MethodDefinition } from './method.ts';

/** Number of the layer whose output is the latents. */
export const LATENT_LAYER = 0;

export const nnca: MethodDefinition = {
  isProjection: true,
  coversAllRanks: false,
  isRestarted: true,
  trainsEmulator: false,
  searchPasses: () => 0,
  layers(D, E, architecture) {
    const { hidden, k } = architecture;
    return [denseLayer(D, k, 'linear', false), ...perceptron(k, hidden, E, architecture)];
  },
  /** The first layer's weights are V', [D, k]: orthonormal-encoder.ts. */
  encoder({ parameters: [encoder] }, k) {
    const weights = encoder?.weights ?? new Float32Array(0);
    return [{ kind: 'project', basis: transpose(weights, weights.length / k, k) }];
  },
  decoder: (trained) => [layersBetween(trained, LATENT_LAYER + 1)],
};

/** [rows, columns] -> [columns, rows]. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
}
