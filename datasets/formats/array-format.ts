/** The contract of a file format: one value per format, whose reader reads arrays in chunks. */
import { NarrowsError } from '../../errors.ts';
import type { SourceRows } from '../files/chunks.ts';
import type { Scratch } from '../files/scratch.ts';
import type { TextKind } from './text-dialect.ts';

export interface ArrayFormat {
  /** Ends of file names, each with its dot. */
  readonly extensions: readonly string[];
  /** A reference to an array of this format, as error messages show it. */
  readonly example: string;
  /** Whether its arrays can be read as text: ids, groups and series. */
  readonly hasText: boolean;
  /** `sequential`: read from the first byte to the last; `random`: in any order. */
  readonly access: 'sequential' | 'random';
  /** Tables of text only: how they separate and comment. */
  readonly textKind?: TextKind;
  /** Loads the reader: a process that reads one format starts without those of the others. */
  load(): Promise<ArrayReader>;
}

export interface ArrayReader {
  /** Throws NarrowsError `array-invalid` for an unsuitable part after the `#`. */
  open(input: ArrayInput): ArraySource;
  /** Archives only: the bytes of a member, hashed instead of the file. Throws `array-invalid`. */
  readMember?(path: string, file: string, member: string): AsyncIterable<Uint8Array>;
}

export interface ArrayInput extends ArrayReference {
  /** As the manifest has it: error messages quote it. */
  readonly reference: string;
  /** Empty for formats with access `sequential`. */
  readonly path: string;
  /** The bytes of the array in order: of the file, or of the member of an archive. */
  bytes(): AsyncIterable<Uint8Array>;
  /** For arrays whose file does not store rows contiguously. */
  readonly scratch: Scratch;
}

export interface ArraySource {
  /**
   * Returns chunks of whole rows, axes after the first as columns: at least one chunk, each valid
   * until the next is requested. Throws NarrowsError `array-invalid` for more than `maxAxes` axes.
   */
  rows(maxAxes: number): AsyncIterable<SourceRows>;
  /** Returns the values of an array of one column, in chunks and without rounding. */
  numbers(): AsyncIterable<ArrayLike<number>>;
  /** For tables only: returns the names of the selected columns. */
  header?(): Promise<readonly string[] | null>;
  /** Returns one column as text, some rows at a time; by default the only one or `id`. */
  column?(name?: string): AsyncIterable<readonly string[]>;
}

/** A file name and, after a `#`, what is meant in the file: a member, a dataset or columns. */
export interface ArrayReference {
  readonly file: string;
  readonly member: string | undefined;
}

export function arrayInvalid(reference: string, reason: string, fix?: string): NarrowsError {
  return new NarrowsError('array-invalid', `${reference}: ${reason}`, { path: reference, fix });
}

/** "the shape (8000, 3)" */
const formatShape = (shape: readonly number[]): string => `the shape (${shape.join(', ')})`;

export const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1);

/** Returns [rows, columns], axes after the first as columns. Throws `array-invalid`. */
export function requireRows(
  shape: readonly number[],
  reference: string,
  maxAxes = Number.POSITIVE_INFINITY,
): readonly [number, number] {
  if (shape.length > maxAxes) {
    const needed = 'one row per structure and one column per value are needed';
    throw arrayInvalid(reference, `it has ${formatShape(shape)}; ${needed}`, `reshape it: array.reshape(${shape[0]}, -1)`);
  }
  const [rows = 0, ...others] = shape;
  const columns = product(others);
  if (columns === 0) throw arrayInvalid(reference, `it has ${formatShape(shape)}, no columns`);
  return [rows, columns];
}

/** Throws NarrowsError `array-invalid` unless the array is one column or one row. */
export function requireOneColumn(shape: readonly number[], reference: string): void {
  if (shape.filter((length) => length !== 1).length > 1)
    throw arrayInvalid(reference, `it has ${formatShape(shape)}; one column is needed`);
}
