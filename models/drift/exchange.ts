/**
 * Units of two samples that are exchangeable where the samples do not differ: rows, or the groups
 * of rows that are not independent. Permuting their labels gives the distribution of a statistic
 * under that hypothesis (Fisher 1935); permuting rows of groups would ignore their correlation.
 */
import { shuffle } from '../random.ts';

/** Groups of the rows of a sample. */
export interface Groups {
  /** Group of each row. */
  readonly units: Int32Array;
  /** Condition (value of the series) of each row; null where there is no series. */
  readonly strata: Int32Array | null;
}

/** Returns the groups of the given rows, in their order. */
export function pickGroups({ units, strata }: Groups, rows: Uint32Array): Groups {
  const pick = (values: Int32Array) => Int32Array.from(rows, (row) => values[row] as number);
  return { units: pick(units), strata: strata && pick(strata) };
}

export const countGroups = ({ units }: Groups): number => new Set(units).size;

export interface Exchange {
  /** Number of units; those of the first sample come first. */
  readonly units: number;
  /** Number of units of the first sample. */
  readonly first: number;
  /** Unit of each row of the first sample, then of the second one. */
  readonly unitOf: Int32Array;
  /** Returns the units of the second sample in a permutation, at an address. */
  draw(permutation: number): Uint32Array;
}

/** Returns the groups of rows that are independent: each is one of its own. */
export const independentRows = (rows: number): Groups => ({
  units: Int32Array.from({ length: rows }, (_, row) => row),
  strata: null,
});

/**
 * Units of two samples. A group with rows in both is one unit of each. Where the samples have the
 * same shares of every condition, labels are permuted within conditions; where they do not, that
 * difference is part of what is tested.
 *
 * With `subset`, rows of either sample by their numbers in it, units with such rows and those
 * without are permuted separately: either keeps the sizes of its samples in each permutation, as a
 * test of the subset requires (`restrictTo`).
 */
export function exchangeGroups(
  samples: readonly [Groups, Groups],
  seed: number,
  name: string,
  subset?: readonly [Uint32Array, Uint32Array],
): Exchange {
  const sides = samples.map(({ units }) => new Set(units)) as [Set<number>, Set<number>];
  const first = sides[0].size;
  const indices = sides.map((side, i) => new Map([...side].map((unit, at) => [unit, i * first + at])));
  const unitOf = Int32Array.from(samples.flatMap(({ units }, i) => Array.from(units, (unit) => indices[i]?.get(unit) as number)));
  const units = first + sides[1].size;
  const conditions = conditionsOf(unitOf, samples, units);
  const all = balancedStrata(conditions, first) ?? [Uint32Array.from({ length: units }, (_, unit) => unit)];
  const inSubset = subset && new Set(unitsOfRows(unitOf, subset, samples[0].units.length));
  const strata = inSubset ? all.flatMap((stratum) => splitStratum(stratum, inSubset)) : all;
  const second = strata.map((stratum) => stratum.filter((unit) => unit >= first).length);
  const draw = (permutation: number) =>
    Uint32Array.from(
      strata.flatMap((stratum, i) => [
        ...shuffle(stratum, seed, i === 0 ? name : `${name} ${i}`, permutation).subarray(0, second[i]),
      ]),
    );
  return { units, first, unitOf, draw };
}

/** Returns the units of a stratum that are in the subset, and those that are not, unless empty. */
const splitStratum = (stratum: Uint32Array, subset: ReadonlySet<number>): Uint32Array[] =>
  [stratum.filter((unit) => subset.has(unit)), stratum.filter((unit) => !subset.has(unit))].filter(({ length }) => length > 0);

/** Returns the unit of each of the given rows of either sample. */
const unitsOfRows = (unitOf: Int32Array, rows: readonly [Uint32Array, Uint32Array], firstRows: number): Int32Array =>
  Int32Array.from([...rows[0], ...Array.from(rows[1], (row) => firstRows + row)], (row) => unitOf[row] as number);

/** Returns the condition of each unit; null without a series or where a unit has several. */
function conditionsOf(unitOf: Int32Array, samples: readonly Groups[], units: number): Int32Array | null {
  if (samples.some(({ strata }) => strata === null)) return null;
  const conditions = new Int32Array(units).fill(-1);
  for (const [row, condition] of samples.flatMap(({ strata }) => Array.from(strata ?? [])).entries()) {
    const unit = unitOf[row] as number;
    if (conditions[unit] !== -1 && conditions[unit] !== condition) return null;
    conditions[unit] = condition;
  }
  return conditions;
}

/** Returns the units by condition; null where a condition's share differs by a unit or more. */
function balancedStrata(conditions: Int32Array | null, first: number): Uint32Array[] | null {
  if (conditions === null) return null;
  const strata = [...Map.groupBy(conditions.keys(), (unit) => conditions[unit]).values()].map((one) => Uint32Array.from(one));
  const share = (conditions.length - first) / conditions.length;
  const isBalanced = (stratum: Uint32Array) =>
    Math.abs(stratum.filter((unit) => unit >= first).length - share * stratum.length) < 1;
  return strata.every(isBalanced) ? strata : null;
}

/** Returns which units are of the second sample: 1, else 0. */
export function markUnits({ units }: Pick<Exchange, 'units'>, second: Uint32Array): Uint8Array {
  const marks = new Uint8Array(units);
  for (const unit of second) marks[unit] = 1;
  return marks;
}

/** Returns the marks of units as observed, then of permutations. */
export function drawLabels(exchange: Exchange, permutations: number): Uint8Array[] {
  const { units, first } = exchange;
  const observed = Uint32Array.from({ length: units - first }, (_, i) => first + i);
  const drawn = Array.from({ length: permutations }, (_, permutation) => exchange.draw(permutation));
  return [observed, ...drawn].map((second) => markUnits(exchange, second));
}

/**
 * Returns the exchange for the subset of rows that it was made with, in the same permutations:
 * `firstRows` is the number of rows of the first sample.
 */
export function restrictTo(exchange: Exchange, subset: readonly [Uint32Array, Uint32Array], firstRows: number): Exchange {
  const chosen = unitsOfRows(exchange.unitOf, subset, firstRows);
  const present = [...new Set(chosen)].sort((a, b) => a - b);
  const indices = new Map(present.map((unit, index) => [unit, index]));
  return {
    units: present.length,
    first: present.filter((unit) => unit < exchange.first).length,
    unitOf: chosen.map((unit) => indices.get(unit) as number),
    draw: (permutation) => Uint32Array.from([...exchange.draw(permutation)].flatMap((unit) => indices.get(unit) ?? [])),
  };
}
