/** Whether stored arrays vary over some rows, read no further than that takes. */
import { variesBeyondRounding } from '../models/variation.ts';
import type { ArrayStore, JoinedArray } from './description.ts';

/**
 * Returns whether a column of an array varies over these rows, ascending, as fitScaling requires.
 * Reading ends at the first part that shows it; only a constant array is read whole.
 */
export async function variesOver(store: ArrayStore, array: JoinedArray, rows: Uint32Array): Promise<boolean> {
  // Welford's algorithm: the sum of squares about the mean only rises, so an early yes is sure.
  const mean = new Float64Array(array.columns);
  const squares = new Float64Array(array.columns);
  let [row, taken] = [0, 0];
  for await (const values of rowChunks(store, array)) {
    for (let at = 0; at < values.length; at += array.columns, row++) {
      if (row !== rows[taken]) continue;
      taken++;
      mean.forEach((before, column) => {
        const value = values[at + column] ?? Number.NaN;
        const after = before + (value - before) / taken;
        mean[column] = after;
        squares[column] = (squares[column] ?? 0) + (value - before) * (value - after);
      });
    }
    if (squares.some((sum, column) => variesBeyondRounding(Math.sqrt(sum / rows.length), mean[column] ?? 0))) return true;
  }
  return false;
}

/** Yields whole rows. */
async function* rowChunks(store: ArrayStore, { columns, parts }: JoinedArray): AsyncGenerator<Float32Array> {
  for (const { sha256 } of parts) {
    let rest = new Uint8Array(0);
    for await (const piece of store.pieces(sha256)) {
      // A copy, as the bytes of the store may start at any offset of a buffer.
      const bytes = new Uint8Array(rest.length + piece.length);
      bytes.set(rest);
      bytes.set(piece, rest.length);
      const whole = bytes.length - (bytes.length % (columns * Float32Array.BYTES_PER_ELEMENT));
      yield new Float32Array(bytes.buffer, 0, whole / Float32Array.BYTES_PER_ELEMENT);
      rest = bytes.slice(whole);
    }
  }
}
