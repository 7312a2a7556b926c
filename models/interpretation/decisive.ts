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
import { add, addSquaredDifferences, increment, meanOf, rowOf } from '../vectors.ts';
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
 * that share a group are drawn together, since they are not independent. Deterministic.
 */
export function descriptorShares(
  x: Matrix,
  rows: Uint32Array,
  seeds: readonly { readonly components: Float32Array; readonly coveredVariance: number }[],
  groups: readonly string[] | null,
): DescriptorShare[] {
  const D = x.columns;
  const components = seeds.map((seed) => seed.components);
  const units = [...unitsOf(x, rows, components, groups).values()];
  const { uniform } = stream(ADDRESS, 'resamples of shares');
  const pick = (count: number) => Array.from({ length: count }, () => Math.floor(uniform() * count));
  const everyone = (count: number) => Array.from({ length: count }, (_, i) => i);
  const whole = sharesOf(units, everyone(units.length), everyone(seeds.length), D);
  const resamples = Array.from({ length: RESAMPLES }, () => sharesOf(units, pick(units.length), pick(seeds.length), D));
  const controls = controlShares(x, rows, (components[0] as Float32Array).length / D, seeds.length);
  const passes = meanOf(seeds.map(({ coveredVariance }) => coveredVariance)) >= PASSES_FROM;
  return everyone(D).map((d) => {
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

/** Sums over the rows of one unit of resampling, per descriptor. */
interface Sums {
  rows: number;
  readonly x: Float64Array;
  readonly x2: Float64Array;
  /** Squared errors of the expansion, per seed. */
  readonly errors: readonly Float64Array[];
}

function unitsOf(
  x: Matrix,
  rows: Uint32Array,
  components: readonly Float32Array[],
  groups: readonly string[] | null,
): Map<string, Sums> {
  const D = x.columns;
  const units = new Map<string, Sums>();
  const floats = () => new Float64Array(D);
  for (const [i, row] of rows.entries()) {
    const name = groups ? (groups[row] as string) : String(i % MOST_BLOCKS);
    const unit = units.get(name) ?? { rows: 0, x: floats(), x2: floats(), errors: components.map(floats) };
    units.set(name, unit);
    unit.rows += 1;
    const own = rowOf(x, row);
    add(unit.x, own);
    const squares = Float64Array.from(own, (value) => value ** 2);
    add(unit.x2, squares);
    components.forEach((V, seed) => {
      addSquaredDifferences(unit.errors[seed] as Float64Array, own, 0, expandRow(projectRow(own, V), V), 0);
    });
  }
  return units;
}

/** Mean over the seeds drawn of the shares over the units drawn, per descriptor. */
function sharesOf(units: readonly Sums[], drawn: readonly number[], seeds: readonly number[], D: number): Float64Array {
  let rows = 0;
  const x = new Float64Array(D);
  const x2 = new Float64Array(D);
  const error = new Float64Array(D);
  for (const at of drawn) {
    const unit = units[at] as Sums;
    rows += unit.rows;
    add(x, unit.x);
    add(x2, unit.x2);
    for (const seed of seeds) add(error, unit.errors[seed] as Float64Array);
  }
  return error.map((sum, d) => {
    const total = (x2[d] as number) - (x[d] as number) ** 2 / rows;
    return total > 0 ? 1 - sum / seeds.length / total : 0;
  });
}

/**
 * Shares of k directions drawn at random, mean over as many draws as there are seeds, in RESAMPLES
 * replicates: with the covariance C of the rows and P = V'V, 1 - E (x - Px)_d^2 / C_dd = (2 (PC)_dd
 * - (PCP)_dd) / C_dd.
 */
function controlShares(x: Matrix, rows: Uint32Array, k: number, seeds: number): Float64Array[] {
  const D = x.columns;
  const centred = Dense.from1DArray(rows.length, D, pickRows(x, rows).data).center('column');
  const C = centred.transpose().mmul(centred).div(rows.length);
  const { normal } = stream(ADDRESS, 'directions of chance');
  return Array.from({ length: RESAMPLES }, () => {
    const sum = new Float64Array(D);
    for (let seed = 0; seed < seeds; seed++) {
      const drawn = Dense.from1DArray(D, k, Float64Array.from({ length: D * k }, normal));
      const V = new QrDecomposition(drawn).orthogonalMatrix.transpose();
      const VC = V.mmul(C);
      const inner = VC.mmul(V.transpose()).mmul(V);
      for (let d = 0; d < D; d++) {
        let share = 0;
        for (let j = 0; j < k; j++) share += V.get(j, d) * (2 * VC.get(j, d) - inner.get(j, d));
        increment(sum, d, C.get(d, d) > 0 ? share / C.get(d, d) / seeds : 0);
      }
    }
    return sum;
  });
}
