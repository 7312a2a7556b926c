/**
 * Which parameters the figure of a trial hangs on: a random forest (Breiman 2001, doi:10.1023/A:1010933404324) from parameters to figure, and by how much its error on
 * rows that a tree has not seen rises when the values of one parameter are permuted among them. Trees ask for order alone, so a parameter that was drawn on a logarithmic
 * scale needs no logarithm. Half of that rise, as a share of the variance, estimates Sobol's total index (Gregorutti et al. 2017, doi:10.1007/s11222-016-9646-1): 1 of a
 * parameter that alone decides everything, 0 of one that decides nothing; parameters that work together are each counted in full. Features are cut into at most 32 bins beforehand, so that a split costs a pass over rows and not over pairs of them.
 */
import { stream } from '../random.ts';

export interface Feature {
  readonly name: string;
  /** One per row; of words their places, 0 to n - 1. */
  readonly values: ArrayLike<number>;
  /** Words have no order: they are split by their mean figures, which is the best split of two groups (Breiman et al. 1984). */
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
  /** Out of bag: each row by the trees that have not seen it. Null with too few rows, or where the figures do not vary. */
  readonly r2: number | null;
  /** Most important first. */
  readonly parameters: readonly ParameterImportance[];
}

const TREES = 48;
const BINS = 32;
const LEAF_ROWS = 5;
const MOST_DEPTH = 14;
/** Below this a tree says nothing. */
const FEWEST_ROWS = 20;
const ADDRESS = 20_261_125;

/** Deterministic. Features without at least two values have no importance; rows are those of `target`, whose values are finite. */
export function parameterImportance(features: readonly Feature[], target: Float64Array): Importances {
  const variance = varianceOf(target);
  const varying = features.filter(({ values }) => differs(values, target.length));
  if (target.length < FEWEST_ROWS || !(variance > 0) || varying.length === 0) {
    return { r2: null, parameters: features.map(({ name }) => ({ name, importance: 0, low: 0, high: 0 })) };
  }
  const binned = varying.map((feature) => binnedFeature(feature, target.length));
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

/** Numbers by their quantiles, so that bins hold about equally many rows; words as they are. */
function binnedFeature({ values, ordered }: Feature, rows: number): Binned {
  const own = Float64Array.from({ length: rows }, (_, row) => values[row] as number);
  const words = own.reduce((most, value) => Math.max(most, value), 0) + 1;
  // A byte per row holds no more; so many words are taken as numbers.
  if (!ordered && words <= 256) return { bins: Uint8Array.from(own), count: words, ordered };
  const distinct = [...new Set(own.toSorted())];
  const sorted = distinct.length <= BINS ? Float64Array.from(distinct) : own.toSorted();
  const step = sorted.length / Math.min(BINS, distinct.length);
  const edges = [
    ...new Set(Array.from({ length: Math.min(BINS, distinct.length) }, (_, bin) => sorted[Math.floor(bin * step)] as number)),
  ];
  return {
    bins: Uint8Array.from(own, (value) => edges.findLastIndex((edge) => edge <= value)),
    count: edges.length,
    ordered: true,
  };
}

/** A tree as arrays: a node goes left where the row's bin of its feature is marked, and ends where `feature` is -1. */
interface Tree {
  readonly feature: number[];
  readonly left: (Uint8Array | null)[];
  readonly children: number[];
  readonly value: number[];
}

/** By feature and tree: rise of the mean squared error on rows out of bag, as a share of the variance. */
function growForest(features: readonly Binned[], target: Float64Array, variance: number) {
  const rows = target.length;
  const rises = features.map(() => new Float64Array(TREES));
  const told = new Float64Array(rows);
  const times = new Uint16Array(rows);
  for (let t = 0; t < TREES; t++) {
    const { uniform } = stream(ADDRESS, 'tree', t);
    const drawn = new Uint8Array(rows);
    const bag = Uint32Array.from({ length: rows }, () => Math.floor(uniform() * rows));
    for (const row of bag) drawn[row] = 1;
    const tree = growTree(features, target, bag, uniform);
    const out = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => drawn[row] === 0);
    let error = 0;
    for (const row of out) {
      const value = valueAt(tree, features, row, -1, 0);
      told[row] = (told[row] as number) + value;
      times[row] = (times[row] as number) + 1;
      error += (value - (target[row] as number)) ** 2;
    }
    features.forEach(({ bins }, f) => {
      const permuted = Uint8Array.from(out, (row) => bins[row] as number);
      for (let i = permuted.length - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1));
        [permuted[i], permuted[j]] = [permuted[j] as number, permuted[i] as number];
      }
      let worse = 0;
      out.forEach((row, i) => {
        worse += (valueAt(tree, features, row, f, permuted[i] as number) - (target[row] as number)) ** 2;
      });
      (rises[f] as Float64Array)[t] = (worse - error) / Math.max(1, out.length) / variance;
    });
  }
  let squares = 0;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (times[row] === 0) continue;
    squares += ((told[row] as number) / (times[row] as number) - (target[row] as number)) ** 2;
    count++;
  }
  return { rises, r2: count === 0 ? null : 1 - squares / count / variance };
}

