/**
 * A random forest (Breiman 2001, doi:10.1023/A:1010933404324) on binned features, and by how much
 * its error on units outside a tree's sample rises when the values of one feature are permuted.
 * Features are cut into at most 32 bins, so that a split costs one pass over the rows.
 */
import { stream } from '../random.ts';
import { increment, swap, varianceOf } from '../vectors.ts';

const BINS = 32;
/** A byte per row holds so many bins; more categories are treated as numbers. */
const MOST_BINS = 256;
const LEAF_ROWS = 5;
const MOST_DEPTH = 14;

export interface Feature {
  readonly name: string;
  /** One per row; for categories their index, 0 to n - 1. NaN: the row has none. */
  readonly values: ArrayLike<number>;
  /** Categories are not ordered: they are split by their mean scores (Breiman et al. 1984). */
  readonly ordered: boolean;
}

export interface Binned {
  readonly bins: Uint8Array;
  readonly count: number;
  readonly ordered: boolean;
  /** Bin of rows without a value, the first; null: all have one. */
  readonly without: number | null;
}

/**
 * Bins numbers by their quantiles, into about equally many rows; categories stay as they are. Rows
 * without a value have a bin of their own before the others.
 */
export function binFeature({ values, ordered }: Feature, rows: number, most = BINS): Binned {
  const own = Float64Array.from({ length: rows }, (_, row) => values[row] as number);
  const present = own.filter((value) => !Number.isNaN(value));
  if (present.length === rows) return { ...binValues(own, ordered, most, MOST_BINS), without: null };
  const binned = binValues(present, ordered, most, MOST_BINS - 1);
  let next = 0;
  const bins = Uint8Array.from(own, (value) => (Number.isNaN(value) ? 0 : 1 + (binned.bins[next++] as number)));
  return { bins, count: binned.count + 1, ordered: binned.ordered, without: 0 };
}

function binValues(own: Float64Array, ordered: boolean, most: number, mostWords: number): Omit<Binned, 'without'> {
  const words = own.reduce((most, value) => Math.max(most, value), 0) + 1;
  if (!ordered && words <= mostWords) return { bins: Uint8Array.from(own), count: words, ordered };
  const distinct = [...new Set(own.toSorted())];
  const sorted = distinct.length <= most ? Float64Array.from(distinct) : own.toSorted();
  const count = Math.min(most, distinct.length);
  const starts = Array.from({ length: count }, (_, bin) => sorted[Math.floor(bin * (sorted.length / count))] as number);
  const edges = [...new Set(starts)];
  const bins = Uint8Array.from(own, (value) => edges.findLastIndex((edge) => edge <= value));
  return { bins, count: edges.length, ordered: true };
}

/** A node: rows whose bin of the split's feature is marked in `left` go `low`, others `high`. */
interface TreeNode {
  readonly value: number;
  readonly split: { readonly feature: Binned; readonly left: Uint8Array; readonly low: TreeNode; readonly high: TreeNode } | null;
}

export interface ForestOptions {
  readonly trees: number;
  /** Address of the random draws. */
  readonly address: readonly [seed: number, counter: number];
}

/**
 * Grows trees, each on as many units (rows that stay together) as `sample` holds, drawn from it
 * with replacement. Returns the rises of the squared error on the units that a tree has not seen,
 * by feature and tree, as shares of the variance of the sample's rows, and R2 on unseen units. A
 * unit may be in the sample several times, as in a resample.
 */
export function growForest(
  features: readonly Binned[],
  target: Float64Array,
  sample: readonly Uint32Array[],
  { trees, address: [seed, counter] }: ForestOptions,
) {
  const rises = features.map(() => new Float64Array(trees));
  const predicted = new Float64Array(target.length);
  const times = new Uint16Array(target.length);
  const variance = varianceOf(Float64Array.from(concatenate(sample), (row) => target[row] as number));
  const errorOf = (row: number, value: number) => (value - (target[row] as number)) ** 2;
  for (let t = 0; t < trees; t++) {
    const { uniform } = stream(seed, `tree ${counter}`, t);
    const drawn = sample.map(() => sample[Math.floor(uniform() * sample.length)] as Uint32Array);
    const known = new Set(drawn);
    const tree = growTree(features, target, concatenate(drawn), uniform);
    const out = concatenate(sample.filter((unit) => !known.has(unit)));
    let error = 0;
    for (const row of out) {
      const value = valueAt(tree, row);
      increment(predicted, row, value);
      increment(times, row, 1);
      error += errorOf(row, value);
    }
    for (const [f, feature] of features.entries()) {
      // A value where the parameter does not exist would say nothing of the parameter.
      const having = feature.without === null ? out : out.filter((row) => feature.bins[row] !== feature.without);
      const permuted = Uint8Array.from(having, (row) => feature.bins[row] as number);
      for (let i = permuted.length - 1; i > 0; i--) swap(permuted, i, Math.floor(uniform() * (i + 1)));
      const before = having === out ? error : having.reduce((sum, row) => sum + errorOf(row, valueAt(tree, row)), 0);
      let after = 0;
      for (let i = 0; i < having.length; i++) {
        const row = having[i] as number;
        after += errorOf(row, valueAt(tree, row, feature, permuted[i] as number));
      }
      (rises[f] as Float64Array)[t] = variance > 0 ? (after - before) / Math.max(1, out.length) / variance : 0;
    }
  }
  const seen = [...times.keys()].filter((row) => (times[row] as number) > 0);
  const squares = seen.reduce((sum, row) => sum + errorOf(row, (predicted[row] as number) / (times[row] as number)), 0);
  return { rises, r2: seen.length === 0 || !(variance > 0) ? null : 1 - squares / seen.length / variance };
}

/** Returns the rows of all units, in their order. */
export function concatenate(units: readonly Uint32Array[]): Uint32Array {
  const rows = new Uint32Array(units.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const unit of units) {
    rows.set(unit, at);
    at += unit.length;
  }
  return rows;
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
    const [lowRows, highRows] = divide(rows, feature, left);
    const high = grow(highRows, depth + 1);
    return { value, split: { feature, left, low: grow(lowRows, depth + 1), high } };
  };
  return grow(bag, 0);
}

/** Returns the rows on either side of a split, in their order. */
function divide(rows: Uint32Array, { bins }: Binned, left: Uint8Array): [low: Uint32Array, high: Uint32Array] {
  const [low, high] = [new Uint32Array(rows.length), new Uint32Array(rows.length)];
  let [lows, highs] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (left[bins[row] as number] === 1) low[lows++] = row;
    else high[highs++] = row;
  }
  return [low.subarray(0, lows), high.subarray(0, highs)];
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
    // The loop that takes most of the time: no iterators, no calls.
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const bin = bins[row] as number;
      sums[bin] = (sums[bin] as number) + (target[row] as number);
      counts[bin] = (counts[bin] as number) + 1;
    }
    const order = ordered ? null : binsByMean(sums, counts);
    let [leftSum, leftCount] = [0, 0];
    let cut = -1;
    for (let i = 0; i < count - 1; i++) {
      const bin = order === null ? i : (order[i] as number);
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
    for (let i = 0; i <= cut; i++) left[order === null ? i : (order[i] as number)] = 1;
    best = { feature, left };
  }
  return best;
}

/** Returns the bins by rising mean, empty ones last. */
function binsByMean(sums: Float64Array, counts: Uint32Array): number[] {
  const mean = (bin: number) => (counts[bin] === 0 ? Number.MAX_VALUE : (sums[bin] as number) / (counts[bin] as number));
  return Array.from(counts.keys()).sort((a, b) => mean(a) - mean(b) || a - b);
}
