/**
 * What of each descriptor comes back through a bottleneck: the share of its variance that the expansion x' = x V'V recovers on test rows, and whether that makes
 * the descriptor decisive. The paper (arXiv 2406.14044) leaves the criterion open; this is ours.
 */
import type { Matrix } from '../axes.ts';
import { expandRow, projectRow } from '../projection.ts';
import { shuffle, stream } from '../random.ts';

/** A share whose interval lies above this is high: the expansion tells more of the descriptor than it leaves open. */
export const DECISIVE_FROM = 0.5;
/** A share whose interval lies below this is nothing: the expansion returns the mean, whatever the structure. */
export const INDECISIVE_BELOW = 0.1;

const RESAMPLES = 400;
const ADDRESS = 20_240_615;

/**
 * decisive: the interval of the share lies above DECISIVE_FROM and above that of the permuted control. indecisive: it lies below INDECISIVE_BELOW, or meets the control's.
 * undecided: anything else.
 */
export type DescriptorState = 'decisive' | 'undecided' | 'indecisive';

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface DescriptorShare {
  /** Over seeds and resamples of the test rows, 95 %. */
  readonly share: Interval;
  /** The same with every structure expanded from another one's latents. */
  readonly control: Interval;
  readonly state: DescriptorState;
}

/** Sums over the rows of one unit of resampling, per descriptor. */
interface Sums {
  readonly rows: number;
  readonly x: Float64Array;
  readonly x2: Float64Array;
  /** Squared errors of the expansion and of its control, per seed. */
  readonly errors: readonly Float64Array[];
  readonly controls: readonly Float64Array[];
}

/**
 * For x [N, D] (standardised) and the `rows` to look at: a DescriptorShare per descriptor, from the components V [k, D] of each seed. Rows that share a group are
 * drawn together, since they are not independent. Deterministic.
 */
export function descriptorShares(
  x: Matrix,
  rows: Uint32Array,
  components: readonly Float32Array[],
  groups: readonly string[] | null,
): DescriptorShare[] {
  const units = [...unitsOf(x, rows, components, groups).values()];
  const seeds = components.length;
  const { uniform } = stream(ADDRESS, 'resamples of shares');
  const pick = (count: number) => Array.from({ length: count }, () => Math.floor(uniform() * count));
  const everyone = (count: number) => Array.from({ length: count }, (_, i) => i);
  const resamples = Array.from({ length: RESAMPLES }, () => sharesOf(units, pick(units.length), pick(seeds), x.columns));
  const whole = sharesOf(units, everyone(units.length), everyone(seeds), x.columns);
  const interval = (kind: 'share' | 'control', d: number): Interval => {
    const sorted = Float64Array.from(resamples, (one) => one[kind][d] as number).sort();
    const at = (quantile: number) => sorted[Math.round(quantile * (RESAMPLES - 1))] as number;
    return { mean: whole[kind][d] as number, low: at(0.025), high: at(0.975) };
  };
  return everyone(x.columns).map((d) => {
    const [share, control] = [interval('share', d), interval('control', d)];
    return { share, control, state: stateOf(share, control) };
  });
}

/** The decision alone. */
export function stateOf(share: Interval, control: Interval): DescriptorState {
  if (share.high < INDECISIVE_BELOW || share.low <= control.high) return 'indecisive';
  return share.low > DECISIVE_FROM ? 'decisive' : 'undecided';
}

function unitsOf(
  x: Matrix,
  rows: Uint32Array,
  components: readonly Float32Array[],
  groups: readonly string[] | null,
): Map<string, Sums> {
  const D = x.columns;
  const stranger = shuffle(rows, ADDRESS, 'strangers');
  const units = new Map<string, Sums & { rows: number }>();
  const floats = () => new Float64Array(D);
  rows.forEach((row, i) => {
    const name = groups ? (groups[row] as string) : String(row);
    const unit = units.get(name) ?? {
      rows: 0,
      x: floats(),
      x2: floats(),
      errors: components.map(floats),
      controls: components.map(floats),
    };
    units.set(name, unit);
    unit.rows += 1;
    const own = x.data.subarray(row * D, (row + 1) * D);
    const other = x.data.subarray((stranger[i] as number) * D, ((stranger[i] as number) + 1) * D);
    for (let d = 0; d < D; d++) {
      unit.x[d] = (unit.x[d] as number) + (own[d] as number);
      unit.x2[d] = (unit.x2[d] as number) + (own[d] as number) ** 2;
    }
    components.forEach((V, seed) => {
      addErrors(unit.errors[seed] as Float64Array, own, own, V);
      addErrors(unit.controls[seed] as Float64Array, own, other, V);
    });
  });
  return units;
}

/** Adds the squared errors of `through` expanded, held against `own`. */
function addErrors(sums: Float64Array, own: Float32Array, through: Float32Array, V: Float32Array): void {
  const expanded = expandRow(projectRow(through, V), V);
  for (let d = 0; d < own.length; d++) sums[d] = (sums[d] as number) + ((own[d] as number) - (expanded[d] as number)) ** 2;
}

/** Mean over the seeds drawn of the shares over the units drawn, per descriptor. */
function sharesOf(units: readonly Sums[], drawn: readonly number[], seeds: readonly number[], D: number) {
  let rows = 0;
  const x = new Float64Array(D);
  const x2 = new Float64Array(D);
  const error = new Float64Array(D);
  const control = new Float64Array(D);
  for (const at of drawn) {
    const unit = units[at] as Sums;
    rows += unit.rows;
    for (let d = 0; d < D; d++) {
      x[d] = (x[d] as number) + (unit.x[d] as number);
      x2[d] = (x2[d] as number) + (unit.x2[d] as number);
    }
    for (const seed of seeds) {
      const [own, stranger] = [unit.errors[seed] as Float64Array, unit.controls[seed] as Float64Array];
      for (let d = 0; d < D; d++) {
        error[d] = (error[d] as number) + (own[d] as number);
        control[d] = (control[d] as number) + (stranger[d] as number);
      }
    }
  }
  const share = (sum: Float64Array) =>
    sum.map((value, d) => {
      const total = (x2[d] as number) - (x[d] as number) ** 2 / rows;
      return total > 0 ? 1 - value / seeds.length / total : 0;
    });
  return { share: share(error), control: share(control) };
}
