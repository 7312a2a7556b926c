/**
 * The tests of two samples, of independent rows or of groups of rows. Rows of a group are not
 * independent: where there are groups, they are what is permuted.
 */
import { type Matrix, pickRows } from '../axes.ts';
import { shuffle } from '../random.ts';
import { adjustHolm } from '../statistics/holm.ts';
import { columnOf, meanOf, varianceOf } from '../vectors.ts';
import { type JointTest, jointTestOf, permuteEnergyDistance } from './energy-distance.ts';
import { type Exchange, exchangeGroups, exchangeRows, type Groups, restrictTo } from './exchange.ts';
import { type MarginalTest, testColumns, testGroupedColumns } from './kolmogorov-smirnov.ts';
import { type PerformanceTest, type ScoredRows, testPerformance } from './performance.ts';
import { adjustByPermutations, shareFrom } from './permutations.ts';
import { permuteDrop } from './permuted-drop.ts';

/** In physical units; the prediction is the champion's, from x. */
export interface DriftSample extends ScoredRows {
  /** [N, D]. */
  readonly x: Matrix;
}

export interface SampleTests {
  /** One per column of x. */
  readonly descriptors: readonly MarginalTest[];
  readonly inputs: JointTest;
  readonly outputs: JointTest;
  readonly performance: PerformanceTest;
  /**
   * Probabilities of descriptors, inputs, outputs and performance, adjusted for their number: that
   * one of them is alpha or less has at most that probability where nothing has changed.
   */
  readonly adjusted: readonly number[];
}

/** Maximum rows of a sample in the tests over all pairs, whose cost is quadratic. */
const JOINT_ROWS = 600;
/** Maximum rows of a sample in permutations of groups, whose cost is linear. */
const MARGINAL_ROWS = 5000;
const PERMUTATIONS = 999;

/** Tests samples of independent rows; their probabilities are adjusted by Holm's procedure. */
export function testRows(reference: DriftSample, fresh: DriftSample, seed: number): SampleTests {
  const descriptors = testColumns(reference.x, fresh.x);
  const joint = (matrixOf: (sample: DriftSample) => Matrix, seed: number) => {
    const rows = [reference, fresh].map((sample) => matrixOf(sample).rows) as [number, number];
    const chosen = chooseRows(rows, JOINT_ROWS, seed);
    const exchange = exchangeRows([chosen[0].length, chosen[1].length], seed, 'energy distance');
    return jointTestOf(permuteScaled([matrixOf(reference), matrixOf(fresh)], chosen, exchange));
  };
  const [inputs, outputs] = [joint(({ x }) => x, seed), joint(({ y }) => y, seed + 1)];
  const performance = testPerformance(reference, fresh);
  const marginal = Math.min(1, ...descriptors.map(({ rate }) => rate));
  const adjusted = adjustHolm([marginal, inputs.probability, outputs.probability, performance.probability]);
  return { descriptors, inputs, outputs, performance, adjusted };
}

/** Tests samples of grouped rows; the same permutations of groups serve all tests. */
export function testGroups(reference: DriftSample, fresh: DriftSample, seed: number): SampleTests {
  const exchange = exchangeGroups([reference.groups as Groups, fresh.groups as Groups], seed, 'groups');
  const rows = [reference.x.rows, fresh.x.rows] as const;
  const [some, few] = [chooseRows(rows, MARGINAL_ROWS, seed), chooseRows(rows, JOINT_ROWS, seed)];
  const [ofSome, ofFew] = [restrictTo(exchange, some, rows[0]), restrictTo(exchange, few, rows[0])];
  const columns = testGroupedColumns(pickRows(reference.x, some[0]), pickRows(fresh.x, some[1]), ofSome, PERMUTATIONS);
  const inputs = permuteScaled([reference.x, fresh.x], few, ofFew);
  const outputs = permuteScaled([reference.y, fresh.y], few, ofFew);
  const drops = permuteDrop(reference, fresh, exchange, PERMUTATIONS);
  return {
    descriptors: columns.tests,
    inputs: jointTestOf(inputs),
    outputs: jointTestOf(outputs),
    performance: { ...testPerformance(reference, fresh), probability: shareFrom(drops, drops[0] as number) },
    adjusted: adjustByPermutations([columns.largest, inputs, outputs, drops]),
  };
}

/**
 * Returns energy distances of rows scaled by the deviation of each column over both samples;
 * constant columns are 0.
 */
function permuteScaled(samples: readonly [Matrix, Matrix], chosen: readonly [Uint32Array, Uint32Array], exchange: Exchange) {
  const [a, b] = [pickRows(samples[0], chosen[0]), pickRows(samples[1], chosen[1])];
  const scale = Array.from({ length: a.columns }, (_, column) => {
    const values = Float64Array.of(...columnOf(a, column), ...columnOf(b, column));
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
  return permuteEnergyDistance(scaled(a), scaled(b), exchange, PERMUTATIONS);
}

/** Returns at most `most` rows of either sample, at random. */
function chooseRows(rows: readonly [number, number], most: number, seed: number): readonly [Uint32Array, Uint32Array] {
  const choose = (count: number, name: string) => {
    const all = Uint32Array.from({ length: count }, (_, row) => row);
    return count <= most ? all : shuffle(all, seed, name).subarray(0, most);
  };
  return [choose(rows[0], 'reference'), choose(rows[1], 'fresh')];
}
