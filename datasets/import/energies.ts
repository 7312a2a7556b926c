/** Compares the energies of a target with the numbers in the names of its columns. */
import { NarrowsError } from '../../errors.ts';
import { findDirection, isCount } from '../formats/numeric-names.ts';

interface NumberedNames {
  /** Text before and after the number, equal in all names. */
  readonly prefix: string;
  readonly suffix: string;
  readonly numbers: readonly number[];
  /** The last printed digit of each number: names are often rounded. */
  readonly steps: readonly number[];
}

/** Returns the numbers in names that are equal otherwise, such as `e_525.0`; null for others. */
function findNumbers(names: readonly string[]): NumberedNames | null {
  if (names.length < 2 || names.includes('')) return null;
  const prefix = names.every((name) => !Number.isNaN(Number(name)))
    ? ''
    : commonStart(names)
        .replace(/(?<=^|[^\p{L}])[+-]?[\d.]*$/u, '')
        .replace(/[\d.]+$/, '');
  const rests = names.map((name) => name.slice(prefix.length));
  const numerals = rests.map((rest) => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i.exec(rest)?.[0] ?? '');
  const suffixes = new Set(rests.map((rest, i) => rest.slice(numerals[i]?.length)));
  const [suffix = ''] = suffixes;
  if (numerals.includes('') || suffixes.size > 1) return null;
  return { prefix, suffix, numbers: numerals.map(Number), steps: numerals.map(lastDigit) };
}

function commonStart(names: readonly string[]): string {
  const [first = ''] = names;
  let length = 0;
  while (length < first.length && names.every((name) => name[length] === first[length])) length++;
  return first.slice(0, length);
}

/** '525.15' -> 0.01 */
function lastDigit(numeral: string): number {
  const [mantissa = '', exponent = '0'] = numeral.toLowerCase().split('e');
  return 10 ** (Number(exponent) - (mantissa.split('.')[1]?.length ?? 0));
}

/** Names of numbers that are no energies, such as k_0.5. */
const OTHER_AXES = /^(?:k|q|r|t|nm|wl|lambda|wavelength|time)[^\p{L}]*$/iu;
/** Names of energies: bare numbers, e_525.0, 525.0 eV. */
const ENERGY = /^(?:(?:e|ev|energy|omega)[^\p{L}]*)?$/iu;

/** Units in eV. */
const UNITS: Readonly<Record<string, number>> = { ev: 1, kev: 1000 };

/**
 * Returns the energies that the names of columns are, in this unit where the names have theirs;
 * null for names that are none, or a count.
 */
export function energiesOfNames(names: readonly string[], energyUnit: string): readonly number[] | null {
  const named = findNumbers(names);
  if (named === null || isCount(named.numbers) || findDirection(named.numbers) === 0) return null;
  const isEnergy = ENERGY.test(named.prefix.trim()) && (named.suffix === '' || /^[\s_([]*k?ev\W*$/i.test(named.suffix));
  if (!isEnergy) return null;
  const [from, to] = [/k?ev/i.exec(named.suffix)?.[0] ?? energyUnit, energyUnit].map((unit) => UNITS[unit.toLowerCase()]);
  if (from === undefined || to === undefined || from === to) return named.numbers;
  // Without the last bits, which multiplication changes: 0.5001 keV is 500.1 eV.
  return named.numbers.map((value) => Number(((value * from) / to).toPrecision(12)));
}

/** Returns whether names differ only in a number. */
export const areNumbered = (names: readonly string[]): boolean => findNumbers(names) !== null;

/** Returns whether names differ in numbers that neither rise nor fall. */
export function areUnordered(names: readonly string[]): boolean {
  const named = findNumbers(names);
  return named !== null && findDirection(named.numbers) === 0;
}

/** Returns whether names are in the order of text, and not of their numbers: e_1, e_10, e_2. */
function areSortedAsText(names: readonly string[]): boolean {
  return areUnordered(names) && names.every((name, i) => i === 0 || (names[i - 1] as string) < name);
}

/** eV and keV are the same energies. */
const SCALES = [1, 1000, 0.001];
/** Relative: names and files are rounded differently. */
const ROUNDING = 1e-6;

/** Throws NarrowsError `columns-mismatch` where names of columns contradict the energies given. */
export function requireSameEnergies(
  energies: ArrayLike<number>,
  names: readonly string[],
  { file, reference, path }: { readonly file: string; readonly reference: string; readonly path: string },
): void {
  const named = findNumbers(names);
  if (named === null || names.length !== energies.length) return;
  const { numbers, steps } = named;
  const isSame = (others: readonly number[], scale: number) =>
    names.every((_, i) => {
      const energy = energies[i] as number;
      const tolerance = (steps[i] as number) * scale + ROUNDING * Math.abs(energy);
      return Math.abs(energy - (others[i] as number) * scale) <= tolerance;
    });
  const isAny = (others: readonly number[]) => SCALES.some((scale) => isSame(others, scale));
  if (isCount(numbers) || isAny(numbers)) return;
  const sorted = numbers.toSorted((a, b) => a - b);
  const isUnsorted = findDirection(numbers) === 0;
  if (!isUnsorted && OTHER_AXES.test(named.prefix.trim())) return;
  const at = numbers.findIndex((number, i) => Math.abs((energies[i] as number) - number) > (steps[i] as number));
  const isOtherOrder = isUnsorted && (isAny(sorted) || isCount(sorted));
  const why = isOtherOrder
    ? `its columns are ${areSortedAsText(names) ? 'sorted as text, not by the numbers in their names' : `in another order than ${reference}`}`
    : isAny(numbers.toReversed())
      ? `its columns are in the reverse order of ${reference}`
      : `column ${at} is called "${names[at]}", its energy in ${reference} is ${energies[at]}`;
  throw new NarrowsError('columns-mismatch', `${file}: ${why}`, {
    path,
    fix: isOtherOrder
      ? 'write the columns in rising order of these numbers'
      : 'correct the names or the energies; without "energies" in the manifest they are taken from the names',
  });
}
