/** Methods at a width, as titles, ids and heads of tables name them. */
import { type Cell, METHODS, type Method } from '../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import type { LegendEntry } from './model.ts';

export const cellId = ({ method, k }: Cell): string => `${method}-k${k}`;

/** A method's line with its mark, for a legend. */
export function methodSample(method: Method): LegendEntry {
  const { label, dash } = METHOD_STYLES[method];
  return { kind: 'sample', shape: 'line', label, colour: method, symbol: method, dash };
}

/** The methods of cells, in their order everywhere. */
export const methodsOf = (cells: readonly Cell[]): Method[] =>
  METHODS.filter((method) => cells.some((cell) => cell.method === method));

/** The widths of cells, rising. */
export const widthsOf = (cells: readonly { readonly k: number | null }[]): number[] =>
  [...new Set(cells.flatMap(({ k }) => k ?? []))].sort((a, b) => a - b);
