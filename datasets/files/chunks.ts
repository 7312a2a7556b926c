/** Sizes of the chunks in which files and arrays are read. */

/**
 * Bytes of an array in memory, and of a file read at once: many rows of usual width, little for a
 * process.
 */
export const CHUNK_BYTES = 4 * 2 ** 20;

/** Rows of a chunk of float32: at least one, however wide. */
export const rowsPerChunk = (columns: number): number => Math.max(1, Math.floor(CHUNK_BYTES / 4 / Math.max(1, columns)));

/**
 * Frees a buffer allocated by a library at once: the garbage collector does not count it and would
 * let such buffers accumulate. Nothing may read the buffer afterwards.
 */
export function release(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
