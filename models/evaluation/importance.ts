/**
 * Importance of parameters for the score of a trial: a random forest (Breiman 2001,
 * doi:10.1023/A:1010933404324) from parameters to score, and by how much its error on rows outside
 * a tree's sample rises when the values of one parameter are permuted among them. Trees depend on
 * order alone, so a parameter on a logarithmic scale needs no transformation. Half of that rise, as
 * a share of the variance, estimates Sobol's total index (Gregorutti et al. 2017,
 * doi:10.1007/s11222-016-9646-1): 1 for a parameter that alone determines the score, 0 for one
 * without influence; interacting parameters are each counted in full. Features are cut into at most
 * 32 bins, so that a split costs one pass over the rows.
 */
import { stream } from '../random.ts';
import { increment, meanOf, swap, varianceOf } from '../vectors.ts';

export interface Feature {
  readonly name: string;
  /** One per row; for categories their index, 0 to n - 1. */
  readonly values: ArrayLike<number>;
  /** Categories are not ordered: they are split by their mean scores (Breiman et al. 1984). */
  readonly ordered: boolean;
}

export interface ParameterImportance {
  readonly name: string;
  /** Sobol's total index, estimated, at least 0. The 95 % interval is over trees. */
  readonly importance: number;
  readonly low: number;
  readonly high: number;
}

export interface Importances {
  /** Out of bag: each row by the trees without it. Null for too few rows or constant scores. */
  readonly r2: number | null;
  /** Most important first. */
  readonly parameters: readonly ParameterImportance[];
}

const TREES = 48;
const BINS = 32;
const LEAF_ROWS = 5;
const MOST_DEPTH = 14;
/** Minimum number of rows for a forest. */
const FEWEST_ROWS = 20;
const ADDRESS = 20_261_125;

/** Returns importances for the rows of `target` (finite); 0 for features of a single value. */
export function parameterImportance(features: readonly Feature[], target: Float64Array): Importances {
  const variance = varianceOf(target);
  const varying = features.filter(({ values }) => hasTwoValues(values, target.length));
  if (target.length < FEWEST_ROWS || !(variance > 0) || varying.length === 0) {
    return { r2: null, parameters: features.map(({ name }) => ({ name, importance: 0, low: 0, high: 0 })) };
  }
  const binned = varying.map((feature) => binFeature(feature, target.length));
  const { rises, r2 } = growForest(binned, target, variance);
  const found = new Map(
    varying.map(({ name }, f) => {
      const own = (rises[f] as Float64Array).map((rise) => rise / 2);
      const mean = meanOf(own);
      const reach = 1.96 * Math.sqrt(varianceOf(own) / own.length);
      const [importance = 0, low = 0, high = 0] = [mean, mean - reach, mean + reach].map((value) => Math.max(0, value));
      return [name, { name, importance, low, high }];
    }),
  );
  const parameters = features.map(({ name }) => found.get(name) ?? { name, importance: 0, low: 0, high: 0 });
  return { r2, parameters: parameters.toSorted((a, b) => b.importance - a.importance) };
}

interface Binned {
  readonly bins: Uint8Array;
  readonly count: number;
  readonly ordered: boolean;
}

/** Bins numbers by their quantiles, into about equally many rows; categories stay as they are. */
function binFeature({ values, ordered }: Feature, rows: number): Binned {
  const own = Float64Array.from({ length: rows }, (_, row) => values[row] as number);
  const words = own.reduce((most, value) => Math.max(most, value), 0) + 1;
  // A byte per row holds at most 256 categories; more are treated as numbers.
  if (!ordered && words <= 256) return { bins: Uint8Array.from(own), count: words, ordered };
  const distinct = [...new Set(own.toSorted())];
  const sorted = distinct.length <= BINS ? Float64Array.from(distinct) : own.toSorted();
  const most = Math.min(BINS, distinct.length);
  const starts = Array.from({ length: most }, (_, bin) => sorted[Math.floor(bin * (sorted.length / most))] as number);
  const edges = [...new Set(starts)];
  const bins = Uint8Array.from(own, (value) => edges.findLastIndex((edge) => edge <= value));
  return { bins, count: edges.length, ordered: true };
}

/** A node: rows whose bin of the split's feature is marked in `left` go `low`, others `high`. */
interface TreeNode {
  readonly value: number;
  readonly split: { readonly feature: Binned; readonly left: Uint8Array; readonly low: TreeNode; readonly high: TreeNode } | null;
}

