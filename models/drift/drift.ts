/**
 * Drift detection: tests whether new rows have the distribution of the champion's data. Four tests
 * compare single descriptors, all descriptors jointly, the spectra, and the champion's covered
 * variance. Holm's procedure (1979) limits the probability of any false alarm to `alpha`.
 */
import { type Matrix, pickRows } from '../axes.ts';
import { shuffle } from '../random.ts';
import { columnOf, meanOf, varianceOf } from '../vectors.ts';
import { type JointTest, testEnergyDistance } from './energy-distance.ts';
import { adjustFalseDiscoveryRates, computeKsProbability, computeKsStatistic } from './kolmogorov-smirnov.ts';
import { type PerformanceTest, type ScoredRows, testPerformance } from './performance.ts';

export const DRIFT_VERDICTS = ['none', 'inputs', 'performance'] as const;
/**
 * `performance`: the champion covers less variance of the new rows. `inputs`: structures or spectra
 * have shifted without a detectable loss of covered variance.
 */
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

/** In physical units; the prediction is the champion's, from x. */
export interface DriftSample extends ScoredRows {
  /** [N, D]. */
  readonly x: Matrix;
}

export interface DescriptorDrift {
  /** Column of x. */
  readonly column: number;
  readonly statistic: number;
  readonly probability: number;
  /** Smallest false discovery rate at which this descriptor counts as shifted. */
  readonly rate: number;
  readonly shifted: boolean;
}

export interface Drift {
  readonly verdict: DriftVerdict;
  readonly alpha: number;
  readonly descriptors: readonly DescriptorDrift[];
  /** Test of whether at least one descriptor has shifted. */
  readonly marginal: { readonly probability: number; readonly found: boolean };
  readonly inputs: JointTest & { readonly found: boolean };
  readonly outputs: JointTest & { readonly found: boolean };
  readonly performance: PerformanceTest & { readonly found: boolean };
}

/** Maximum rows of a sample in the tests over all pairs, whose cost is quadratic. */
const JOINT_ROWS = 600;
const PERMUTATIONS = 999;

/** Compares hold-out rows of a champion's data with new ones. RangeError below two rows. */
export function detectDrift(reference: DriftSample, fresh: DriftSample, { alpha, seed }: { alpha: number; seed: number }): Drift {
  const tests = Array.from({ length: reference.x.columns }, (_, column) => {
    const statistic = computeKsStatistic(columnOf(reference.x, column), columnOf(fresh.x, column));
    return { column, statistic, probability: computeKsProbability(statistic, reference.x.rows, fresh.x.rows) };
  });
  const rates = adjustFalseDiscoveryRates(tests.map(({ probability }) => probability));
  const marginal = Math.min(1, ...rates);
  const inputs = jointTest(reference.x, fresh.x, seed);
  const outputs = jointTest(reference.y, fresh.y, seed + 1);
  const performance = testPerformance(reference, fresh, seed);
  const [ofMarginal, ofInputs, ofOutputs, ofPerformance] = rejectByHolm(
    [marginal, inputs.probability, outputs.probability, performance.probability],
    alpha,
  ) as [boolean, boolean, boolean, boolean];
  return {
    verdict: ofPerformance ? 'performance' : ofMarginal || ofInputs || ofOutputs ? 'inputs' : 'none',
    alpha,
    descriptors: tests.map((test, i) => {
      const rate = rates[i] as number;
      return { ...test, rate, shifted: ofMarginal && rate <= alpha };
    }),
    marginal: { probability: marginal, found: ofMarginal },
    inputs: { ...inputs, found: ofInputs },
    outputs: { ...outputs, found: ofOutputs },
    performance: { ...performance, found: ofPerformance },
  };
}

/**
 * Returns the hypotheses that Holm's procedure rejects at family-wise error rate `alpha`: the
 * smallest of m probabilities is compared with alpha / m, the next with alpha / (m - 1), and so on
 * until the first that is larger.
 */
export function rejectByHolm(probabilities: readonly number[], alpha: number): boolean[] {
  const ascending = [...probabilities.entries()].sort(([, a], [, b]) => a - b);
  const rejected = new Array<boolean>(probabilities.length).fill(false);
  for (const [rank, [index, probability]] of ascending.entries()) {
    if (probability > alpha / (probabilities.length - rank)) break;
    rejected[index] = true;
  }
  return rejected;
}

/** Tests rows scaled by the deviation of each column over both samples; constant columns are 0. */
function jointTest(a: Matrix, b: Matrix, seed: number): JointTest {
  const [some, others] = [subsample(a, seed, 'reference'), subsample(b, seed, 'fresh')];
  const scale = Array.from({ length: a.columns }, (_, column) => {
    const values = Float64Array.of(...columnOf(some, column), ...columnOf(others, column));
    return { mean: meanOf(values), deviation: Math.sqrt(varianceOf(values)) };
  });
  const scaled = ({ rows, columns, data }: Matrix): Matrix => ({
    rows,
    columns,
    data: data.map((value, i) => {
      const { mean, deviation } = scale[i % columns] as { mean: number; deviation: number };
      return deviation > 0 ? (value - mean) / deviation : 0;
    }),
  });
  return testEnergyDistance(scaled(some), scaled(others), { permutations: PERMUTATIONS, seed });
}

function subsample(matrix: Matrix, seed: number, name: string): Matrix {
  if (matrix.rows <= JOINT_ROWS) return matrix;
  const rows = Uint32Array.from({ length: matrix.rows }, (_, row) => row);
  return pickRows(matrix, shuffle(rows, seed, name).subarray(0, JOINT_ROWS));
}
