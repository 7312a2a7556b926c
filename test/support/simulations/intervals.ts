/**
 * Covered variances of made-up networks whose expectation is known: how often intervals hold it,
 * and how often equal methods are called different.
 */
import { type ComparedTrial, compareMethods } from '../../../models/evaluation/comparison.ts';
import { assess, pairScores, type ScoredPartition, unitsOf } from '../../../models/evaluation/estimates.ts';
import type { TestErrors } from '../../../models/evaluation/test-errors.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';
import { type Stream, stream } from '../../../models/random.ts';

export interface Setting {
  readonly seeds: number;
  readonly rows: number;
  /** Number of groups of rows; null for independent rows. */
  readonly groups: number | null;
  /** Whether seeds and rows are skewed: a few are much worse. */
  readonly isSkewed: boolean;
  /** Deviation of the mean score between seeds, by that between sets of test rows. */
  readonly seedShare: number;
}

export const SEED_COUNTS = [3, 5, 7, 10] as const;

/** Every combination; `rows`: sizes of the test set. */
export const settings = (seeds: number, rows: readonly number[]): Setting[] =>
  rows.flatMap((count) =>
    [null, 8, 20].flatMap((groups) =>
      [false, true].flatMap((isSkewed) => [0.3, 1, 3].map((seedShare) => ({ seeds, rows: count, groups, isSkewed, seedShare }))),
    ),
  );

/** The expected score of every method here. */
const TRUTH = 0.8;
/** Deviation of the hardness of rows of a group about their mean, and of groups. */
const [OF_ROWS, OF_GROUPS] = [0.6, 0.3];

/** A variable of mean 0 and variance 1. */
const draw = ({ normal, uniform }: Stream, isSkewed: boolean): number => (isSkewed ? -Math.log(1 - uniform()) - 1 : normal());

/** Draws the test rows, and a method on them: the scores of its seeds, with errors of rows. */
function drawExperiment({ seeds, rows, groups, isSkewed, seedShare }: Setting, source: Stream) {
  const units = Int32Array.from({ length: rows }, (_, row) => (groups === null ? row : Math.floor((row * groups) / rows)));
  const ofGroups = Array.from({ length: groups ?? 0 }, () => OF_GROUPS * draw(source, isSkewed));
  const spreads = Float64Array.from(units, () => 0.5 + source.uniform());
  const shared = Float64Array.from(units, (unit) => 1 + OF_ROWS * draw(source, isSkewed) + (ofGroups[unit] ?? 0));
  const deviation = Math.hypot(OF_ROWS / Math.sqrt(rows), groups === null ? 0 : OF_GROUPS / Math.sqrt(groups));
  const spread = spreads.reduce((sum, value) => sum + value, 0);
  return () =>
    Array.from({ length: seeds }, () => {
      const ofSeed = seedShare * deviation * Math.sqrt(seeds) * draw(source, isSkewed);
      const errors = spreads.map((value, row) => {
        const own = 0.3 * draw(source, isSkewed);
        return (1 - TRUTH) * value * ((shared[row] as number) + ofSeed + own);
      });
      const rowsOfSeed: TestErrors = { errors, structureErrors: null, spreads, structureSpreads: spreads, units, strata: null };
      return { score: 1 - errors.reduce((sum, value) => sum + value, 0) / spread, rows: rowsOfSeed };
    });
}

type Experiment = ReturnType<ReturnType<typeof drawExperiment>>;

const partitionOf = (experiment: Experiment): ScoredPartition => {
  const rows = experiment[0]?.rows as TestErrors;
  return {
    partition: 0,
    scored: experiment.map(({ score, rows: { errors } }, seed) => ({ key: String(seed), score, errors })),
    units: unitsOf(rows, rows.spreads),
  };
};

/** Whether the intervals of a mean and of a difference hold the truth, in one experiment. */
export function holdTruth(setting: Setting, repetition: number): { readonly mean: boolean; readonly difference: boolean } {
  const drawMethod = drawExperiment(setting, stream(repetition, JSON.stringify(setting)));
  const [a, b] = [[partitionOf(drawMethod())], [partitionOf(drawMethod())]] as const;
  const holds = (partitions: readonly ScoredPartition[], truth: number) => {
    const { low, high } = assess(partitions, 1).estimate;
    return low <= truth && truth <= high;
  };
  return { mean: holds(a, TRUTH), difference: holds(pairScores(a, b) ?? [], 0) };
}

/** Whether any contrast of three equal methods is called resolved, in one comparison. */
export function isFalselyClear(setting: Setting, repetition: number): boolean {
  const drawMethod = drawExperiment(setting, stream(repetition, `equal ${JSON.stringify(setting)}`));
  const trials = METHODS.flatMap((method) =>
    drawMethod().map(({ score, rows }, seed): ComparedTrial => {
      const about = { trialId: `${method}-${seed}`, sweepId: 's', method, k: 1, seed, configurationHash: 'only' };
      return { ...about, validation: score, test: score, structureTest: null, rows };
    }),
  );
  const { contrasts } = compareMethods({ sweeps: ['s'], dataset: 'made up', target: 'y' }, trials, []);
  return contrasts.some(({ resolved }) => resolved);
}

/** Returns the share of repetitions in which something happens. */
export const rateOf = (repetitions: number, happens: (repetition: number) => boolean): number =>
  Array.from({ length: repetitions }, (_, repetition) => happens(repetition)).filter((is) => is).length / repetitions;
