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
  return {
    rows,
    about,
    columns: columns.map((column) => {
      const values = toDoubles(column);
      return {
        name: column.name,
        categories: column.categories ?? null,
        isWhole: hasIntegers(column),
        values,
        ...extentOf(values),
      };
    }),
  };
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

/** A loop over one kind of array is several times as fast as one over four kinds. */
function toDoubles({ values: sent }: Column): Float64Array<ArrayBuffer> {
  const values = new Float64Array(sent);
  const missing = missingIn(sent);
  if (!Number.isNaN(missing)) for (let i = 0; i < values.length; i++) if (values[i] === missing) values[i] = Number.NaN;
  return values;
}

const hasIntegers = ({ values }: Column): boolean => !(values instanceof Float32Array || values instanceof Float64Array);
