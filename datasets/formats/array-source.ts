/** What every format answers for one reference: in chunks, so that memory does not grow with the file. */
import type { Matrix } from '../../models/axes.ts';

export interface ArraySource {
  /** [rows, columns] in chunks of whole rows, in order: at least one chunk, which may have no row. A chunk is good until the next is asked for. */
  matrix(): AsyncIterable<Matrix>;
  /** The same of an array of any number of axes, all but the first as columns. */
  rows(): AsyncIterable<Matrix>;
  /** A single column in float64. */
  numbers(): Promise<Float64Array>;
  /** Names of the columns; null where they have none. */
  header(): Promise<readonly string[] | null>;
  /** A column as text, some rows at a time; the only one, or the one called `id`, where no name is given. */
  column(name?: string): AsyncIterable<readonly string[]>;
}

/** What is held of an array at a time, and read of a file at once: many rows of usual width, and little beside a process. */
export const CHUNK_BYTES = 4 * 2 ** 20;

/** Rows of a chunk of float32: at least one, however wide. */
export const rowsPerChunk = (columns: number): number => Math.max(1, Math.floor(CHUNK_BYTES / 4 / Math.max(1, columns)));

/**
 * Gives the memory of what a library has made back at once: a garbage collector does not see that there is anything to hurry for, and it adds up. Nothing may look at it any
 * more.
 */
export function release(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** All parts as one, in float64. */
export async function concatenate(parts: AsyncIterable<ArrayLike<number>>): Promise<Float64Array> {
  const whole: Float64Array[] = [];
  for await (const part of parts) whole.push(Float64Array.from(part));
  const data = new Float64Array(whole.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of whole) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}
