/**
 * Recovery of each descriptor through a bottleneck: the share of its variance that the expansion x'
 * = x V'V recovers on test rows, and whether that makes the descriptor decisive. The paper (arXiv
 * 2406.14044) leaves the criterion open; this is ours, with its reasons in
 * docs/decisions/0008-decisive-descriptors.md.
 */
import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import { type Interval, type Matrix, pickRows } from '../axes.ts';
import { expandRow, projectRow } from '../methods/projection.ts';
import { stream } from '../random.ts';
import { addSquaredDifferences, increment, meanOf, rowOf } from '../vectors.ts';
import { DECISIVE_FROM, INDECISIVE_BELOW, PASSES_FROM } from './thresholds.ts';

/** Ends of intervals of so many resamples are reproducible to 0.01. */
const RESAMPLES = 2000;
/** Maximum units of independent rows: blocks of them are independent as well, and cost less. */
const MOST_BLOCKS = 200;
const ADDRESS = 20_240_615;

/**
 * decisive: the share's interval is above DECISIVE_FROM and that of the control; indecisive: it is
 * below INDECISIVE_BELOW, or the spectrum does not pass the bottleneck; undecided: anything else.
 */
export type DescriptorState = 'decisive' | 'undecided' | 'indecisive';

export interface DescriptorShare {
  /** Over seeds and resamples of the test rows, 95 %. */
  readonly share: Interval;
  /** The same for random directions, one set per seed, as if trained on permuted spectra. */
  readonly control: Interval;
  readonly state: DescriptorState;
}

/**
 * For x [N, D] (standardised) and the `rows` to look at: a DescriptorShare per descriptor, from the
 * components V [k, D] of each seed and the covered variance of the spectrum that each reached. Rows
 * that share a group are drawn together, since they are not independent. Calls for the same rows
 * may share `controlsOf`. Deterministic.
 */
export function descriptorShares(
  x: Matrix,
  rows: Uint32Array,
  seeds: readonly { readonly components: Float32Array; readonly coveredVariance: number }[],
  groups: readonly string[] | null,
  controlsOf: Controls = drawControls(x, rows),
): DescriptorShare[] {
  const D = x.columns;
  const components = seeds.map((seed) => seed.components);
  const units = unitsOf(x, rows, components, groups);
  const { uniform } = stream(ADDRESS, 'resamples of shares');
  const pick = (count: number) => new Uint32Array(count).map(() => Math.floor(uniform() * count));
  const everyone = (count: number) => new Uint32Array(count).map((_, i) => i);
  const whole = sharesOf(units, everyone(units.length), everyone(seeds.length), D);
  const resamples = Array.from({ length: RESAMPLES }, () => sharesOf(units, pick(units.length), pick(seeds.length), D));
  const controls = controlsOf((components[0] as Float32Array).length / D, seeds.length);
  const passes = meanOf(seeds.map(({ coveredVariance }) => coveredVariance)) >= PASSES_FROM;
  return Array.from({ length: D }, (_, d) => {
    const column = (shares: readonly Float64Array[]) => shares.map((one) => one[d] as number);
    const share = intervalOf(column(resamples), whole[d] as number);
    const control = intervalOf(column(controls));
    return { share, control, state: passes ? stateOf(share, control) : 'indecisive' };
  });
}

/** The decision alone, of a bottleneck that the spectrum passes. */
export function stateOf(share: Interval, control: Interval): DescriptorState {
  if (share.high < INDECISIVE_BELOW) return 'indecisive';
  return share.low > DECISIVE_FROM && share.low > control.high ? 'decisive' : 'undecided';
}

function intervalOf(values: readonly number[], mean = meanOf(values)): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (quantile: number) => sorted[Math.round(quantile * (sorted.length - 1))] as number;
  return { mean, low: at(0.025), high: at(0.975) };
}

/** Sums over the rows of one unit of resampling. */
interface Unit {
  rows: number;
  /** By descriptor: x, then x^2, then for each seed the squared errors of the expansion. */
  readonly sums: Float64Array;
}

