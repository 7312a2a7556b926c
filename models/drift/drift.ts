/**
 * Drift detection: tests whether new rows have the distribution of the champion's data. Four tests
 * compare single descriptors, all descriptors jointly, the spectra, and the champion's covered
 * variance. Holm's procedure (1979) limits the probability of any false alarm to `alpha`. Rows of a
 * group are not independent: where there are groups, they are what is permuted and counted.
 */
import { type Matrix, pickRows } from '../axes.ts';
import { shuffle } from '../random.ts';
import { adjustHolm } from '../statistics/holm.ts';
import { columnOf, meanOf, varianceOf } from '../vectors.ts';
import { type JointTest, testEnergyDistance } from './energy-distance.ts';
import { countGroups, exchangeGroups, exchangeRows, type Groups, pickGroups } from './exchange.ts';
import { type MarginalTest, testColumns, testGroupedColumns } from './kolmogorov-smirnov.ts';
import { type PerformanceTest, type ScoredRows, testPerformance } from './performance.ts';

export const DRIFT_VERDICTS = ['none', 'inputs', 'performance', 'undecided'] as const;
/**
 * `performance`: the champion covers less variance of the new rows. `inputs`: structures or spectra
 * have shifted without a detectable loss of covered variance. `undecided`: too few groups.
 */
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

/** In physical units; the prediction is the champion's, from x. */
export interface DriftSample extends ScoredRows {
  /** [N, D]. */
  readonly x: Matrix;
}

export interface DescriptorDrift extends MarginalTest {
  /** Column of x. */
  readonly column: number;
  readonly shifted: boolean;
}

export interface Drift {
  readonly verdict: DriftVerdict;
  readonly alpha: number;
  /** Numbers of groups; null where rows are independent, absent in old records. */
  readonly groups?: { readonly reference: number; readonly fresh: number } | null | undefined;
  readonly descriptors: readonly DescriptorDrift[];
  /** Test of whether at least one descriptor has shifted. */
  readonly marginal: { readonly probability: number; readonly found: boolean };
  readonly inputs: JointTest & { readonly found: boolean };
  readonly outputs: JointTest & { readonly found: boolean };
  readonly performance: PerformanceTest & { readonly found: boolean };
}

/** Maximum rows of a sample in the tests over all pairs, whose cost is quadratic. */
const JOINT_ROWS = 600;
/** Maximum rows of a sample in permutations of groups, whose cost is linear. */
const MARGINAL_ROWS = 5000;
const PERMUTATIONS = 999;

export interface DriftOptions {
  readonly alpha: number;
  /** Minimum groups of either sample for a verdict, where rows come in groups. */
  readonly fewestGroups: number;
  readonly seed: number;
}

/** Compares hold-out rows of a champion's data with new ones. RangeError below two rows. */
export function detectDrift(reference: DriftSample, fresh: DriftSample, { alpha, fewestGroups, seed }: DriftOptions): Drift {
  const tests = marginalTests(reference, fresh, seed);
  const marginal = Math.min(1, ...tests.map(({ rate }) => rate));
  const inputs = jointTest(reference, fresh, ({ x }) => x, seed);
  const outputs = jointTest(reference, fresh, ({ y }) => y, seed + 1);
  const performance = testPerformance(reference, fresh);
  const groups = reference.groups &&
    fresh.groups && { reference: countGroups(reference.groups), fresh: countGroups(fresh.groups) };
  const isDecided = groups === null || Math.min(groups.reference, groups.fresh) >= fewestGroups;
  const probabilities = [marginal, inputs.probability, outputs.probability, performance.probability];
  const rejected = isDecided ? adjustHolm(probabilities).map((probability) => probability <= alpha) : [];
  const [ofMarginal = false, ofInputs = false, ofOutputs = false, ofPerformance = false] = rejected;
  const found = ofPerformance ? 'performance' : ofMarginal || ofInputs || ofOutputs ? 'inputs' : 'none';
  return {
    verdict: isDecided ? found : 'undecided',
    alpha,
    groups,
    descriptors: tests.map((test, column) => ({ column, ...test, shifted: ofMarginal && test.rate <= alpha })),
    marginal: { probability: marginal, found: ofMarginal },
    inputs: { ...inputs, found: ofInputs },
    outputs: { ...outputs, found: ofOutputs },
    performance: { ...performance, found: ofPerformance },
  };
}

function marginalTests(reference: DriftSample, fresh: DriftSample, seed: number): MarginalTest[] {
  if (!reference.groups || !fresh.groups) return testColumns(reference.x, fresh.x);
  const [a, b] = [
    subsample(reference.x, reference.groups, MARGINAL_ROWS, seed, 'reference'),
    subsample(fresh.x, fresh.groups, MARGINAL_ROWS, seed, 'fresh'),
  ];
  const exchange = exchangeGroups([a.groups as Groups, b.groups as Groups], seed, 'descriptors');
  return testGroupedColumns(a.matrix, b.matrix, exchange, PERMUTATIONS);
}

/** Tests rows scaled by the deviation of each column over both samples; constant columns are 0. */
function jointTest(
  reference: DriftSample,
  fresh: DriftSample,
  matrixOf: (sample: DriftSample) => Matrix,
  seed: number,
): JointTest {
  const [a, b] = [
    subsample(matrixOf(reference), reference.groups, JOINT_ROWS, seed, 'reference'),
    subsample(matrixOf(fresh), fresh.groups, JOINT_ROWS, seed, 'fresh'),
  ];
  const scale = Array.from({ length: a.matrix.columns }, (_, column) => {
    const values = Float64Array.of(...columnOf(a.matrix, column), ...columnOf(b.matrix, column));
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
  const name = 'energy distance';
  const exchange =
    a.groups && b.groups
      ? exchangeGroups([a.groups, b.groups], seed, name)
      : exchangeRows([a.matrix.rows, b.matrix.rows], seed, name);
  return testEnergyDistance(scaled(a.matrix), scaled(b.matrix), { permutations: PERMUTATIONS, exchange });
}

function subsample(matrix: Matrix, groups: Groups | null, most: number, seed: number, name: string) {
  if (matrix.rows <= most) return { matrix, groups };
  const rows = Uint32Array.from({ length: matrix.rows }, (_, row) => row);
  const chosen = shuffle(rows, seed, name).subarray(0, most);
  return { matrix: pickRows(matrix, chosen), groups: groups && pickGroups(groups, chosen) };
}
