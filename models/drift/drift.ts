/**
 * Do new rows come from where the champion's data came from? Four questions, each a test: single descriptors, all descriptors together, the spectra, and the covered variance of
 * the champion. Holm's procedure (1979) keeps the chance that any of them cries without a reason at `alpha`.
 */
import { type Matrix, pickRows } from '../axes.ts';
import { shuffle } from '../random.ts';
import { type JointTest, testEnergyDistance } from './energy-distance.ts';
import { adjustFalseDiscoveryRates, computeKsProbability, computeKsStatistic } from './kolmogorov-smirnov.ts';
import { type PerformanceTest, testPerformance } from './performance.ts';

export const DRIFT_VERDICTS = ['none', 'inputs', 'performance'] as const;
/** `performance`: the champion covers less; `inputs`: structures or spectra have shifted, and the champion holds so far as can be told. */
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

export interface DriftSample {
  /** [N, D], physical units. */
  readonly x: Matrix;
  /** [N, E], physical units. */
  readonly y: Matrix;
  /** What the champion makes of x, [N, E]. */
  readonly prediction: Matrix;
}

export interface DriftOptions {
  /** Chance of a verdict other than `none` where nothing has drifted. */
  readonly alpha: number;
  readonly seed: number;
}

export interface DescriptorDrift {
  /** Column of x. */
  readonly column: number;
  readonly statistic: number;
  readonly probability: number;
  /** Rate of false discoveries at which this descriptor counts as shifted. */
  readonly rate: number;
  readonly shifted: boolean;
}

export interface Drift {
  readonly verdict: DriftVerdict;
  readonly alpha: number;
  readonly descriptors: readonly DescriptorDrift[];
  /** Of at least one shifted descriptor. */
  readonly marginal: { readonly probability: number; readonly found: boolean };
  readonly inputs: JointTest & { readonly found: boolean };
  readonly outputs: JointTest & { readonly found: boolean };
  readonly performance: PerformanceTest & { readonly found: boolean };
}

/** Rows of each side in the tests over all pairs, at most: their cost rises with the square. */
const JOINT_ROWS = 600;
const PERMUTATIONS = 999;

/** Reference: rows like those of the champion's training that it has not seen; fresh: the new ones. Deterministic for a seed. Throws RangeError on fewer than two rows. */
export function detectDrift(reference: DriftSample, fresh: DriftSample, { alpha, seed }: DriftOptions): Drift {
  const tests = Array.from({ length: reference.x.columns }, (_, column) => {
    const statistic = computeKsStatistic(copyColumn(reference.x, column), copyColumn(fresh.x, column));
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
    descriptors: tests.map((test, i) => ({
      ...test,
      rate: rates[i] as number,
      shifted: ofMarginal && (rates[i] as number) <= alpha,
    })),
    marginal: { probability: marginal, found: ofMarginal },
    inputs: { ...inputs, found: ofInputs },
    outputs: { ...outputs, found: ofOutputs },
    performance: { ...performance, found: ofPerformance },
  };
}

/** Which hypotheses fall when all of them together may be refused without a reason with probability `alpha`: the smallest probability against alpha / m, the next against alpha / (m - 1), ... */
export function rejectByHolm(probabilities: readonly number[], alpha: number): boolean[] {
  const order = probabilities.map((_, i) => i).sort((a, b) => (probabilities[a] as number) - (probabilities[b] as number));
  const refused = new Array<boolean>(probabilities.length).fill(false);
  for (const [place, index] of order.entries()) {
    if ((probabilities[index] as number) > alpha / (probabilities.length - place)) break;
    refused[index] = true;
  }
  return refused;
}

/** Columns in units of their spread over both samples; those that vary in neither say nothing. */
function jointTest(a: Matrix, b: Matrix, seed: number): JointTest {
  const [some, others] = [subsample(a, seed, 'reference'), subsample(b, seed, 'fresh')];
  const scale = Array.from({ length: a.columns }, (_, column) => {
    const values = [...copyColumn(some, column), ...copyColumn(others, column)];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
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

function copyColumn({ rows, columns, data }: Matrix, column: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * columns + column] as number);
}