/** Returns rises of the out-of-bag squared error by feature and tree, as shares of the variance. */
function growForest(features: readonly Binned[], target: Float64Array, variance: number) {
  const rows = target.length;
  const rises = features.map(() => new Float64Array(TREES));
  const predicted = new Float64Array(rows);
  const times = new Uint16Array(rows);
  for (let t = 0; t < TREES; t++) {
    const { uniform } = stream(ADDRESS, 'tree', t);
    const drawn = new Uint8Array(rows);
    const bag = Uint32Array.from({ length: rows }, () => Math.floor(uniform() * rows));
    for (const row of bag) drawn[row] = 1;
    const tree = growTree(features, target, bag, uniform);
    const out = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => drawn[row] === 0);
    const errorOf = (row: number, value: number) => (value - (target[row] as number)) ** 2;
    let error = 0;
    for (const row of out) {
      const value = valueAt(tree, row);
      increment(predicted, row, value);
      increment(times, row, 1);
      error += errorOf(row, value);
    }
    for (const [f, feature] of features.entries()) {
      const permuted = Uint8Array.from(out, (row) => feature.bins[row] as number);
      for (let i = permuted.length - 1; i > 0; i--) swap(permuted, i, Math.floor(uniform() * (i + 1)));
      let worse = 0;
      for (const [i, bin] of permuted.entries()) {
        const row = out[i] as number;
        worse += errorOf(row, valueAt(tree, row, feature, bin));
      }
      (rises[f] as Float64Array)[t] = (worse - error) / Math.max(1, out.length) / variance;
    }
  }
  let squares = 0;
  let count = 0;
  for (const [row, value] of target.entries()) {
    const own = times[row] as number;
    if (own === 0) continue;
    squares += ((predicted[row] as number) / own - value) ** 2;
    count++;
  }
  return { rises, r2: count === 0 ? null : 1 - squares / count / variance };
}

/** Returns a tree's prediction for a row; the bin of `replaced`, if given, is `bin`. */
function valueAt(tree: TreeNode, row: number, replaced?: Binned, bin = 0): number {
  let node = tree;
  while (node.split) {
    const { feature, left, low, high } = node.split;
    const own = feature === replaced ? bin : (feature.bins[row] as number);
    node = left[own] === 1 ? low : high;
  }
  return node.value;
}

function growTree(features: readonly Binned[], target: Float64Array, bag: Uint32Array, uniform: () => number): TreeNode {
  const tried = Math.max(1, Math.ceil(features.length / 2));
  // The upper side is grown first: the order of the draws is part of the result.
  const grow = (rows: Uint32Array, depth: number): TreeNode => {
    let sum = 0;
    for (const row of rows) sum += target[row] as number;
    const value = sum / rows.length;
    if (depth === MOST_DEPTH || rows.length < 2 * LEAF_ROWS) return { value, split: null };
    const split = bestSplit(features, target, rows, sum, drawWithoutReplacement(features.length, tried, uniform));
    if (!split) return { value, split: null };
    const { feature, left } = split;
    const side = (isLow: number) => rows.filter((row) => left[feature.bins[row] as number] === isLow);
    const high = grow(side(0), depth + 1);
    return { value, split: { feature, left, low: grow(side(1), depth + 1), high } };
  };
  return grow(bag, 0);
}

/** Returns `count` different numbers below `of`, at random. */
function drawWithoutReplacement(of: number, count: number, uniform: () => number): number[] {
  const all = Array.from({ length: of }, (_, i) => i);
  for (let i = 0; i < count; i++) swap(all, i, i + Math.floor(uniform() * (of - i)));
  return all.slice(0, count);
}

/** Returns the split with the least squared error and enough rows on both sides, if any. */
function bestSplit(features: readonly Binned[], target: Float64Array, rows: Uint32Array, sum: number, tried: readonly number[]) {
  const whole = (sum * sum) / rows.length;
  let best: { feature: Binned; left: Uint8Array } | null = null;
  let gain = 1e-12 * Math.abs(whole);
  for (const f of tried) {
    const feature = features[f] as Binned;
    const { bins, count, ordered } = feature;
    const sums = new Float64Array(count);
    const counts = new Uint32Array(count);
    for (const row of rows) {
      const bin = bins[row] as number;
      increment(sums, bin, target[row] as number);
      increment(counts, bin, 1);
    }
    const order = ordered ? Array.from(counts.keys()) : binsByMean(sums, counts);
    let [leftSum, leftCount] = [0, 0];
    let cut = -1;
    for (const [i, bin] of order.slice(0, -1).entries()) {
      const own = counts[bin] as number;
      leftSum += sums[bin] as number;
      leftCount += own;
      const rightCount = rows.length - leftCount;
      if (own === 0 || leftCount < LEAF_ROWS) continue;
      if (rightCount < LEAF_ROWS) break;
      const gained = (leftSum * leftSum) / leftCount + (sum - leftSum) ** 2 / rightCount - whole;
      if (gained > gain) {
        gain = gained;
        cut = i;
      }
    }
    if (cut < 0) continue;
    const left = new Uint8Array(count);
    for (const bin of order.slice(0, cut + 1)) left[bin] = 1;
    best = { feature, left };
  }
  return best;
}

/** Returns the bins by rising mean, empty ones last. */
function binsByMean(sums: Float64Array, counts: Uint32Array): number[] {
  const mean = (bin: number) => (counts[bin] === 0 ? Number.MAX_VALUE : (sums[bin] as number) / (counts[bin] as number));
  return Array.from(counts.keys()).sort((a, b) => mean(a) - mean(b) || a - b);
}

function hasTwoValues(values: ArrayLike<number>, rows: number): boolean {
  for (let row = 1; row < rows; row++) if (values[row] !== values[0]) return true;
  return false;
}
