/** The cost of training, from which packs are sized and the order within a pack follows. */
import { type Architecture, multiplyAdds } from '../networks/architecture.ts';
import { METHOD_DEFINITIONS, type Method } from './catalogue.ts';

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
 * (2 forward, 4 backward), and 4 in a pass of a frozen network forward and back to its inputs.
 */
export function epochFlops(
  configuration: Architecture & { readonly method: Method },
  { trainRows, descriptors, energies }: DataSize,
): number {
  const { layers, searchPasses } = METHOD_DEFINITIONS[configuration.method];
  const perRow = 6 + 4 * searchPasses(configuration.k);
  return perRow * trainRows * multiplyAdds(layers(descriptors, energies, configuration));
}