/** What the tree says of a row, the bin of feature `other` replaced. */
function valueAt(tree: Tree, features: readonly Binned[], row: number, other: number, bin: number): number {
  let node = 0;
  for (;;) {
    const feature = tree.feature[node] as number;
    if (feature < 0) return tree.value[node] as number;
    const own = feature === other ? bin : ((features[feature] as Binned).bins[row] as number);
    node = (tree.children[node] as number) + ((tree.left[node] as Uint8Array)[own] === 1 ? 0 : 1);
  }
}

function growTree(features: readonly Binned[], target: Float64Array, bag: Uint32Array, uniform: () => number): Tree {
  const tree: Tree = { feature: [], left: [], children: [], value: [] };
  const tried = Math.max(1, Math.ceil(features.length / 2));
  const add = () => {
    tree.left.push(null);
    tree.children.push(0);
    tree.value.push(0);
    return tree.feature.push(-1) - 1;
  };
  const waiting = [{ node: add(), rows: bag, depth: 0 }];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    const { node, rows, depth } = place;
    let sum = 0;
    for (const row of rows) sum += target[row] as number;
    tree.value[node] = sum / rows.length;
    if (depth === MOST_DEPTH || rows.length < 2 * LEAF_ROWS) continue;
    const split = bestSplit(features, target, rows, sum, pick(features.length, tried, uniform));
    if (!split) continue;
    const { bins } = features[split.feature] as Binned;
    tree.feature[node] = split.feature;
    tree.left[node] = split.left;
    const first = add();
    add();
    tree.children[node] = first;
    waiting.push({ node: first, rows: rows.filter((row) => split.left[bins[row] as number] === 1), depth: depth + 1 });
    waiting.push({ node: first + 1, rows: rows.filter((row) => split.left[bins[row] as number] === 0), depth: depth + 1 });
  }
  return tree;
}

/** `count` different numbers below `of`, at random. */
function pick(of: number, count: number, uniform: () => number): number[] {
  const all = Array.from({ length: of }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(uniform() * (of - i));
    [all[i], all[j]] = [all[j] as number, all[i] as number];
  }
  return all.slice(0, count);
}

/** The split that leaves the least squared error, of those that keep enough rows on both sides; null where none lowers it. */
function bestSplit(features: readonly Binned[], target: Float64Array, rows: Uint32Array, sum: number, tried: readonly number[]) {
  const whole = (sum * sum) / rows.length;
  let best: { feature: number; left: Uint8Array } | null = null;
  let gain = 1e-12 * Math.abs(whole);
  for (const f of tried) {
    const { bins, count, ordered } = features[f] as Binned;
    const sums = new Float64Array(count);
    const counts = new Uint32Array(count);
    for (const row of rows) {
      const bin = bins[row] as number;
      sums[bin] = (sums[bin] as number) + (target[row] as number);
      counts[bin] = (counts[bin] as number) + 1;
    }
    const order = ordered ? null : byMean(sums, counts);
    let [leftSum, leftCount] = [0, 0];
    let cut = -1;
    for (let i = 0; i + 1 < count; i++) {
      const bin = order ? (order[i] as number) : i;
      leftSum += sums[bin] as number;
      leftCount += counts[bin] as number;
      const rightCount = rows.length - leftCount;
      if (counts[bin] === 0 || leftCount < LEAF_ROWS) continue;
      if (rightCount < LEAF_ROWS) break;
      const gained = (leftSum * leftSum) / leftCount + (sum - leftSum) ** 2 / rightCount - whole;
      if (gained > gain) {
        gain = gained;
        cut = i;
      }
    }
    if (cut < 0) continue;
    const left = new Uint8Array(count);
    for (let i = 0; i <= cut; i++) left[order ? (order[i] as number) : i] = 1;
    best = { feature: f, left };
  }
  return best;
}

/** Bins by rising mean; those without rows last, where they go to the right. */
function byMean(sums: Float64Array, counts: Uint32Array): number[] {
  const mean = (bin: number) => (counts[bin] === 0 ? Number.MAX_VALUE : (sums[bin] as number) / (counts[bin] as number));
  return Array.from(counts.keys()).sort((a, b) => mean(a) - mean(b) || a - b);
}

function differs(values: ArrayLike<number>, rows: number): boolean {
  for (let row = 1; row < rows; row++) if (values[row] !== values[0]) return true;
  return false;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
