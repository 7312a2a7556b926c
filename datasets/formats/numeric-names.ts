/** Tells a first line of energies from a row: a row taken for names would be lost. */
import { readNumber } from './text-numbers.ts';

/** More sorted numbers than this are no coincidence. */
const MIN_SORTED = 8;
/** Relative difference of the steps of an even grid, whose values may be rounded. */
const STEP_TOLERANCE = 0.1;

/**
 * Returns whether a first line of numbers has the names of columns: the numbers of columns above
 * fractions, or energies. These are sorted, and either no row is sorted like them and they are
 * evenly spaced or many, or as in areEnergies.
 */
export function areNames(line: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const numbers = parseNumbers(line);
  const others = rows.map(parseNumbers);
  if (isCount(numbers) && others.some((row) => row.some((value) => !Number.isInteger(value)))) return true;
  const direction = findDirection(numbers);
  if (areApart(numbers, others) && (direction !== 0 || isSortedAsText(line))) return true;
  if (areEnergies(line, rows)) return true;
  const isMuch = isEven(numbers) || numbers.length >= MIN_SORTED;
  return direction !== 0 && isMuch && others.every((row) => findDirection(row) !== direction);
}

/**
 * Returns whether a first line of many numbers has energies, where no names are needed: sorted, and
 * either outside the range of the rows or, unlike these, evenly spaced.
 */
export function areEnergies(line: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const numbers = parseNumbers(line);
  const others = rows.map(parseNumbers);
  if (numbers.length < MIN_SORTED || others.length === 0 || findDirection(numbers) === 0) return false;
  return areApart(numbers, others) || (isEven(numbers) && !others.some(isEven));
}

/** Returns whether numbers are 0, 1, 2, ... or 1, 2, 3, ...: they number columns or rows. */
export const isCount = (numbers: readonly number[]): boolean =>
  numbers.length > 1 &&
  (numbers[0] === 0 || numbers[0] === 1) &&
  numbers.every((value, i) => value === i + (numbers[0] as number));

/** Returns 1 for numbers that rise throughout, -1 for falling ones, 0 for others or just one. */
export function findDirection(numbers: ArrayLike<number>): 1 | -1 | 0 {
  let direction: 1 | -1 | 0 = 0;
  for (let i = 1; i < numbers.length; i++) {
    const step = Math.sign((numbers[i] as number) - (numbers[i - 1] as number));
    if (step === 0 || Number.isNaN(step) || step === -direction) return 0;
    direction = step as 1 | -1;
  }
  return direction;
}

const parseNumbers = (fields: readonly string[]): number[] =>
  fields.filter((field) => field.trim() !== '').map((field) => readNumber(field, '.') ?? readNumber(field, ',') ?? Number.NaN);

/** 100.0 before 98.0 */
const isSortedAsText = (line: readonly string[]): boolean =>
  line.length >= MIN_SORTED && line.every((field, i) => i === 0 || (line[i - 1] as string) < field);

function areApart(numbers: readonly number[], rows: readonly (readonly number[])[]): boolean {
  const [lowest, highest] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
  return (
    rows.every((row) => row.every((value) => !(value >= lowest))) ||
    rows.every((row) => row.every((value) => !(value <= highest)))
  );
}

function isEven(numbers: readonly number[]): boolean {
  const step = ((numbers.at(-1) ?? 0) - (numbers[0] ?? 0)) / (numbers.length - 1);
  const isStep = (value: number, i: number) =>
    Math.abs(value - (numbers[i] ?? Number.NaN) - step) <= STEP_TOLERANCE * Math.abs(step);
  return numbers.length > 2 && numbers.slice(1).every(isStep);
}
