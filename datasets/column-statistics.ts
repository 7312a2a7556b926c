/** Mean and deviation of each column of an array, before it is rounded to float32. */
import { variesBeyondRounding } from '../models/variation.ts';
import type { SourceRows } from './files/chunks.ts';

export interface ColumnStatistics {
  readonly mean: number;
  readonly deviation: number;
}

export interface StatisticsSum {
  /** Adds rows, all of the same number of columns. */
  add(rows: SourceRows): void;
  end(): ColumnStatistics[];
}

export function sumStatistics(): StatisticsSum {
  // Differences from the first row keep their digits where a mean is large.
  let first: Float64Array | null = null;
  let [sums, squares] = [new Float64Array(0), new Float64Array(0)];
  let count = 0;
  return {
    add({ rows, columns, data }) {
      if (rows === 0) return;
      if (first === null) {
        first = Float64Array.from(data.subarray(0, columns));
        [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
      }
      for (let at = 0; at < data.length; at += columns) {
        for (let column = 0; column < columns; column++) {
          const difference = (data[at + column] as number) - (first[column] as number);
          sums[column] = (sums[column] as number) + difference;
          squares[column] = (squares[column] as number) + difference * difference;
        }
      }
      count += rows;
    },
    end: () =>
      Array.from(first ?? [], (start, column) => {
        const mean = (sums[column] as number) / count;
        const variance = (squares[column] as number) / count - mean * mean;
        return { mean: start + mean, deviation: Math.sqrt(Math.max(0, variance)) };
      }),
  };
}

export function statisticsOf(arrays: readonly SourceRows[]): ColumnStatistics[] {
  const sum = sumStatistics();
  for (const array of arrays) sum.add(array);
  return sum.end();
}

/** Returns whether a column varies, by the rule of a sweep. */
export const varies = ({ mean, deviation }: ColumnStatistics): boolean => variesBeyondRounding(deviation, mean);
