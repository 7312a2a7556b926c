/** Combinations of the values of a space, each of which is one point: how many, and by number. */
import { sumOf } from '../../models/vectors.ts';
import {
  buildPoint,
  conditionOf,
  countValues,
  type Dimensions,
  dimensionOf,
  PARAMETERS,
  type ParameterName,
  type Point,
  type RangeDimension,
  valuesOf,
} from '../parameters.ts';

/** Parameters that exist everywhere; each brings those that depend on it. */
const ROOTS = PARAMETERS.filter((name) => conditionOf(name) === null);

/** Returns the parameters that exist where a parameter has this value, because it has. */
const dependentsOf = (parent: ParameterName, value: unknown): readonly ParameterName[] =>
  PARAMETERS.filter((name) => {
    const condition = conditionOf(name);
    return condition?.parent === parent && condition.values.includes(value);
  });

const product = (factors: readonly number[]): number => factors.reduce((all, one) => all * one, 1);

/**
 * Returns the number of combinations in a space, with so many values of each range; `join`: that of
 * a parameter from those under each of its values.
 */
export function countCombinations(
  space: Dimensions,
  countRange: (range: RangeDimension) => number,
  join: (counts: readonly number[]) => number = sumOf,
): number {
  const countOf = (name: ParameterName): number => {
    const dimension = dimensionOf(space, name);
    if (dimension.kind === 'log' || dimension.kind === 'uniform') return countRange(dimension);
    return join(valuesOf(dimension).map((value) => product(dependentsOf(name, value).map(countOf))));
  };
  return product(ROOTS.map(countOf));
}

/** Returns the number of different points of a space, Infinity where it has a range of reals. */
export const countDistinct = (space: Dimensions): number => countCombinations(space, countValues);

/** The values of a parameter, by number. */
export interface Levels {
  readonly count: number;
  at(number: number): unknown;
}

export const listLevels = (values: readonly unknown[]): Levels => ({
  count: values.length,
  at: (number) => values[number],
});

/** A parameter with those that depend on it: combinations of their values, by number. */
interface Branch {
  readonly count: number;
  write(number: number, values: Map<ParameterName, unknown>): void;
}

/** Combinations of the values of all parameters, by number, the first parameter turning fastest. */
export interface Combinations {
  readonly count: number;
  at(number: number): Point;
}

/** Returns the combinations of the values of each parameter. */
export function createCombinations(levelsOf: (name: ParameterName) => Levels): Combinations {
  const branchOf = (name: ParameterName): Branch => {
    const levels = levelsOf(name);
    const own: Branch = { count: levels.count, write: (number, values) => void values.set(name, levels.at(number)) };
    if (PARAMETERS.every((other) => conditionOf(other)?.parent !== name)) return own;
    const arms = Array.from({ length: levels.count }, (_, i) => joinBranches(dependentsOf(name, levels.at(i)).map(branchOf)));
    return {
      count: sumOf(arms.map(({ count }) => count)),
      write(number, values) {
        let rest = number;
        const arm = arms.findIndex(({ count }) => {
          if (rest < count) return true;
          rest -= count;
          return false;
        });
        own.write(arm, values);
        arms[arm]?.write(rest, values);
      },
    };
  };
  const { count, write } = joinBranches(ROOTS.map(branchOf));
  return {
    count,
    at(number) {
      const values = new Map<ParameterName, unknown>();
      write(number, values);
      return buildPoint((name) => values.get(name));
    },
  };
}

/** Returns the combinations of several branches, the first turning fastest. */
function joinBranches(branches: readonly Branch[]): Branch {
  return {
    count: product(branches.map(({ count }) => count)),
    write(number, values) {
      let rest = number;
      for (const { count, write } of branches) {
        write(rest % count, values);
        rest = Math.floor(rest / count);
      }
    },
  };
}
