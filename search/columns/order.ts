/** The order in which trials are listed: by one column, those without a value last, equal ones in the plan's order. */
import type { Field } from '../../dashboards/web/trials/table.ts';

export type Order = 'asc' | 'desc';

/** Digits of a key: of 16 bits each, four to a double. */
const RADIX = 0x10000;

/** Sorts rows (rising numbers) in place. By digits of the numbers' bits, which takes some ten milliseconds for 100,000 rows where comparing takes a hundred. */
export function sortRows(rows: Uint32Array<ArrayBuffer>, { values }: Field, order: Order): void {
  const without = new Uint32Array(rows.length);
  let from = new Uint32Array(rows.length);
  let [missing, found] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (Number.isNaN(values[row] as number)) without[missing++] = row;
    else from[found++] = row;
  }
  from = from.subarray(0, found);
  const keys = new Uint32Array(2 * values.length);
  const double = new Float64Array(1);
  const [low, high] = littleEndian ? [0, 1] : [1, 0];
  const bits = new Uint32Array(double.buffer);
  const turned = order === 'asc' ? 0 : 0xffffffff;
  for (const row of from) {
    // Bits of doubles rise with their values once negative ones are turned over; adding 0 makes -0 the 0 that it equals.
    double[0] = (values[row] as number) + 0;
    const sign = (bits[high] as number) >>> 31 === 1 ? 0xffffffff : 0;
    keys[2 * row] = (bits[low] as number) ^ sign ^ turned;
    keys[2 * row + 1] = (bits[high] as number) ^ (sign | 0x80000000) ^ turned;
  }
  let to = new Uint32Array(from.length);
  for (let digit = 0; digit < 4; digit++) {
    const [word, shift] = [digit >> 1, 16 * (digit & 1)];
    const starts = new Uint32Array(RADIX + 1);
    const digitOf = (row: number) => ((keys[2 * row + word] as number) >>> shift) & (RADIX - 1);
    for (const row of from) {
      const at = digitOf(row) + 1;
      starts[at] = (starts[at] as number) + 1;
    }
    // A digit that all share, as the last ones of numbers that were sent as single floats, changes no order.
    if (found > 0 && starts[digitOf(from[0] as number) + 1] === found) continue;
    for (let i = 1; i <= RADIX; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
    for (const row of from) {
      const at = digitOf(row);
      to[starts[at] as number] = row;
      starts[at] = (starts[at] as number) + 1;
    }
    [from, to] = [to, from];
  }
  rows.set(from);
  rows.set(without.subarray(0, missing), found);
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The first `most` of what sortRows makes of the rows (rising numbers), in one pass: what a table shows before anybody scrolls. */
export function firstRows(
  rows: Uint32Array<ArrayBuffer>,
  { values }: Field,
  order: Order,
  most: number,
): Uint32Array<ArrayBuffer> {
  const first = new Uint32Array(Math.min(most, rows.length));
  const keys = new Float64Array(first.length);
  const without: number[] = [];
  const sign = order === 'asc' ? 1 : -1;
  let found = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const key = sign * (values[row] as number);
    if (Number.isNaN(key)) {
      if (without.length < first.length) without.push(row);
      continue;
    }
    const isFull = found === first.length;
    // Of equal ones the earlier is there already.
    if (isFull && !(key < (keys[found - 1] as number))) continue;
    let at = isFull ? found - 1 : found++;
    for (; at > 0 && key < (keys[at - 1] as number); at--) {
      keys[at] = keys[at - 1] as number;
      first[at] = first[at - 1] as number;
    }
    keys[at] = key;
    first[at] = row;
  }
  first.set(without.slice(0, first.length - found), found);
  return first;
}
