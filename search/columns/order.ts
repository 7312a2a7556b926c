/** The order of trials by one column: rows without a value last, equal ones in the plan's order. */
import { type ColumnData, missingIn } from './column.ts';

export type Order = 'asc' | 'desc';

/** Digits of a key: of 16 bits each, four to a double. */
const RADIX = 0x10000;

/**
 * Sorts rows (rising numbers) in place by a column of numbers, or of categories by position. A
 * radix sort of the doubles' bits takes a tenth of comparing them: 10 ms for 100,000 rows.
 */
export function sortRows(rows: Uint32Array<ArrayBuffer>, { values }: ColumnData, order: Order): void {
  const missing = missingIn(values);
  const without = new Uint32Array(rows.length);
  let from = new Uint32Array(rows.length);
  let [lacking, found] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    const value = values[row] ?? missing;
    if (Number.isNaN(value) || value === missing) without[lacking++] = row;
    else from[found++] = row;
  }
  from = from.subarray(0, found);
  const keys = new Uint32Array(2 * values.length);
  const double = new Float64Array(1);
  const [low, high] = littleEndian ? [0, 1] : [1, 0];
  const bits = new Uint32Array(double.buffer);
  const flip = order === 'asc' ? 0 : 0xffffffff;
  for (let i = 0; i < found; i++) {
    const row = from[i] ?? 0;
    // Bits of doubles rise with their values once negative ones are inverted; adding 0 makes -0
    // the 0 that it equals.
    double[0] = (values[row] ?? 0) + 0;
    const lower = bits[low] ?? 0;
    const upper = bits[high] ?? 0;
    const sign = upper >>> 31 === 1 ? 0xffffffff : 0;
    keys[2 * row] = lower ^ sign ^ flip;
    keys[2 * row + 1] = upper ^ (sign | 0x80000000) ^ flip;
  }
  let to = new Uint32Array(from.length);
  for (let digit = 0; digit < 4; digit++) {
    const [word, shift] = [digit >> 1, 16 * (digit & 1)];
    const starts = new Uint32Array(RADIX + 1);
    const digitOf = (row: number) => ((keys[2 * row + word] ?? 0) >>> shift) & (RADIX - 1);
    for (let i = 0; i < found; i++) {
      const at = digitOf(from[i] ?? 0) + 1;
      starts[at] = (starts[at] ?? 0) + 1;
    }
    // A digit that all share changes no order: the last ones of numbers sent as single floats.
    if (starts.includes(found)) continue;
    for (let i = 1; i <= RADIX; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
    for (let i = 0; i < found; i++) {
      const row = from[i] ?? 0;
      const at = digitOf(row);
      const start = starts[at] ?? 0;
      to[start] = row;
      starts[at] = start + 1;
    }
    [from, to] = [to, from];
  }
  rows.set(from);
  rows.set(without.subarray(0, lacking), found);
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Maps an entry of a column to a number that rises in the order; Infinity for a missing one. */
export type SortKey = (value: number) => number;

/** `ranks` replaces positions of categories by others. */
export function sortKey({ values }: ColumnData, order: Order, ranks?: readonly number[]): SortKey {
  const missing = missingIn(values);
  const sign = order === 'asc' ? 1 : -1;
  return (value) => (Number.isNaN(value) || value === missing ? Number.POSITIVE_INFINITY : sign * (ranks?.[value] ?? value));
}

/** Returns the alphabetical rank of each category, numbers within them in order of size. */
export function alphabeticalRanks(categories: readonly string[]): number[] {
  const sorted = categories.toSorted(new Intl.Collator('en', { numeric: true }).compare);
  return categories.map((category) => sorted.indexOf(category));
}

interface Entry {
  readonly key: number;
  readonly row: number;
}

const compareEntries = (a: Entry, b: Entry) => (a.key === b.key ? a.row - b.row : a.key < b.key ? -1 : 1);

/** Entries that are collected beyond the wanted ones before the last ones are dropped again. */
const SPARE = 512;

/** Returns the first `most` of what sortRows makes of the rows (rising numbers), in one pass. */
export function firstRows(
  rows: Uint32Array,
  column: ColumnData,
  order: Order,
  most: number,
  key: SortKey = sortKey(column, order),
): Uint32Array<ArrayBuffer> {
  const { values } = column;
  let kept: Entry[] = [];
  let last: Entry | undefined;
  // Values that rise with the numbers, such as times, are met in order: few are kept in vain.
  for (let i = 0; i < rows.length; i++) {
    const row = rows[order === 'desc' ? rows.length - 1 - i : i] ?? 0;
    const own = key(values[row] ?? Number.NaN);
    if (last && (own > last.key || (own === last.key && row > last.row))) continue;
    kept.push({ key: own, row });
    if (kept.length < 2 * most + SPARE) continue;
    kept = kept.sort(compareEntries).slice(0, most);
    last = kept.at(-1);
  }
  return Uint32Array.from(kept.sort(compareEntries).slice(0, most), ({ row }) => row);
}
