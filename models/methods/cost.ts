/** The cost of training, from which packs are sized and the order within a pack follows. */
import { multiplyAdds } from '../networks/architecture.ts';
import { epochsOfRestarts, type TrialConfiguration } from '../training/configuration.ts';
import { METHOD_DEFINITIONS } from './catalogue.ts';

/** Numbers of rows and columns that a cost depends on. */
export interface DataSize {
  /** Training rows. */
  readonly trainRows: number;
  /** Descriptors that vary, D. */
  readonly descriptors: number;
  /** Outputs, E. */
  readonly energies: number;
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
