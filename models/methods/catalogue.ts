/**
 * The methods and the facts about them that other folders branch on. Free of numerics, so that the
 * server and the pages may import it; what a method computes is in the file of its name.
 */

export const METHODS = ['ednn', 'eca', 'nnca'] as const;
export type Method = (typeof METHODS)[number];

export interface MethodTraits {
  /** The latents are scores on orthonormal directions of the structure, so they expand back. */
  readonly isProjection: boolean;
  /** One fit of rank k yields the ranks 1 to k; otherwise each width is a training of its own. */
  readonly coversAllRanks: boolean;
  /** The trained network is the full emulator, which the method's components are then found with. */
  readonly trainsEmulator: boolean;
}

export const METHOD_TRAITS: Readonly<Record<Method, MethodTraits>> = {
  ednn: { isProjection: false, coversAllRanks: false, trainsEmulator: false },
  eca: { isProjection: true, coversAllRanks: true, trainsEmulator: true },
  nnca: { isProjection: true, coversAllRanks: false, trainsEmulator: false },
};

/** A method at a bottleneck width, or at the highest rank of a fit that covers all ranks. */
export interface Cell {
  readonly method: Method;
  readonly k: number;
}

export const isMethod = (name: unknown): name is Method => METHODS.some((method) => method === name);

/** Methods with an expansion from latents to structures. */
export const PROJECTIONS: readonly Method[] = METHODS.filter((method) => METHOD_TRAITS[method].isProjection);

/** Returns the widths or ranks at which a model trained at k can be used, rising. */
export function ranksOf({ method, k }: Cell): number[] {
  return METHOD_TRAITS[method].coversAllRanks ? Array.from({ length: k }, (_, i) => i + 1) : [k];
}

/** 'ranks 1 to 3' or 'k = 2'. */
export function describeRanks({ method, k }: Cell): string {
  return METHOD_TRAITS[method].coversAllRanks ? `ranks 1 to ${k}` : `k = ${k}`;
}

/** 'ednn/2'; the method alone, 'eca', where one fit covers all ranks. */
export function cellName({ method, k }: Cell): string {
  return METHOD_TRAITS[method].coversAllRanks ? method : `${method}/${k}`;
}
