/** Sizes and forms of the chunks in which files and arrays are read. */

/** Bytes of an array in memory, and of a file read at once: little for a process. */
export const CHUNK_BYTES = 4 * 2 ** 20;

/** Whole rows, not yet rounded: float64 where float32 does not hold every value of the source. */
export interface SourceRows {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array | Float64Array;
}

/** Rows of a chunk of float32, or of wider values: at least one, however wide. */
export const rowsPerChunk = (columns: number, bytesPerValue = 4): number =>
  Math.max(1, Math.floor(CHUNK_BYTES / bytesPerValue / Math.max(1, columns)));

/** Frees a buffer of a library, which the garbage collector does not count, at once. */
export function release(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
