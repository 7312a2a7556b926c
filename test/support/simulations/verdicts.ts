/** False rates of drift detection and of promotions, on synthetic data without any difference. */
import type { Matrix } from '../../../models/axes.ts';
import { type DriftVerdict, detectDrift } from '../../../models/drift/drift.ts';
import type { Groups } from '../../../models/drift/exchange.ts';
import { estimatePairedDifference } from '../../../models/drift/performance.ts';
import { decidePromotion } from '../../../models/drift/promotion.ts';
import { stream } from '../../../models/random.ts';
import { adjustHolm } from '../../../models/statistics/holm.ts';
import { FEWEST_HOLD_OUT_GROUPS } from '../../../search/retraining.ts';
import { matrixOf } from '../data.ts';

/** Rows in groups of equal size; `correlation`: within groups, 0 for independent rows. */
export interface Grouping {
  readonly groups: number;
  readonly rowsPerGroup: number;
  readonly correlation: number;
}

const [DESCRIPTORS, ENERGIES] = [6, 5];

interface Draw {
  readonly normal: () => number;
}

/** Draws columns [N, columns] of variance 1 that are correlated within groups. */
function drawColumns({ groups, rowsPerGroup, correlation }: Grouping, columns: number, { normal }: Draw): Matrix {
  const shared = Array.from({ length: groups * columns }, () => Math.sqrt(correlation) * normal());
  return matrixOf(groups * rowsPerGroup, columns, (row, column) => {
    const own = Math.sqrt(1 - correlation) * normal();
    return (shared[Math.floor(row / rowsPerGroup) * columns + column] as number) + own;
  });
}

const groupsOf = ({ groups, rowsPerGroup, correlation }: Grouping): Groups | null =>
  correlation === 0
    ? null
    : { units: Int32Array.from({ length: groups * rowsPerGroup }, (_, row) => Math.floor(row / rowsPerGroup)), strata: null };

/** Spectra are sums of neighbouring descriptors; errors of predictions are as correlated. */
function drawSample(grouping: Grouping, draw: Draw) {
  const x = drawColumns(grouping, DESCRIPTORS, draw);
  const errors = drawColumns(grouping, ENERGIES, draw);
  const y = matrixOf(x.rows, ENERGIES, (row, e) => {
    const at = row * DESCRIPTORS + e;
    return (x.data[at] as number) + (x.data[at + 1] as number);
  });
  const prediction = matrixOf(x.rows, ENERGIES, (row, e) => {
    const at = row * ENERGIES + e;
    return (y.data[at] as number) + 0.5 * (errors.data[at] as number);
  });
  return { x, y, prediction, groups: groupsOf(grouping) };
}

/** Returns the verdict on two samples of one distribution. */
export function simulateDrift(reference: Grouping, fresh: Grouping, seed: number): DriftVerdict {
  const draw = stream(seed, 'drift without drift');
  const samples = [drawSample(reference, draw), drawSample(fresh, draw)] as const;
  return detectDrift(...samples, { alpha: 0.05, fewestGroups: FEWEST_HOLD_OUT_GROUPS, seed }).verdict;
}

/**
 * Returns the difference between two models that are equally good in expectation: on each group one
 * of them is better by chance.
 */
export function simulateChallenge(grouping: Grouping, seed: number) {
  const draw = stream(seed, 'equal models');
  const y = drawColumns(grouping, ENERGIES, draw);
  const favours = drawColumns(grouping, 1, draw).data;
  const predict = (sign: number) =>
    matrixOf(y.rows, ENERGIES, (row, e) => {
      const size = 0.4 * Math.exp(0.25 * sign * (favours[row] as number));
      return (y.data[row * ENERGIES + e] as number) + size * draw.normal();
    });
  return estimatePairedDifference(y, predict(1), predict(-1), groupsOf(grouping));
}

/** Number of champions that a run challenges: three methods at two widths. */
const COMPARISONS = 6;

/** Returns whether a run promotes any of its challengers, which are as good as the champions. */
export function simulateRun(grouping: Grouping, seed: number): boolean {
  const found = Array.from({ length: COMPARISONS }, (_, i) => simulateChallenge(grouping, COMPARISONS * seed + i));
  const adjusted = adjustHolm(found.map(({ probability }) => probability));
  return found.some(({ interval }, i) => {
    const evidence = { fresh: interval, old: interval, adjustedProbability: adjusted[i] as number, comparisons: COMPARISONS };
    return decidePromotion(evidence, 1).promoted;
  });
}

const INDEPENDENT: Grouping = { groups: 200, rowsPerGroup: 1, correlation: 0 };

/** Returns the rates of false alarms at a nominal 0.05, for soak runs. */
export function measureFalseDrift(draws: number) {
  const rate = (reference: Grouping, fresh: Grouping) =>
    shareOf(draws, (seed) => simulateDrift(reference, fresh, seed) !== 'none');
  const inGroups = (correlation: number) => {
    const shape = { rowsPerGroup: 20, correlation };
    return rate({ ...shape, groups: 20 }, { ...shape, groups: 10 });
  };
  return { rows: rate(INDEPENDENT, INDEPENDENT), groups: { '0.05': inGroups(0.05), '0.2': inGroups(0.2) } };
}

/**
 * Returns the rates of false promotions at a nominal 0.025, of one challenger and of any in a run,
 * and of intervals that exclude 0 at a nominal 0.05, for soak runs.
 */
export function measureFalsePromotion(draws: number) {
  const measure = (grouping: Grouping) => {
    const found = Array.from({ length: draws }, (_, seed) => simulateChallenge(grouping, seed));
    const share = (counts: (one: (typeof found)[number]) => boolean) => found.filter(counts).length / draws;
    return {
      promoted: share(({ interval }) => interval.low > 0),
      missed: share(({ interval: { low, high } }) => low > 0 || high < 0),
      run: shareOf(Math.ceil(draws / COMPARISONS), (seed) => simulateRun(grouping, seed)),
    };
  };
  return {
    rows: measure(INDEPENDENT),
    groups: { '6': measure(groupsOf80(6)), '20': measure(groupsOf80(20)) },
  };
}

const groupsOf80 = (groups: number): Grouping => ({ groups, rowsPerGroup: 80, correlation: 0.1 });

function shareOf(draws: number, happens: (seed: number) => boolean): number {
  return Array.from({ length: draws }, (_, seed) => happens(seed)).filter(Boolean).length / draws;
}
