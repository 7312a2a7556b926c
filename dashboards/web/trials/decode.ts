/** Columns of an answer as charts read them: doubles with NaN for no value, and their extent. */
import { type ColumnData, missingIn } from '../../../search/columns/column.ts';
import type { Column, Columns } from '../../contract/columns.ts';

/** The smallest and the largest value; Infinity and -Infinity without any. */
export interface Extent {
  readonly lowest: number;
  readonly highest: number;
  readonly missing: number;
}

export interface DecodedColumn extends Extent, ColumnData {
  readonly name: string;
  /** Sent as whole numbers. */
  readonly isWhole: boolean;
  readonly values: Float64Array<ArrayBuffer>;
}

export interface Decoded {
  readonly rows: number;
  readonly columns: readonly DecodedColumn[];
  readonly about: Columns['about'];
}

export function decode({ rows, columns, about }: Columns): Decoded {
  return { rows, about, columns: columns.map(decodeColumn) };
}

function decodeColumn({ name, categories = null, values: sent }: Column): DecodedColumn {
  // A loop over one kind of array is several times as fast as one over four kinds.
  const values = new Float64Array(sent);
  const missing = missingIn(sent);
  if (!Number.isNaN(missing)) for (let i = 0; i < values.length; i++) if (values[i] === missing) values[i] = Number.NaN;
  const isWhole = !(sent instanceof Float32Array || sent instanceof Float64Array);
  return { name, categories, isWhole, values, ...extentOf(values) };
}

export function extentOf(values: Float64Array): Extent {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let missing = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) missing++;
    else {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
  }
  return { lowest, highest, missing };
}
