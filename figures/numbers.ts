/** Numbers and units as figures write them, and the ranges of axes. */
import type { Cell } from './model.ts';

export type Domain = readonly [number, number];

/** Returns the range of the finite values with a margin on either side; [0, 1] without any. */
export function domainOf(values: Iterable<number | null | undefined>, margin = 0.04): Domain {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const pad = (high - low || Math.abs(high) || 1) * margin;
  return [low - pad, high + pad];
}

/** Returns the position of a value in a domain: 0 at the low end, 1 at the high one, clamped. */
export function shareOf([low, high]: Domain, value: number): number {
  return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
}

/** Returns the indices of the `most` largest in size, falling; of no more, all in their order. */
export function strongest(values: readonly number[], most: number): number[] {
  const places = values.map((_, i) => i);
  if (values.length <= most) return places;
  const size = (i: number) => Math.abs(values[i] ?? 0);
  return places.sort((a, b) => size(b) - size(a)).slice(0, most);
}

/** Rounds to significant digits, with a minus sign: 0.01234, −3.1, 1.2e-7. */
export function short(value: number, digits = 3): string {
  return plain(value, digits).replace(/^-/, '−');
}

/** Rounds to significant digits, with a hyphen for programs: heads of CSV files. */
export const plain = (value: number, digits = 3): string => String(Number(value.toPrecision(digits)));

/** Whether a unit is one that is written: not that of a pure number. */
const isWritten = (unit: string | null): unit is string => unit !== null && unit !== '' && unit !== '1';

/** Returns a quantity with its unit for axes and heads: `energy / eV`, `C / (1/angstrom)`. */
export const withUnit = (name: string, unit: string | null): string =>
  isWritten(unit) ? `${name} / ${unit.startsWith('1/') ? `(${unit})` : unit}` : name;

/** Returns a number followed by its unit, as sentences have it. */
export function measured(value: number, unit: string | null, digits = 4): string {
  const text = short(value, digits);
  if (!isWritten(unit)) return text;
  if (unit === 'degree' || unit === 'degrees') return `${text}°`;
  if (unit.startsWith('1/')) return `${text} per ${unit.slice(2)}`;
  // '1e-3 a0^2 / eV' begins with a power of ten.
  return /^\d/.test(unit) ? `${text} × ${unit}` : `${text} ${unit}`;
}

/** Formats a cell with five significant digits; null as a dash, never as a zero. */
export const formatCell = (cell: Cell): string =>
  cell === null ? '–' : typeof cell === 'number' ? String(Number(cell.toPrecision(5))) : cell;
