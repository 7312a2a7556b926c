/** The cost of training, which decides how packs are sized and ordered, and the size of models. */
import { type Architecture, multiplyAdds } from '../networks/architecture.ts';
import { epochsOfRestarts, type TrialConfiguration } from '../training/configuration.ts';
import { METHOD_DEFINITIONS } from './catalogue.ts';

/** Numbers of columns that the size of a network depends on. */
export interface DataColumns {
  /** Descriptors that vary, D. */
  readonly descriptors: number;
  /** Outputs, E. */
  readonly energies: number;
}

/** Numbers of rows and columns that a cost depends on. */
export interface DataSize extends DataColumns {
  /** Training rows. */
  readonly trainRows: number;
}

/**
 * Returns the floating-point operations of one epoch: for each weight and row 6 in a training step
 * (2 forward, 4 backward), and 4 in a pass of a frozen network forward and back to its inputs. The
 * epochs of restarts are spread over those of the training.
 */
export function epochFlops(configuration: TrialConfiguration, { trainRows, descriptors, energies }: DataSize): number {
  const { layers, searchPasses } = METHOD_DEFINITIONS[configuration.method];
  const passes = 1 + epochsOfRestarts(configuration) / configuration.epochs;
  const perRow = 6 * passes + 4 * searchPasses(configuration.k);
  return perRow * trainRows * multiplyAdds(layers(descriptors, energies, configuration));
}

/**
 * Returns the numbers that a model of width or rank k has learnt: weights, biases, gains and shifts
 * of its network, and the components of a method that finds them in a trained emulator.
 */
export function countParameters(
  configuration: Architecture & Pick<TrialConfiguration, 'method'>,
  k: number,
  { descriptors, energies }: DataColumns,
): number {
  const { layers, trainsEmulator } = METHOD_DEFINITIONS[configuration.method];
  const ofNetwork = layers(descriptors, energies, configuration).reduce(
    (sum, { inputs, outputs, bias, normalised }) => sum + outputs * (inputs + (bias ? 1 : 0) + (normalised ? 2 : 0)),
    0,
  );
  return ofNetwork + (trainsEmulator ? k * descriptors : 0);
}
