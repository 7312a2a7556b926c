/** EDNN, an encoder-decoder network: D -> hidden -> k -> mirrored hidden -> E. */
import { perceptron } from '../networks/architecture.ts';
import type { NetworkShape } from '../networks/network.ts';
import { layersBetween, type MethodDefinition } from './method.ts';

/** Returns the number of the layer whose output is the latents. */
export const bottleneckOf = (shape: NetworkShape): number => shape.length / 2 - 1;

export const ednn: MethodDefinition = {
  isProjection: false,
  coversAllRanks: false,
  isRestarted: false,
  trainsEmulator: false,
  searchPasses: () => 0,
  // The bottleneck is linear: its units are coordinates, and a squashing activation there would
  // only bend their scale, which the decoder can do itself.
  layers(D, E, architecture) {
    const { hidden, k } = architecture;
    return [...perceptron(D, hidden, k, architecture), ...perceptron(k, [...hidden].reverse(), E, architecture)];
  },
  encoder: (trained) => [layersBetween(trained, 0, bottleneckOf(trained.shape) + 1)],
  decoder: (trained) => [layersBetween(trained, bottleneckOf(trained.shape) + 1)],
};
