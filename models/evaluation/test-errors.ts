/**
 * Squared errors of single test rows, from which the uncertainty that comes from a finite test set
 * is estimated. In the scaled units of the score, which is 1 - sum(errors) / sum(spreads).
 */
import type { PackData } from '../training/task.ts';
import { dot, rowOf, sumOf } from '../vectors.ts';
import { coveredVarianceFromSums, squaresByRow } from './covered-variance.ts';

/** Test rows of one partition of a dataset; the same for all trials scored on them. */
export interface TestRows {
  /** Squared distance of each row's target from the column means of the test rows, [nTest]. */
  readonly spreads: Float64Array;
  /** The same for the row's structure, [nTest]. */
  readonly structureSpreads: Float64Array;
  /**
   * Resampling unit of each row, [nTest], from 0: rows that the split never separates (a group
   * where it is by group, near-duplicates); else every row is a unit of its own.
   */
  readonly units: Int32Array;
  /** Stratum of each row, [nTest], where the split is stratified by a series; else null. */
  readonly strata: Int32Array | null;
}

/** A trial or baseline on its test rows; the arrays of TestRows are shared by all of them. */
export interface TestErrors extends TestRows {
  /** Squared error of each row, summed over outputs, [nTest]. */
  readonly errors: Float64Array;
  /** Squared error of each row's expanded structure, [nTest]; null without an expansion. */
  readonly structureErrors: Float64Array | null;
}

/** Test rows as they are stored, once for all trials. */
export interface StoredTestRows extends TestRows {
  /** Squared length of each standardised structure, [nTest]. */
  readonly structureSquares: Float64Array;
}

/** Returns the sums of squares of the test rows that errors are compared with. */
export function testSpreads({ x, y, rows: { test } }: PackData): Omit<StoredTestRows, 'units' | 'strata'> {
  return {
    spreads: squaresByRow(y, test),
    structureSpreads: squaresByRow(x, test),
    structureSquares: Float64Array.from(test, (row) => dot(rowOf(x, row), rowOf(x, row))),
  };
}

/** Bytes of the scale before the errors. */
const SCALE_BYTES = 8;
const LARGEST_FLOAT16 = 65504;

/**
 * Packs errors as a float64 scale and a float16 for each row, little-endian; null where they are
 * not finite. Each is accurate to 2^-11 if above a billionth of the largest; their sum is exact.
 */
export function packErrors(errors: Float64Array): Uint8Array | null {
  const sum = sumOf(errors);
  if (!Number.isFinite(sum)) return null;
  const unit = errors.reduce((most, error) => Math.max(most, error), 0) / LARGEST_FLOAT16;
  const packed = Float16Array.from(errors, (error) => (unit > 0 ? error / unit : 0));
  const total = packed.reduce((before, value) => before + value, 0);
  const bytes = new Uint8Array(SCALE_BYTES + packed.byteLength);
  new DataView(bytes.buffer).setFloat64(0, total > 0 ? sum / total : 0, true);
  bytes.set(new Uint8Array(packed.buffer), SCALE_BYTES);
  return bytes;
}

/** The inverse of packErrors. */
export function unpackErrors(bytes: Uint8Array): Float64Array {
  const scale = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  // Copied, because the bytes may not be aligned.
  const packed = new Float16Array(new Uint8Array(bytes.subarray(SCALE_BYTES)).buffer);
  return Float64Array.from(packed, (value) => value * scale);
}

/** Errors and scores of a trial or baseline as they are stored. */
export interface StoredErrors {
  readonly test: number;
  readonly structureTest: number | null;
  /** See packErrors. */
  readonly errors: Uint8Array | null;
  /** The same of the expanded structures; null where the latents yield them. */
  readonly structureErrors: Uint8Array | null;
  /** Latents of the test rows, [nTest, width], of which the first k count; null without them. */
  readonly latents: { readonly k: number; readonly width: number; readonly data: Float32Array } | null;
}

/** Maximum difference between a stored score and the one that follows from the rows' errors. */
const TOLERANCE = 1e-4;

/** Returns the errors of test rows; undefined where the stored score does not follow from them. */
export function readTestErrors(
  rows: StoredTestRows,
  { test, structureTest, errors: packed, structureErrors: packedStructures, latents }: StoredErrors,
): TestErrors | undefined {
  const errors = packed && unpackErrors(packed);
  if (errors === null || !reproduces(test, errors, rows.spreads)) return undefined;
  const ofLatents = latents && expansionErrors(rows.structureSquares, latents);
  const expanded = structureTest !== null && (packedStructures ? unpackErrors(packedStructures) : ofLatents);
  const structureErrors = expanded && reproduces(structureTest, expanded, rows.structureSpreads) ? expanded : null;
  const { spreads, structureSpreads, units, strata } = rows;
  return { spreads, structureSpreads, units, strata, errors, structureErrors };
}

/**
 * Returns the squared error of each expanded structure: for V with orthonormal rows and t = x V',
 * |x - t V|^2 = |x|^2 - |t|^2.
 */
export function expansionErrors(squares: Float64Array, { k, width, data }: NonNullable<StoredErrors['latents']>): Float64Array {
  return squares.map((square, row) => {
    const t = data.subarray(row * width, row * width + k);
    return Math.max(0, square - dot(t, t));
  });
}

function reproduces(score: number, errors: Float64Array, spreads: Float64Array): boolean {
  if (errors.length !== spreads.length) return false;
  const found = coveredVarianceFromSums(sumOf(errors), sumOf(spreads));
  return Math.abs(found - score) <= TOLERANCE * Math.max(1, Math.abs(score));
}
