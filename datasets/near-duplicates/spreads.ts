/** Centre and spread of columns, which a few outliers do not change. */
import type { Matrix } from '../../models/axes.ts';

export interface ColumnSpreads {
  readonly centres: Float64Array;
  /** In the columns' units; 0 where all values are equal. */
  readonly spreads: Float64Array;
}

/** Rows that the middle of the columns is taken from; more would hardly move it. */
const SAMPLE_ROWS = 1024;
/** Limit of the values of these rows. */
const SAMPLE_VALUES = 2 ** 22;
/** Fewer values tell nothing about outliers. */
const LEAST_VALUES = 8;
/** Share of the values on either side that may be outliers. */
const TAIL = 0.05;

/**
 * Returns the standard deviations of columns, or, where it is less, the width of the middle 90 % of
 * a column's values: there a few outliers make up the deviation.
 */
export async function measureSpreads(rows: number, columns: number, chunks: AsyncIterable<Matrix>): Promise<ColumnSpreads> {
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  const step = Math.max(1, Math.ceil(rows / SAMPLE_ROWS), Math.ceil((rows * columns) / SAMPLE_VALUES));
  const sample = new Float32Array(Math.ceil(rows / step) * columns);
  // Relative to the first row, so that a large mean does not cancel the digits of a small spread.
  let origin: Float32Array | null = null;
  let seen = 0;
  for await (const { rows: count, data } of chunks) {
    origin ??= data.slice(0, columns);
    addMoments(data, origin, sums, squares);
    for (let row = Math.ceil(seen / step) * step; row < seen + count; row += step) {
      sample.set(data.subarray((row - seen) * columns, (row - seen + 1) * columns), (row / step) * columns);
    }
    seen += count;
  }
  const centres = sums.map((sum, d) => (origin?.[d] ?? 0) + sum / rows);
  const spreads = squares.map((sum, d) => Math.sqrt(Math.max(sum / rows - ((sums[d] ?? 0) / rows) ** 2, 0)));
  for (let d = 0; d < columns; d++) {
    const middle = findMiddle(sample, columns, d);
    if (middle === null || middle.width >= (spreads[d] ?? 0)) continue;
    centres[d] = middle.centre;
    spreads[d] = middle.width;
  }
  return { centres, spreads };
}

/** Adds values relative to the origin, and their squares, to the sums of the columns. */
function addMoments(data: Float32Array, origin: Float32Array, sums: Float64Array, squares: Float64Array): void {
  const columns = sums.length;
  for (let at = 0; at < data.length; at += columns) {
    for (let d = 0; d < columns; d++) {
      const value = (data[at + d] ?? 0) - (origin[d] ?? 0);
      sums[d] = (sums[d] ?? 0) + value;
      squares[d] = (squares[d] ?? 0) + value ** 2;
    }
  }
}

/**
 * Returns the median and the width of the middle of a column. Values that equal the median count
 * once, since many descriptors are 0 in most rows. Null where too few others are left.
 */
function findMiddle(sample: Float32Array, columns: number, column: number): { centre: number; width: number } | null {
  const values = new Float32Array(sample.length / columns);
  for (let row = 0; row < values.length; row++) values[row] = sample[row * columns + column] ?? 0;
  values.sort();
  const centre = values[values.length >> 1] ?? 0;
  const [first, last] = [values.indexOf(centre), values.lastIndexOf(centre)];
  const repeats = last - first + 1;
  const others = values.length - repeats;
  if (others < LEAST_VALUES) return null;
  const other = (index: number) => values[index < first ? index : index + repeats] ?? centre;
  // At least one on either side: a single outlier counts at any number of rows.
  const tail = Math.max(1, Math.floor(TAIL * others));
  const [low, high] = [other(tail), other(others - 1 - tail)];
  return { centre, width: Math.max(high, centre) - Math.min(low, centre) };
}
