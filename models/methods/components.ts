/**
 * Emulator-based component analysis (Lahtinen et al. 2022; Vladyka et al., arXiv 2312.12967):
 * orthonormal v_1..v_r, found one after another, v_j maximising the covered variance of f(X V'V + X
 * v v') with the emulator f frozen. Adam on v alone, orthogonalised against the earlier ones and
 * normalised after each step, fresh optimiser state per component, several restarts. The best on
 * validation is then polished on all training rows: the mini-batches of Adam leave it a little
 * short of the optimum.
 */
import { coveredVarianceOfRows } from '../evaluation/covered-variance.ts';
import { shuffle, stream } from '../random.ts';
import { type Computation, call } from '../training/network-calls.ts';
import type { PackData } from '../training/task.ts';
import { Stopped } from '../training/train-network.ts';
import { dot, evenlySpaced, largestMagnitude, rowsOf } from '../vectors.ts';
import { climb, orthonormalise } from './climb.ts';

/** Restarts of the search for one component. */
const RESTARTS = 6;
/** Adam's steps per restart, each on a mini-batch: they find the hill, the polish its top. */
const STEPS = 100;
const ROWS_PER_STEP = 256;
/** Minimum length of a warm start's part that is orthogonal to the components found so far. */
const INDEPENDENT_FROM = 0.5;
/** Peak rate of a cosine schedule; for a unit vector, an angle per step. */
const RATE = 0.1;
const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;

/** More evaluations of the polish change no score in its fourth digit. */
const POLISH_EVALUATIONS = 24;
/** Bounds the cost on large data: of more training rows, evenly spaced ones are taken. */
const POLISH_ROWS = 8192;
/** A polish ends where a step lowers the loss by less than this share of it. */
const POLISHED = 1e-6;

/** A search for components of the frozen emulator. */
export interface ComponentSearch {
  readonly data: PackData;
  readonly seed: number;
  readonly hooks: {
    stop(): boolean;
    /** After each component: the rows found so far, [found, D]. */
    found(components: Float32Array, rank: number): void;
  };
}

/**
 * Extends the `found` components ([j, D], row-major) of the emulator to `rank` of them and returns
 * all, [rank, D]. `warm`: components of an earlier fit, [r, D] with orthonormal rows, which are
 * additional starts of the search. Deterministic in (emulator, data, seed, warm), wherever a search
 * resumes. Throws Stopped.
 */
export function* findComponents(
  search: ComponentSearch,
  rank: number,
  found: Float32Array,
  warm: Float32Array = new Float32Array(0),
): Computation<Float32Array> {
  const D = search.data.x.columns;
  if (rank > D) throw new RangeError(`rank ${rank} is more than the ${D} descriptors`);
  let components = found;
  for (let j = found.length / D; j < rank; j++) {
    const v = yield* findComponent(search, components, j, warm);
    const longer = new Float32Array((j + 1) * D);
    longer.set(components);
    longer.set(v, j * D);
    components = longer;
    search.hooks.found(components, j + 1);
  }
  return components;
}

function* findComponent(
  search: ComponentSearch,
  earlier: Float32Array,
  j: number,
  warm: Float32Array,
): Computation<Float64Array> {
  const { data, seed } = search;
  let best: { v: Float64Array; score: number } | null = null;
  for (const { address, v, climbs } of startingPoints(data.x.columns, seed, earlier, j, warm)) {
    orthonormalise(v, earlier);
    if (climbs) yield* optimise(search, address, earlier, v);
    const score = yield* validationScore(data, earlier, v);
    if (best === null || score > best.score) best = { v, score };
  }
  const { v, score } = best as { v: Float64Array; score: number };
  if (j === data.x.columns - 1) return canonicalSign(v);
  const polished = yield* polish(search, earlier, v);
  const isBetter = (yield* validationScore(data, earlier, polished)) >= score;
  return canonicalSign(isBetter ? polished : v);
}

/** Returns the covered variance of validation rows through the earlier components and v. */
function* validationScore(data: PackData, earlier: Float32Array, v: Float64Array): Computation<number> {
  const { validation } = data.rows;
  return coveredVarianceOfRows(data.y, validation, yield* projectionErrors(data, validation, earlier, v));
}

/** Returns v or -v, whichever has a positive largest coefficient: the sign is arbitrary. */
export const canonicalSign = (v: Float64Array): Float64Array => (largestMagnitude(v) < 0 ? v.map((value) => -value) : v);

/** Returns the optimum near v on the training rows, or on evenly spaced ones of very many. */
function* polish({ data, hooks }: ComponentSearch, earlier: Float32Array, v: Float64Array): Computation<Float64Array> {
  const { train } = data.rows;
  const rows = evenlySpaced(train.length, POLISH_ROWS).map((at) => train[at] as number);
  const limits = { evaluations: POLISH_EVALUATIONS, tolerance: POLISHED, stop: hooks.stop };
  return (yield* climb((w) => scoreComponent(data, rows, earlier, w), earlier, v, limits)).v;
}

interface Start {
  /** Random address of the mini-batches. */
  readonly address: string;
  readonly v: Float64Array;
  /** False: scored as it is. */
  readonly climbs: boolean;
}

/**
 * Returns the starts of the search for component j. The direction of an earlier fit comes first, as
 * it is and then optimised: it is kept where no other covers more, even among directions that are
 * about equally good.
 */
