/** The contract of a method: all that other folders need to know of it, apart from its training. */
import type { Architecture } from '../networks/architecture.ts';
import type { NetworkShape, Parameters } from '../networks/network.ts';

/** A trained network, and the components found with it. */
export interface TrainedNetwork {
  readonly shape: NetworkShape;
  readonly parameters: Parameters;
  /** [k, D], orthonormal rows in standardised descriptors; empty where the method finds none. */
  readonly components: Float32Array;
}

/** A step of a stored model, on standardised values. */
export type Stage =
  /** t = x V', V [k, D] with orthonormal rows. */
  | { readonly kind: 'project'; readonly basis: Float32Array }
  /** x = t V. */
  | { readonly kind: 'expand'; readonly basis: Float32Array }
  /** Layers of the network, the first of them number `first`, counted from 0. */
  | { readonly kind: 'layers'; readonly first: number; readonly shape: NetworkShape; readonly parameters: Parameters };

export interface MethodDefinition {
  /** The latents are scores on orthonormal directions of the structure, so they expand back. */
  readonly isProjection: boolean;
  /** One fit of rank k yields the ranks 1 to k; otherwise each width is a training of its own. */
  readonly coversAllRanks: boolean;
  /** Its training may settle on a direction early that is not the best: starts are compared. */
  readonly isRestarted: boolean;
  /** The trained network is the full emulator, on which components are then found. */
  readonly trainsEmulator: boolean;
  /** Passes of the frozen network, there and back, after training: per training row and epoch. */
  searchPasses(k: number): number;
  /** Returns the layers that a trial trains, for D descriptors and E outputs. */
  layers(D: number, E: number, architecture: Architecture): NetworkShape;
  /** Returns the way from a structure [D] to the latents [k]. */
  encoder(trained: TrainedNetwork, k: number): readonly Stage[];
  /** Returns the way from the latents [k] to a spectrum [E]. */
  decoder(trained: TrainedNetwork, k: number): readonly Stage[];
}

/** Returns V [k, D] of an encoder that projects, else null. */
export const basisOf = ([stage]: readonly Stage[]): Float32Array | null => (stage?.kind === 'project' ? stage.basis : null);

/** Layers `from` up to, not including, `to` as a stage. */
export function layersBetween({ shape, parameters }: TrainedNetwork, from: number, to = shape.length): Stage {
  return { kind: 'layers', first: from, shape: shape.slice(from, to), parameters: parameters.slice(from, to) };
}
