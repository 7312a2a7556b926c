/** False rates of drift detection and of promotions, on synthetic data without any difference. */
import type { Matrix } from '../../../models/axes.ts';
import { type DriftVerdict, detectDrift } from '../../../models/drift/drift.ts';
import type { Groups } from '../../../models/drift/exchange.ts';
import { estimatePairedDifference } from '../../../models/drift/performance.ts';
import { stream } from '../../../models/random.ts';
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

/** Returns the verdict over two samples of one distribution. */
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