function startingPoints(D: number, seed: number, earlier: Float32Array, j: number, warm: Float32Array): Start[] {
  // The last direction left is determined by the others.
  const last = j === D - 1;
  const drawn = Array.from({ length: last ? 1 : RESTARTS }, (_, restart) => {
    const address = j * RESTARTS + restart;
    const { normal } = stream(seed, 'component start', address);
    return { address: `component ${address}`, v: Float64Array.from({ length: D }, normal), climbs: !last };
  });
  const known = last ? null : firstIndependent(warm, earlier, D);
  if (known === null) return drawn;
  const address = `component ${j} warm`;
  return [{ address, v: known, climbs: false }, { address, v: known.slice(), climbs: true }, ...drawn];
}

/** Returns the first of these rows that is linearly independent of `found`; null without one. */
function firstIndependent(rows: Float32Array, found: Float32Array, D: number): Float64Array | null {
  const known = rowsOf(found, D);
  for (const row of rowsOf(rows, D)) {
    const direction = Float64Array.from(row);
    const spent = known.reduce((sum, component) => sum + dot(direction, component) ** 2, 0);
    if (1 - spent >= INDEPENDENT_FROM ** 2) return direction;
  }
  return null;
}

/** Optimises v with Adam, in place. */
function* optimise(
  { data, seed, hooks }: ComponentSearch,
  address: string,
  earlier: Float32Array,
  v: Float64Array,
): Computation<void> {
  const D = data.x.columns;
  const first = new Float64Array(D);
  const second = new Float64Array(D);
  const size = Math.min(ROWS_PER_STEP, data.rows.train.length);
  let order = new Uint32Array(0);
  let at = 0;
  let pass = 0;
  for (let step = 0; step < STEPS; step++) {
    if (hooks.stop()) throw new Stopped();
    if (at + size > order.length) {
      order = shuffle(data.rows.train, seed, address, pass++) as Uint32Array<ArrayBuffer>;
      at = 0;
    }
    const rows = order.subarray(at, at + size);
    at += size;
    const { gradient } = yield* scoreComponent(data, rows, earlier, v);
    const rate = (RATE * (1 + Math.cos((Math.PI * step) / STEPS))) / 2;
    for (const [d, g] of gradient.entries()) {
      const mean = BETA1 * (first[d] as number) + (1 - BETA1) * g;
      const square = BETA2 * (second[d] as number) + (1 - BETA2) * g * g;
      first[d] = mean;
      second[d] = square;
      const root = Math.sqrt(square / (1 - BETA2 ** (step + 1)));
      v[d] = (v[d] as number) - (rate * (mean / (1 - BETA1 ** (step + 1)))) / (root + EPSILON);
    }
    orthonormalise(v, earlier);
  }
}

/**
 * The objective of one component on some rows: loss = mean squared error of f(x V'V + (x.v) v)
 * against y, and d loss / d v for free v: with g = d loss / d x', it is the sum over rows of (g.v)
 * x + (x.v) g.
 */
export function* scoreComponent(
  data: PackData,
  rows: Uint32Array,
  earlier: Float32Array,
  v: Float64Array,
): Computation<{ loss: number; gradient: Float64Array }> {
  const D = data.x.columns;
  const { loss, gradient: g } = yield* call('inputGradient', project(data, rows, earlier, v), rows);
  const gradient = new Float64Array(D);
  const x = data.x.data;
  for (let i = 0; i < rows.length; i++) {
    const [at, own] = [(rows[i] as number) * D, i * D];
    let [along, across] = [0, 0];
    for (let d = 0; d < D; d++) {
      along += (v[d] as number) * (g[own + d] as number);
      across += (v[d] as number) * (x[at + d] as number);
    }
    for (let d = 0; d < D; d++) {
      gradient[d] = (gradient[d] as number) + along * (x[at + d] as number) + across * (g[own + d] as number);
    }
  }
  return { loss, gradient };
}

/**
 * Returns x V'V (+ (x.v) v) of the rows, [rows, D]. The search spends much of its time here: rows
 * of descriptors are too short for a call, or a view, each.
 */
export function project(data: PackData, rows: Uint32Array, components: Float32Array, v?: Float64Array): Float32Array {
  const D = data.x.columns;
  const directions = new Float64Array(components.length + (v?.length ?? 0));
  directions.set(components);
  directions.set(v ?? [], components.length);
  const x = data.x.data;
  const result = new Float32Array(rows.length * D);
  const sum = new Float64Array(D);
  for (let i = 0; i < rows.length; i++) {
    const at = (rows[i] as number) * D;
    for (let d = 0; d < D; d++) sum[d] = 0;
    for (let from = 0; from < directions.length; from += D) {
      let along = 0;
      for (let d = 0; d < D; d++) along += (directions[from + d] as number) * (x[at + d] as number);
      for (let d = 0; d < D; d++) sum[d] = (sum[d] as number) + along * (directions[from + d] as number);
    }
    for (let d = 0; d < D; d++) result[i * D + d] = sum[d] as number;
  }
  return result;
}

/** Returns the squared errors of the frozen emulator on the projected rows, [rows]. */
export const projectionErrors = (
  data: PackData,
  rows: Uint32Array,
  components: Float32Array,
  v?: Float64Array,
): Computation<Float64Array> => call('squaredErrors', rows, project(data, rows, components, v));
