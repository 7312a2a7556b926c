/**
 * Importance of parameters for the score of a trial, by two of Sobol's indices (2001,
 * doi:10.1016/S0378-4754(00)00270-6), shares of the score's variance. The first-order index is what
 * a parameter explains alone: the variance between its bins. The total index is what it explains
 * alone and with others, each counted in full: half the rise of a random forest's error when its
 * values are permuted (Gregorutti et al. 2017, doi:10.1007/s11222-016-9646-1). A forest of few
 * trials shrinks total indices, those of interactions most; it explains R2 of the variance, which
 * limits them. Intervals are over configurations, with all their seeds: trials of one configuration
 * are not independent.
 */
import type { Interval } from '../axes.ts';
import { stream } from '../random.ts';
import { increment, meanOf, varianceOf } from '../vectors.ts';
import { type Binned, binFeature, concatenate, type Feature, growForest } from './forest.ts';

export interface ParameterImportance {
  readonly name: string;
  /**
   * Total index, at least 0, and an interval for the estimates of as many other configurations: it
   * holds their mean in nine of ten simulations, and the index itself much less often.
   */
  readonly importance: number;
  readonly low: number;
  readonly high: number;
  /** First-order index with its 95 % interval, at least 0. */
  readonly firstOrder: Interval;
}

export interface Importances {
  /** Out of bag, by the trees without a configuration. Null for too few or constant scores. */
  readonly r2: number | null;
  /** Most important first. */
  readonly parameters: readonly ParameterImportance[];
}

const TREES = 48;
/** Resamples of the configurations, with a small forest each. */
const REFITS = 40;
const REFIT_TREES = 8;
/** Maximum rows of a resample: of more, deviations follow from the root of their number. */
const REFIT_ROWS = 500;
/** Bins of a parameter whose means are compared; within them, its own effect is lost. */
const FIRST_ORDER_BINS = 8;
/** Minimum number of rows for a forest. */
const FEWEST_ROWS = 20;
const ADDRESS = 20_261_125;

/** Returns importances for the rows of `target` (finite); 0 for features of a single value. */
export function parameterImportance(features: readonly Feature[], target: Float64Array): Importances {
  const varying = features.filter(({ values }) => hasTwoValues(values, target.length));
  const none = ({ name }: Feature) => ({ name, importance: 0, low: 0, high: 0, firstOrder: { mean: 0, low: 0, high: 0 } });
  if (target.length < FEWEST_ROWS || !(varianceOf(target) > 0) || varying.length === 0) {
    return { r2: null, parameters: features.map(none) };
  }
  const units = configurationsOf(varying, target.length);
  const binned = varying.map((feature) => binFeature(feature, target.length));
  const coarse = varying.map((feature) => binFeature(feature, target.length, FIRST_ORDER_BINS));
  const forest = growForest(binned, target, units, { trees: TREES, address: [ADDRESS, 0] });
  const { uniform } = stream(ADDRESS, 'configurations');
  const drawn = Math.min(units.length, Math.ceil((REFIT_ROWS * units.length) / target.length));
  const scale = Math.sqrt(drawn / units.length);
  const refits = Array.from({ length: REFITS }, (_, refit) => {
    const sample = Array.from({ length: drawn }, () => units[Math.floor(uniform() * units.length)] as Uint32Array);
    const { rises } = growForest(binned, target, sample, { trees: REFIT_TREES, address: [ADDRESS, 1 + refit] });
    return { rises, firstOrder: coarse.map((feature) => firstOrderIndex(feature, target, sample)) };
  });
  const found = new Map(
    varying.map(({ name }, f) => {
      const whole = (forest.rises[f] as Float64Array).map((rise) => rise / 2);
      const samples = refits.map(({ rises }) => (rises[f] as Float64Array).map((rise) => rise / 2));
      const total = intervalOf(meanOf(whole), totalDeviation(whole, samples, scale));
      const firstOrder = firstOrderIndex(coarse[f] as Binned, target, units);
      const deviation = scale * deviationOf(Float64Array.from(refits, (refit) => refit.firstOrder[f] as number));
      const { mean: importance, low, high } = total;
      return [name, { name, importance, low, high, firstOrder: intervalOf(firstOrder, deviation) }];
    }),
  );
  const parameters = features.map((feature) => found.get(feature.name) ?? none(feature));
  return { r2: forest.r2, parameters: parameters.toSorted((a, b) => b.importance - a.importance) };
}

