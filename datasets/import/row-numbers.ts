/** Finds columns that count the rows in order: indices of pandas and Spark. */
import type { SourceRows } from '../files/chunks.ts';

export interface RowNumbersSearch {
  /** Adds rows, all of the same number of columns. */
  add(rows: SourceRows): void;
  /** Returns the columns. */
  end(): readonly number[];
}

/** Fewer rows are counted by chance. */
export const MIN_COUNTED_ROWS = 10;

/** Spark numbers the rows of each partition from a multiple of it. */
const SPARK_PARTITION = 2 ** 33;

export function searchRowNumbers(): RowNumbersSearch {
  let candidates: number[] | null = null;
  let [count, last] = [0, new Float64Array(0)];
  return {
    add({ rows, columns, data }) {
      candidates ??= [...Array(columns).keys()].filter((column) => data[column] === 0 || data[column] === 1);
      if (last.length === 0) last = Float64Array.from({ length: columns }, (_, column) => (data[column] as number) - 1);
      // Most columns are dropped at their second row.
      for (let row = 0; row < rows && candidates.length > 0; row++) {
        candidates = candidates.filter((column) => {
          const value = data[row * columns + column] as number;
          const before = last[column] as number;
          last[column] = value;
          return value === before + 1 || (value > before && value % SPARK_PARTITION === 0);
        });
      }
      count += rows;
    },
    end: () => (count < MIN_COUNTED_ROWS ? [] : (candidates ?? [])),
  };
}
