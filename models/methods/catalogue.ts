/** The methods, by name, free of numerics, so that server, pages and workflows may import it. */
import { eca } from './eca.ts';
import { ednn } from './ednn.ts';
import type { MethodDefinition } from './method.ts';
import { nnca } from './nnca.ts';

export const METHODS = ['ednn', 'eca', 'nnca'] as const;
export type Method = (typeof METHODS)[number];

export const METHOD_DEFINITIONS: Readonly<Record<Method, MethodDefinition>> = { ednn, eca, nnca };

/** A method at a bottleneck width, or at the highest rank of a fit that covers all ranks. */
export interface Cell {
  readonly method: Method;
  readonly k: number;
}

/** Orders cells by method, then by width. */
export const compareCells = (a: Cell, b: Cell): number => METHODS.indexOf(a.method) - METHODS.indexOf(b.method) || a.k - b.k;

export const isMethod = (name: unknown): name is Method => METHODS.some((method) => method === name);

/** Methods with an expansion from latents to structures. */
export const PROJECTIONS: readonly Method[] = METHODS.filter((method) => METHOD_DEFINITIONS[method].isProjection);

/** Returns the widths or ranks at which a model trained at k can be used, rising. */
export function ranksOf({ method, k }: Cell): number[] {
  return METHOD_DEFINITIONS[method].coversAllRanks ? Array.from({ length: k }, (_, i) => i + 1) : [k];
}

/** 'ranks 1 to 3' or 'k = 2'. */
export function describeRanks({ method, k }: Cell): string {
  return METHOD_DEFINITIONS[method].coversAllRanks ? `ranks 1 to ${k}` : `k = ${k}`;
}

/** 'ednn/2'; the method alone, 'eca', where one fit covers all ranks. */
export function cellName({ method, k }: Cell): string {
  return METHOD_DEFINITIONS[method].coversAllRanks ? method : `${method}/${k}`;
}