function unitsOf(x: Matrix, rows: Uint32Array, components: readonly Float32Array[], groups: readonly string[] | null): Unit[] {
  const D = x.columns;
  const units = new Map<string, Unit>();
  for (const [i, row] of rows.entries()) {
    const name = groups ? (groups[row] as string) : String(i % MOST_BLOCKS);
    const unit = units.get(name) ?? { rows: 0, sums: new Float64Array((2 + components.length) * D) };
    units.set(name, unit);
    unit.rows += 1;
    const { sums } = unit;
    const own = rowOf(x, row);
    for (const [d, value] of own.entries()) {
      increment(sums, d, value);
      increment(sums, D + d, value ** 2);
    }
    for (const [seed, V] of components.entries()) {
      const expanded = expandRow(projectRow(own, V), V);
      addSquaredDifferences(sums.subarray((2 + seed) * D, (3 + seed) * D), own, 0, expanded, 0);
    }
  }
  return [...units.values()];
}

/** Mean over the seeds drawn of the shares over the units drawn, per descriptor. */
function sharesOf(units: readonly Unit[], drawn: Uint32Array, seeds: Uint32Array, D: number): Float64Array {
  let rows = 0;
  // x and x^2, then the squared errors of all seeds.
  const total = new Float64Array(3 * D);
  for (let i = 0; i < drawn.length; i++) {
    const unit = units[drawn[i] as number] as Unit;
    const { sums } = unit;
    rows += unit.rows;
    for (let d = 0; d < 2 * D; d++) total[d] = (total[d] as number) + (sums[d] as number);
    for (let s = 0; s < seeds.length; s++) {
      const from = (seeds[s] as number) * D;
      for (let d = 2 * D; d < 3 * D; d++) total[d] = (total[d] as number) + (sums[from + d] as number);
    }
  }
  return new Float64Array(D).map((_, d) => {
    const squares = (total[D + d] as number) - (total[d] as number) ** 2 / rows;
    return squares > 0 ? 1 - (total[2 * D + d] as number) / seeds.length / squares : 0;
  });
}

/** Returns shares of k random directions, means of `seeds` draws: an array [D] per replicate. */
export type Controls = (k: number, seeds: number) => readonly Float64Array[];

/**
 * Returns shares of k directions drawn at random, mean over as many draws as there are seeds, in
 * RESAMPLES replicates: with the covariance C of the rows and P = V'V, 1 - E (x - Px)_d^2 / C_dd =
 * (2 (PC)_dd - (PCP)_dd) / C_dd. They do not depend on a trial: kept by k and number of seeds.
 */
export function drawControls(x: Matrix, rows: Uint32Array): Controls {
  const known = new Map<string, readonly Float64Array[]>();
  return (k, seeds) => {
    const key = `${k} ${seeds}`;
    const found = known.get(key) ?? controlShares(x, rows, k, seeds);
    known.set(key, found);
    return found;
  };
}

function controlShares(x: Matrix, rows: Uint32Array, k: number, seeds: number): Float64Array[] {
  const D = x.columns;
  const centred = Dense.from1DArray(rows.length, D, pickRows(x, rows).data).center('column');
  const C = centred.transpose().mmul(centred).div(rows.length);
  const variances = C.diagonal();
  const { normal } = stream(ADDRESS, 'directions of chance');
  return Array.from({ length: RESAMPLES }, () => {
    const sum = new Float64Array(D);
    for (let seed = 0; seed < seeds; seed++) {
      const drawn = Dense.from1DArray(D, k, new Float64Array(D * k).map(normal));
      const V = new QrDecomposition(drawn).orthogonalMatrix.transpose();
      const VC = V.mmul(C);
      const inner = VC.mmul(V.transpose()).mmul(V);
      for (const [d, variance] of variances.entries()) {
        let share = 0;
        for (let j = 0; j < k; j++) share += V.get(j, d) * (2 * VC.get(j, d) - inner.get(j, d));
        increment(sum, d, variance > 0 ? share / variance / seeds : 0);
      }
    }
    return sum;
  });
}
