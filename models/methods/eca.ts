/** ECA: an emulator D -> hidden -> E, then components of the structure (see components.ts). */
import { perceptron } from '../networks/architecture.ts';
import { layersBetween, type MethodDefinition, type TrainedNetwork } from './method.ts';

/** Returns the first k components, V [k, D]. */
function basisOf({ shape: [input], components }: TrainedNetwork, k: number): Float32Array {
  return components.subarray(0, k * (input?.inputs ?? 0));
}

export const eca: MethodDefinition = {
  isProjection: true,
  coversAllRanks: true,
  isRestarted: false,
  trainsEmulator: true,
  searchPasses: (k) => k,
  layers: (D, E, architecture) => perceptron(D, architecture.hidden, E, architecture),
  encoder: (trained, k) => [{ kind: 'project', basis: basisOf(trained, k) }],
  decoder: (trained, k) => [{ kind: 'expand', basis: basisOf(trained, k) }, layersBetween(trained, 0)],
};
