/** Values of many trials as typed arrays: one entry per trial, with categories as numbers. */
import type { WireType } from './trial-columns.ts';
import type { Test } from './where.ts';

export type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

export interface ColumnData {
  /** Numbers, or positions in `categories`; see missingIn for entries without a value. */
  readonly values: ColumnArray;
  /** Null for a column of numbers. */
  readonly categories: readonly string[] | null;
}

export const COLUMN_ARRAYS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<WireType, unknown>;

/** Returns the entry that means "no value": the largest number of an integer type, else NaN. */
export function missingIn(values: ColumnArray): number {
  if (values instanceof Uint8Array) return 0xff;
  if (values instanceof Uint16Array) return 0xffff;
  return values instanceof Uint32Array ? 0xffffffff : Number.NaN;
}

/** Returns the smallest array that holds positions in so many categories, and a missing one. */
export const categoryArray = (rows: number, categories: number): Uint8Array | Uint16Array =>
  categories < 0xff ? new Uint8Array(rows) : new Uint16Array(rows);

/** Stores texts as positions among their distinct values, as they appear; '' is none. */
export function encodeText(texts: readonly string[]): ColumnData {
  const categories = [...new Set(texts)].filter((text) => text !== '');
  const values = categoryArray(texts.length, categories.length);
  const positions = new Map(categories.map((text, position) => [text, position]));
  for (const [row, text] of texts.entries()) values[row] = positions.get(text) ?? missingIn(values);
  return { values, categories };
}

/** Returns the value of a row as text or number, null where it has none. */
export function valueAt({ values, categories }: ColumnData, row: number): string | number | null {
  const value = values[row] ?? Number.NaN;
  if (Number.isNaN(value) || value === missingIn(values)) return null;
  return categories ? (categories[value] ?? null) : value;
}

/** Clears the mask (1 = kept) of every row whose value fails the test. */
export function narrow(mask: Uint8Array, { values, categories }: ColumnData, test: Test): void {
  const missing = missingIn(values);
  const keepsMissing = test(null) ? 1 : 0;
  if (categories) {
    const kept = Uint8Array.from(categories, (category) => (test(category) ? 1 : 0));
    for (let row = 0; row < mask.length; row++) {
      const value = values[row] ?? missing;
      const isKept = Number.isNaN(value) || value === missing ? keepsMissing : kept[value];
      if (isKept === 0) mask[row] = 0;
    }
    return;
  }
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue;
    const value = values[row] ?? missing;
    mask[row] = Number.isNaN(value) || value === missing ? keepsMissing : test(value) ? 1 : 0;
  }
}

/** Returns the rows whose mask is 1, rising. */
export function rowsOf(mask: Uint8Array): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(mask.length);
  let next = 0;
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) rows[next++] = row;
  return rows.slice(0, next);
}

/** Copies entries of some rows, in their order, into `into`. */
export function gather<Values extends ColumnArray>({ values }: ColumnData, rows: Uint32Array, into: Values): Values {
  for (let i = 0; i < rows.length; i++) into[i] = values[rows[i] ?? 0] ?? Number.NaN;
  return into;
}

/**
 * Writes `from`, one entry per element of `rows`, into these rows of `into`. Categories are matched
 * by name; `add` returns the position of one that `into` does not have.
 */
export function scatter(
  into: ColumnData,
  rows: ArrayLike<number>,
  from: ColumnData,
  add: (category: string) => number = () => missingIn(into.values),
): void {
  const { values: written, categories: known } = into;
  const { values, categories } = from;
  const [missing, none] = [missingIn(values), missingIn(written)];
  const isSame = !categories || !known || categories.every((category, position) => known[position] === category);
  if (isSame && (missing === none || Number.isNaN(missing))) {
    for (let i = 0; i < values.length; i++) written[rows[i] ?? 0] = values[i] ?? none;
    return;
  }
  const positions = categories?.map((category) => {
    const position = known?.indexOf(category) ?? -1;
    return position >= 0 ? position : add(category);
  });
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? missing;
    const isMissing = Number.isNaN(value) || value === missing;
    written[rows[i] ?? 0] = isMissing ? none : positions ? (positions[value] ?? none) : value;
  }
}

/** Returns how many rows of a mask are 1. */
export function countKept(mask: Uint8Array): number {
  let count = 0;
  for (let row = 0; row < mask.length; row++) count += mask[row] ?? 0;
  return count;
}
