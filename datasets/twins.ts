/** Rows that are the same, and structures that nearly are. */
import { createHash } from 'node:crypto';
import type { Matrix } from '../models/axes.ts';
import { stream } from '../models/random.ts';

/** Two structures whose descriptors all differ by less than this, in standard deviations, are nearly the same: a spectrum hardly tells them apart. */
export const TIED_WITHIN = 1e-3;

/** By row: a name of its content in all of these arrays, which have as many rows. */
export function contentOfRows(arrays: readonly Matrix[]): string[] {
  const rows = arrays[0]?.rows ?? 0;
  return Array.from({ length: rows }, (_, row) => {
    const hash = createHash('sha256');
    for (const { columns, data } of arrays) {
      hash.update(new Uint8Array(data.buffer, data.byteOffset + 4 * row * columns, 4 * columns));
    }
    return hash.digest('base64');
  });
}

/**
 * Pairs [row of `own`, row of `earlier` followed by `own`] of structures that differ by less than TIED_WITHIN standard deviations of `earlier` in every descriptor; each row with the
 * first such one before it, and with every further one on whose account it could not be told apart. Sorted along one direction, in which near rows are near: N log N.
 */
export function nearTwins(earlier: Matrix, own: Matrix): [number, number][] {
  const D = earlier.columns;
  const deviations = deviationsOf(earlier);
  const rows = earlier.rows + own.rows;
  const at = (row: number, d: number) =>
    (row < earlier.rows ? earlier.data[row * D + d] : own.data[(row - earlier.rows) * D + d]) as number;
  const { normal } = stream(1, 'direction');
  const direction = Float64Array.from({ length: D }, () => normal());
  const along = Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += ((direction[d] as number) * at(row, d)) / (deviations[d] as number);
    return sum;
  });
  // As far as rows can be apart along the direction that differ by no more than the tolerance in each descriptor.
  const reach = TIED_WITHIN * direction.reduce((sum, value) => sum + Math.abs(value), 0);
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort((a, b) => (along[a] as number) - (along[b] as number));
  const pairs: [number, number][] = [];
  order.forEach((row, place) => {
    for (let next = place + 1; next < rows; next++) {
      const other = order[next] as number;
      if ((along[other] as number) - (along[row] as number) > reach) break;
      const [first, second] = row < other ? [row, other] : [other, row];
      if (second < earlier.rows) continue;
      let near = true;
      for (let d = 0; d < D && near; d++) near = Math.abs(at(first, d) - at(second, d)) < TIED_WITHIN * (deviations[d] as number);
      if (near) pairs.push([second - earlier.rows, first]);
    }
  });
  return pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** Of each column; a column that does not vary counts in its own unit. */
function deviationsOf({ rows, columns, data }: Matrix): Float64Array {
  return Float64Array.from({ length: columns }, (_, column) => {
    let [sum, squares] = [0, 0];
    for (let i = column; i < data.length; i += columns) sum += data[i] as number;
    const mean = sum / rows;
    for (let i = column; i < data.length; i += columns) squares += ((data[i] as number) - mean) ** 2;
    return Math.sqrt(squares / rows) || 1;
  });
}
