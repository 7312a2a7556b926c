/** Sizes of the chunks in which files and arrays are read. */

/** Bytes of an array in memory, and of a file read at once: little for a process. */
export const CHUNK_BYTES = 4 * 2 ** 20;

/** Rows of a chunk of float32: at least one, however wide. */
export const rowsPerChunk = (columns: number): number => Math.max(1, Math.floor(CHUNK_BYTES / 4 / Math.max(1, columns)));

/** Frees a buffer of a library, which the garbage collector does not count, at once. */
export function release(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