/**
 * Returns the values less the mean of their group, for scores of different partitions: the rows of
 * one may be easier, which no parameter explains.
 */
export function centreWithin(values: Float64Array, groups: ArrayLike<number>): Float64Array {
  const members = Map.groupBy(values.keys(), (i) => groups[i]);
  const centred = Float64Array.from(values);
  for (const own of members.values()) {
    const mean = meanOf(own.map((i) => values[i] as number));
    for (const i of own) centred[i] = (values[i] as number) - mean;
  }
  return centred;
}

/** Returns the rows of each configuration: those with equal values of all features. */
function configurationsOf(features: readonly Feature[], rows: number): Uint32Array[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  const members = Map.groupBy(all, (row) => features.map(({ values }) => values[row]).join(' '));
  return [...members.values()].map((own) => Uint32Array.from(own));
}

const deviationOf = (values: Float64Array): number => Math.sqrt((values.length / (values.length - 1)) * varianceOf(values));

/**
 * Returns the standard error of a total index over configurations and trees: the variance of refits
 * on resamples, whose fewer trees add more noise than those of the whole forest. `scale`: from
 * their size to that of the whole.
 */
function totalDeviation(whole: Float64Array, samples: readonly Float64Array[], scale: number): number {
  const between = deviationOf(Float64Array.from(samples, meanOf)) ** 2;
  const ofTrees = meanOf(samples.map((own) => deviationOf(own) ** 2)) / REFIT_TREES;
  return Math.sqrt(scale ** 2 * Math.max(0, between - ofTrees) + deviationOf(whole) ** 2 / whole.length);
}

/** Returns a 95 % interval of an index, none of which is below 0. */
function intervalOf(mean: number, deviation: number): Interval {
  const [reach, atLeast] = [1.96 * deviation, (value: number) => Math.max(0, value)];
  return { mean: atLeast(mean), low: atLeast(mean - reach), high: atLeast(mean + reach) };
}

/**
 * Returns the share of the rows' variance that is between bins, less what the variance of
 * configurations within bins adds to it (epsilon squared, Kelley 1935): 0 in expectation where the
 * feature explains nothing alone. Configurations without a value count as explained by none of it.
 */
function firstOrderIndex({ bins, count, without }: Binned, target: Float64Array, sample: readonly Uint32Array[]): number {
  const [sums, squares, counts] = [new Float64Array(count), new Float64Array(count), new Uint32Array(count)];
  for (const unit of sample) {
    const bin = bins[unit[0] as number] as number;
    if (bin === without) continue;
    const mean = meanOf(Float64Array.from(unit, (row) => target[row] as number));
    increment(sums, bin, mean);
    increment(squares, bin, mean ** 2);
    increment(counts, bin, 1);
  }
  const having = counts.reduce((sum, own) => sum + own, 0);
  const overall = sums.reduce((sum, value) => sum + value, 0) / having;
  let [between, within, filled] = [0, 0, 0];
  for (const [bin, own] of counts.entries()) {
    if (own === 0) continue;
    const mean = (sums[bin] as number) / own;
    between += own * (mean - overall) ** 2;
    within += (squares[bin] as number) - own * mean ** 2;
    filled++;
  }
  const variance = varianceOf(Float64Array.from(concatenate(sample), (row) => target[row] as number));
  if (!(variance > 0) || having <= filled) return 0;
  return (between - ((filled - 1) * within) / (having - filled)) / sample.length / variance;
}

function hasTwoValues(values: ArrayLike<number>, rows: number): boolean {
  for (let row = 1; row < rows; row++) if (!Object.is(values[row], values[0])) return true;
  return false;
}
