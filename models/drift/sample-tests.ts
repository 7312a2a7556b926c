/**
 * The tests of two samples by permutations. Independent rows are permuted, or groups of rows: those
 * of a group are not independent.
 */
import { type Matrix, pickRows } from '../axes.ts';
import { columnOf, meanOf, varianceOf } from '../vectors.ts';
import { type JointTest, jointTestOf, permuteEnergyDistance } from './energy-distance.ts';
import { type Exchange, exchangeGroups, independentRows, pickGroups, restrictTo } from './exchange.ts';
import { type MarginalTest, testColumns } from './kolmogorov-smirnov.ts';
import { type PerformanceTest, type ScoredRows, testPerformance } from './performance.ts';
import { adjustByPermutations, shareFrom } from './permutations.ts';
import { permuteDrop } from './permuted-drop.ts';
import { type ChosenRows, thinRows } from './thinning.ts';

/** X in physical units, targets in those of the score; the prediction is the champion's, from x. */
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
  const isGrouped = reference.groups !== null && fresh.groups !== null;
  const groupsOf = ({ x, groups }: DriftSample) => (isGrouped && groups ? groups : independentRows(x.rows));
  const all = [groupsOf(reference), groupsOf(fresh)] as const;
  const some = thinRows([all[0].units, all[1].units], LINEAR_ROWS, seed);
  const groups = [pickGroups(all[0], some[0]), pickGroups(all[1], some[1])] as const;
  const few = thinRows([groups[0].units, groups[1].units], JOINT_ROWS, seed);
  const exchange = exchangeGroups(groups, seed, isGrouped ? 'groups' : 'rows', few);
  const ofFew = restrictTo(exchange, few, some[0].length);
  const [a, b] = [pickSample(reference, some[0]), pickSample(fresh, some[1])];
  const columns = testColumns(a.x, b.x, exchange, PERMUTATIONS);
  const inputs = permuteScaled([a.x, b.x], few, ofFew);
  const outputs = permuteScaled([a.y, b.y], few, ofFew);
  const drops = permuteDrop(a, b, exchange, PERMUTATIONS);
  return {
    descriptors: columns.tests,
    inputs: jointTestOf(inputs),
    outputs: jointTestOf(outputs),
    performance: { ...testPerformance(reference, fresh), probability: shareFrom(drops, drops[0] as number) },
    adjusted: adjustByPermutations([columns.largest, inputs, outputs, drops]),
  };
}

const pickSample = ({ x, y, prediction }: DriftSample, rows: Uint32Array) => ({
  x: pickRows(x, rows),
  y: pickRows(y, rows),
  prediction: pickRows(prediction, rows),
});

/**
 * Returns energy distances of rows scaled by the deviation of each column over both samples;
 * constant columns are 0.
 */
function permuteScaled(samples: readonly [Matrix, Matrix], chosen: ChosenRows, exchange: Exchange) {
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
