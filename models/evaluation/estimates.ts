/**
 * Scores of networks on test rows as estimates with 95 % intervals: over seeds and test rows (or
 * groups of rows) together, over seeds alone where no errors of rows are stored, over partitions
 * where the rows were divided several times.
 */
import type { Interval } from '../axes.ts';
import { partitionReach } from '../statistics/partitions.ts';
import { halfWidth, intervalAt, type Reach } from '../statistics/reach.ts';
import { seedsReach, twoWay } from '../statistics/two-way.ts';
import { increment, meanOf } from '../vectors.ts';
import type { TestErrors } from './test-errors.ts';

/**
 * Half-widths of 95 % intervals over one source of error alone; null for sources left out. What
 * differs by seed and row is in both of these parts, and once in the whole.
 */
export interface IntervalParts {
  readonly seeds: number | null;
  /** Test rows, or groups where the split is by group. */
  readonly rows: number | null;
  readonly partitions: number | null;
}

export interface ResampledUnits {
  readonly kind: 'rows' | 'groups' | 'partitions';
  readonly count: number;
}

/** A mean with its 95 % interval, and what the interval covers. */
export interface Assessed extends Interval {
  readonly parts: IntervalParts;
  /** Null where the interval covers seeds alone, or nothing. */
  readonly units: ResampledUnits | null;
}

export interface Assessment {
  readonly estimate: Assessed;
  /** Null for one seed without errors of rows. */
  readonly reach: Reach | null;
  /** Whether training was repeated: without that, no verdict follows from the interval. */
  readonly isRepeated: boolean;
}

/** The score of one network, or the difference of two. */
export interface Scored {
  /** Equal for what is paired: trials of the same seed. */
  readonly key: string;
  readonly score: number;
  /** Sums of squares of rows whose ratio to the spreads is 1 - score, or minus a difference. */
  readonly errors: Float64Array | null;
}

/** The units of one partition's test rows. */
export interface TestUnits {
  readonly kind: 'rows' | 'groups';
  /** Position of each row's unit, [nTest]. */
  readonly unitOf: Int32Array;
  /** Sum of the spreads of each unit, [U]. */
  readonly spreads: Float64Array;
  readonly strata: Int32Array | null;
}

export interface ScoredPartition {
  readonly partition: number;
  readonly scored: readonly Scored[];
  /** Null where a network's errors are not stored. */
  readonly units: TestUnits | null;
}

const NO_PARTS: IntervalParts = { seeds: null, rows: null, partitions: null };

/**
 * Assesses the mean score. `testToTraining`: number of test rows by that of training rows, which
 * the interval over several partitions depends on.
 */
export function assess(partitions: readonly ScoredPartition[], testToTraining: number): Assessment {
  const [only] = partitions as [ScoredPartition, ...ScoredPartition[]];
  return partitions.length === 1 ? assessOne(only) : assessSeveral(partitions, testToTraining);
}

const scoresOf = ({ scored }: ScoredPartition): Float64Array => Float64Array.from(scored, ({ score }) => score);

function assessOne(partition: ScoredPartition): Assessment {
  const { scored, units } = partition;
  const scores = scoresOf(partition);
  const isRepeated = scores.length > 1;
  if (units === null) {
    const reach = seedsReach(scores, 0, null);
    const parts = { ...NO_PARTS, seeds: reach && halfWidth(reach) };
    return { estimate: { ...ends(meanOf(scores), reach), parts, units: null }, reach, isRepeated };
  }
  const { kind, unitOf, spreads, strata } = units;
  // The errors themselves, as 1 - score and minus a difference have the reaches mirrored.
  const numerators = scored.map(({ errors }) => sumByUnit(errors as Float64Array, unitOf, spreads.length).map((sum) => -sum));
  const found = twoWay({ numerators, denominators: spreads, strata });
  const parts = {
    ...NO_PARTS,
    seeds: found.seeds && halfWidth(found.seeds),
    rows: found.units && halfWidth(found.units),
  };
  return {
    estimate: { ...ends(meanOf(scores), found.reach), parts, units: found.units && { kind, count: spreads.length } },
    reach: found.reach,
    isRepeated,
  };
}

function assessSeveral(partitions: readonly ScoredPartition[], testToTraining: number): Assessment {
  const scores = Float64Array.from(partitions, (partition) => meanOf(scoresOf(partition)));
  const reach = partitionReach(scores, testToTraining) as Reach;
  const parts = { ...NO_PARTS, partitions: halfWidth(reach) };
  const units: ResampledUnits = { kind: 'partitions', count: partitions.length };
  return { estimate: { ...ends(meanOf(scores), reach), parts, units }, reach, isRepeated: true };
}

const ends = (mean: number, reach: Reach | null): Interval =>
  reach === null ? { mean, low: mean, high: mean } : intervalAt(mean, reach);

/** Returns the units of test rows; `spreads` of the rows, [nTest]. */
export function unitsOf({ units, strata }: TestErrors, spreads: Float64Array): TestUnits {
  const places = new Map<number, number>();
  const own: number[] = [];
  const unitOf = units.map((unit, row) => {
    const place = places.get(unit) ?? places.size;
    places.set(unit, place);
    own[place] = strata?.[row] ?? 0;
    return place;
  });
  const kind = places.size === units.length ? 'rows' : 'groups';
  return { kind, unitOf, spreads: sumByUnit(spreads, unitOf, places.size), strata: strata && Int32Array.from(own) };
}

function sumByUnit(values: Float64Array, unitOf: Int32Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  values.forEach((value, row) => {
    increment(sums, unitOf[row] as number, value);
  });
  return sums;
}

/** Returns the differences a - b of equal keys in the same partition; null where there are none. */
export function pairScores(a: readonly ScoredPartition[], b: readonly ScoredPartition[]): ScoredPartition[] | null {
  const paired = a.flatMap(({ partition, scored, units }): ScoredPartition[] => {
    const other = b.find((one) => one.partition === partition)?.scored ?? [];
    const partners = new Map(other.map((one) => [one.key, one]));
    const differences = scored.flatMap(({ key, score, errors }): Scored[] => {
      const partner = partners.get(key);
      if (!partner) return [];
      const apart = errors && partner.errors ? subtract(errors, partner.errors) : null;
      return [{ key, score: score - partner.score, errors: apart }];
    });
    if (differences.length === 0) return [];
    return [{ partition, scored: differences, units: differences.every(({ errors }) => errors !== null) ? units : null }];
  });
  return paired.length === 0 ? null : paired;
}

const subtract = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - (b[i] as number));
