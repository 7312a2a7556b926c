/**
 * The tests of two samples by permutations. Independent rows are permuted, or groups of rows: those
 * of a group are not independent.
 */
import { type Matrix, pickRows } from '../axes.ts';
import { shuffle } from '../random.ts';
import { columnOf, meanOf, varianceOf } from '../vectors.ts';
import { type JointTest, jointTestOf, permuteEnergyDistance } from './energy-distance.ts';
import { type Exchange, exchangeGroups, exchangeRows, restrictTo } from './exchange.ts';
import { type MarginalTest, testColumns } from './kolmogorov-smirnov.ts';
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
/** Maximum rows of a sample in the other tests, whose cost is linear. */
const LINEAR_ROWS = 2000;
const PERMUTATIONS = 999;

/** Tests two samples, whose units are rows unless both have groups, by the same permutations. */
export function testSamples(reference: DriftSample, fresh: DriftSample, seed: number): SampleTests {
  const rows = [reference.x.rows, fresh.x.rows] as const;
  const exchange =
    reference.groups && fresh.groups
      ? exchangeGroups([reference.groups, fresh.groups], seed, 'groups')
      : exchangeRows(rows, seed, 'rows');
  const [some, few] = [chooseRows(rows, LINEAR_ROWS, seed), chooseRows(rows, JOINT_ROWS, seed)];
  const [ofSome, ofFew] = [restrictTo(exchange, some, rows[0]), restrictTo(exchange, few, rows[0])];
  const columns = testColumns(pickRows(reference.x, some[0]), pickRows(fresh.x, some[1]), ofSome, PERMUTATIONS);
  const inputs = permuteScaled([reference.x, fresh.x], few, ofFew);
  const outputs = permuteScaled([reference.y, fresh.y], few, ofFew);
  const drops = permuteDrop(pickScored(reference, some[0]), pickScored(fresh, some[1]), ofSome, PERMUTATIONS);
  return {
    descriptors: columns.tests,
    inputs: jointTestOf(inputs),
    outputs: jointTestOf(outputs),
    performance: { ...testPerformance(reference, fresh), probability: shareFrom(drops, drops[0] as number) },
    adjusted: adjustByPermutations([columns.largest, inputs, outputs, drops]),
  };
}

const pickScored = ({ y, prediction }: ScoredRows, rows: Uint32Array) => ({
  y: pickRows(y, rows),
  prediction: pickRows(prediction, rows),
});

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
