/** The comparison of methods: configurations chosen by validation scores, test scores reported. */
import { type Cell, compareCells, METHOD_DEFINITIONS, METHODS, type Method } from '../methods/catalogue.ts';
import { shortfallPValue } from '../statistics/equivalence.ts';
import { adjustHolm } from '../statistics/holm.ts';
import { pValue, type Reach } from '../statistics/reach.ts';
import { meanOf, quantile } from '../vectors.ts';
import {
  type Assessed,
  type Assessment,
  assess,
  type IntervalParts,
  pairScores,
  type ResampledUnits,
  type ScoredPartition,
  unitsOf,
} from './estimates.ts';
import { findOtherOptimum } from './other-optimum.ts';
import type { TestErrors } from './test-errors.ts';

/** Sweeps of one comparison: each pair is compared, and more panels cannot be told apart by eye. */
export const MOST_COMPARED_SWEEPS = 6;

/** A completed trial at one width or rank. */
export interface ComparedTrial extends Cell {
  readonly trialId: string;
  readonly sweepId: string;
  readonly seed: number;
  /** Division of the rows that it was trained and scored on; 0 where there is one. */
  readonly partition?: number;
  readonly configurationHash: string;
  readonly validation: number;
  readonly test: number;
  readonly structureTest: number | null;
  /** Engine that trained it; absent where the scores of a running sweep are followed. */
  readonly engine?: string;
  /** Errors of the test rows; absent where none are stored. */
  readonly rows?: TestErrors;
}

export interface ComparedBaseline {
  readonly name: string;
  readonly k: number | null;
  readonly sweepId?: string;
  /** Null where nothing is random. */
  readonly seed?: number | null;
  readonly partition?: number;
  readonly configurationHash: string | null;
  readonly validation: number;
  readonly test: number;
  /** Errors of the test rows; absent where none are stored. */
  readonly rows?: TestErrors;
}

/** The search for the best configuration of a method: all trials that ended, however they did. */
export interface SearchEffort {
  readonly configurations: number;
  readonly trials: number;
  readonly epochs: number;
  /** Seconds of one core in training; missing from older stored comparisons. */
  readonly coreSeconds?: number | undefined;
}

/** The trials of a method that have this width, or for ECA this highest rank. */
export type CellEffort = Cell & SearchEffort;

/**
 * Mean over seeds, 95 % interval, and the test score of the trial that is best on validation, among
 * those of the first partition.
 * Comparisons that were stored before intervals had parts lack the optional properties.
 */
export interface Estimate extends Omit<Assessed, 'parts' | 'units'> {
  readonly best: number;
  readonly median?: number | undefined;
  readonly parts?: IntervalParts | undefined;
  readonly units?: ResampledUnits | null | undefined;
}

/** A method and width in a comparison. Metrics that are read from it: comparison-metrics.ts. */
export interface ComparisonRow extends Cell {
  /** Seeds of the best configuration, over which mean and interval are taken. */
  readonly trials: number;
  readonly configurationHash: string;
  readonly coveredVariance: Estimate;
  readonly structureCoveredVariance: Estimate | null;
  /** Seeds that ended in another optimum than the rest. */
  readonly otherOptimum?: readonly number[] | undefined;
  /** The search for the best configuration. Missing from older stored comparisons. */
  readonly effort?: SearchEffort | undefined;
  /** Number of these trials by the engine that trained them; missing from older comparisons. */
  readonly engines?: Readonly<Record<string, number>> | undefined;
}

/** A difference or shortfall: what is optional is missing from older stored comparisons. */
export type Difference = Omit<Estimate, 'best' | 'median'>;

export interface Contrast {
  readonly k: number;
  readonly a: Method;
  readonly b: Method;
  readonly difference: Difference;
  readonly pairs: number;
  /** Two-sided, of no difference; 1 for one pair of seeds. */
  readonly p?: number | undefined;
  /** By Holm, for the number of contrasts of the comparison. */
  readonly adjustedP?: number | undefined;
  readonly resolved?: boolean | undefined;
}

/** Whether a width is enough: how far a method falls short of the emulator, or of 1 without one. */
export interface Sufficiency extends Cell {
  readonly reference: 'emulator' | 'variance';
  readonly shortfall: Difference;
  readonly margin: number;
  /** One-sided, of a shortfall of the margin or more; by Holm, for all methods and widths. */
  readonly adjustedP: number;
  readonly enough: boolean;
}

export interface ComparedReference {
  readonly name: string;
  readonly k: number | null;
  readonly coveredVariance: number;
  /** The same with its interval, where there is one. */
  readonly estimate?: Difference | undefined;
}

export interface Comparison {
  readonly sweeps: readonly string[];
  readonly dataset: string;
  readonly target: string;
  readonly rows: readonly ComparisonRow[];
  readonly contrasts: readonly Contrast[];
  readonly baselines: readonly ComparedReference[];
  /** Missing from older stored comparisons. */
  readonly sufficiency?: readonly Sufficiency[] | undefined;
  /** The search, by method and width. Missing from older stored comparisons. */
  readonly efforts?: readonly CellEffort[] | undefined;
}

export interface ComparisonSubject extends Pick<Comparison, 'sweeps' | 'dataset' | 'target'> {
  /** Number of test rows by that of training rows; needed for several partitions only. */
  readonly testToTraining?: number;
}

/** A width is enough where a method falls short of its reference by less. */
const ENOUGH_MARGIN = 0.01;
/** Adjusted p-values below make a verdict. */
const LEVEL = 0.05;

/**
 * Compares the methods; trials and baselines without finite scores are left out. `efforts`: all
 * that was tried, of which `trials` are the best configurations.
 */
export function compareMethods(
  { testToTraining = 1, ...about }: ComparisonSubject,
  trials: readonly ComparedTrial[],
  baselines: readonly ComparedBaseline[],
  efforts: readonly CellEffort[] = [],
): Comparison {
  const cells = chooseByPartition(trials.filter(isScored));
  const references = chooseBaselines(baselines.filter(isScored));
  const weigh = (partitions: readonly ScoredPartition[]) => assess(partitions, testToTraining);
  return {
    ...about,
    rows: cells.map((cell) => ({ ...describeCell(cell, weigh), ...effortOf(cell, efforts) })),
    contrasts: judgeContrasts(cells, weigh),
    baselines: references.map(({ name, k, partitions }) => {
      const { estimate, reach } = weigh(scoredOf(partitions));
      return { name, k, coveredVariance: estimate.mean, ...(reach && { estimate }) };
    }),
    efforts,
    sufficiency: judgeSufficiency(cells, references.find(({ name }) => name === 'emulator') ?? null, weigh),
  };
}

/** An emulator that covers no more, or whose interval reaches 0, shows no relation to learn. */
const NEXT_TO_NOTHING = 0.05;

/** Returns the emulator where it has learnt nothing, so that comparisons mean nothing; or null. */
export function findFailedEmulator(baselines: readonly ComparedReference[]): ComparedReference | null {
  const emulator = baselines.find(({ name }) => name === 'emulator');
  if (!emulator) return null;
  const { coveredVariance, estimate } = emulator;
  return coveredVariance < NEXT_TO_NOTHING || (estimate !== undefined && estimate.low <= 0) ? emulator : null;
}

type Weigh = (partitions: readonly ScoredPartition[]) => Assessment;

const isScored = ({ validation, test }: { readonly validation: number; readonly test: number }): boolean =>
  Number.isFinite(validation) && Number.isFinite(test);

/** Trials that represent a method at a width or rank. */
export interface Chosen extends Cell {
  /** One per (sweep, seed), of the configuration with the best mean validation score. */
  readonly trials: readonly ComparedTrial[];
}

/**
 * Returns the best configuration of every method and width that has a trial, by method and rising
 * width: most seeds, then the highest mean on validation, then the first. Also as SQL, in
 * db/queries/sweeps/best-configurations.ts.
 */
export function chooseConfigurations(trials: readonly ComparedTrial[]): Chosen[] {
  const widths = [...new Set(trials.map(({ k }) => k))].sort((a, b) => a - b);
  return METHODS.flatMap((method) =>
    widths.flatMap((k) => {
      const configurations = Map.groupBy(
        trials.filter((trial) => trial.method === method && trial.k === k),
        ({ configurationHash }) => configurationHash,
      );
      if (configurations.size === 0) return [];
      return [{ method, k, trials: rankFirst([...configurations.values()]) }];
    }),
  );
}

/**
 * Returns the configuration that ranks first: one that lost seeds (diverged, failed) must not win
 * by the luck of those that are left.
 */
function rankFirst<Scored extends { readonly validation: number }>(configurations: readonly Scored[][]): Scored[] {
  const ranked = configurations.toSorted((a, b) => b.length - a.length || meanValidation(b) - meanValidation(a));
  return ranked[0] as Scored[];
}

const meanValidation = (scored: readonly { readonly validation: number }[]): number =>
  meanOf(scored.map(({ validation }) => validation));

interface ChosenCell extends Cell {
  /** Trials of the configuration that is best on each partition's own validation rows. */
  readonly partitions: readonly (readonly ComparedTrial[])[];
}

interface ChosenBaseline {
  readonly name: string;
  readonly k: number | null;
  readonly partitions: readonly (readonly ComparedBaseline[])[];
}

/** Returns the parts by rising number of their partition. */
function partitionsOf<Part extends { readonly partition?: number }>(parts: readonly Part[]): Part[][] {
  const grouped = Map.groupBy(parts, ({ partition = 0 }) => partition);
  return [...grouped].sort(([a], [b]) => a - b).map(([, own]) => own);
}

/** Choosing within each partition keeps its test rows out of the choice. */
function chooseByPartition(trials: readonly ComparedTrial[]): ChosenCell[] {
  const chosen = partitionsOf(trials).flatMap(chooseConfigurations);
  const cells = Map.groupBy(chosen, ({ method, k }) => `${method}/${k}`);
  const ordered = [...cells.values()].map((own): ChosenCell => {
    const { method, k } = own[0] as Chosen;
    return { method, k, partitions: own.map((part) => part.trials) };
  });
  return ordered.sort(compareCells);
}

/** Returns the emulator at its best architecture, as methods are, and the linear references. */
function chooseBaselines(baselines: readonly ComparedBaseline[]): ChosenBaseline[] {
  const named = Map.groupBy(baselines, ({ name, k }) => `${name}/${k ?? ''}`);
  return [...named.values()].map((same) => {
    const { name, k } = same[0] as ComparedBaseline;
    const partitions = partitionsOf(same).map((own) => {
      // Nothing is random in a linear reference: several sweeps have the same.
      if (own[0]?.configurationHash === null) return own.slice(0, 1);
      return rankFirst([...Map.groupBy(own, ({ configurationHash }) => configurationHash ?? '').values()]);
    });
    return { name, k, partitions };
  });
}

/** The score of a seed on test rows, as trials and baselines have it. */
type SeedScore = Pick<ComparedBaseline, 'sweepId' | 'seed' | 'partition' | 'test' | 'rows'> & {
  readonly structureTest?: number | null;
};

function scoredOf(partitions: readonly (readonly SeedScore[])[]): ScoredPartition[] {
  return partitions.map((own) => {
    const rows = own.every((one) => one.rows) ? own[0]?.rows : undefined;
    return {
      partition: own[0]?.partition ?? 0,
      scored: own.map((one) => ({ key: `${one.sweepId}/${one.seed}`, score: one.test, errors: one.rows?.errors ?? null })),
      units: rows ? unitsOf(rows, rows.spreads) : null,
    };
  });
}

/** The same of the structure side; null for a method without expansion. */
function structureOf(partitions: readonly (readonly ComparedTrial[])[]): ScoredPartition[] | null {
  if (!partitions.flat().every(({ structureTest }) => structureTest !== null)) return null;
  const structures = partitions.map((own) =>
    own.map(({ rows, ...trial }) => {
      const errors = rows?.structureErrors;
      return {
        ...trial,
        test: trial.structureTest as number,
        ...(rows && errors && { rows: { ...rows, errors, spreads: rows.structureSpreads } }),
      };
    }),
  );
  return scoredOf(structures);
}

function describeCell({ method, k, partitions }: ChosenCell, weigh: Weigh): ComparisonRow {
  const trials = partitions.flat();
  // Validation scores of several partitions differ by their rows as well.
  const best = (partitions[0] as readonly ComparedTrial[]).reduce((a, b) => (b.validation > a.validation ? b : a));
  const structure = structureOf(partitions);
  const estimate = (scored: readonly ScoredPartition[], bestScore: number): Estimate => {
    const scores = Float64Array.from(
      scored.flatMap((part) => part.scored),
      ({ score }) => score,
    );
    return { ...weigh(scored).estimate, best: bestScore, median: quantile(scores.sort(), 0.5) };
  };
  // Scores of several partitions differ by their rows as well.
  const apart = partitions.length > 1 ? [] : findOtherOptimum(trials.map(({ test }) => test));
  return {
    method,
    k,
    trials: trials.length,
    configurationHash: (trials[0] as ComparedTrial).configurationHash,
    coveredVariance: estimate(scoredOf(partitions), best.test),
    structureCoveredVariance: structure && estimate(structure, best.structureTest as number),
    otherOptimum: apart.map((i) => (trials[i] as ComparedTrial).seed),
    ...(trials.every(({ engine }) => engine !== undefined) && { engines: countEngines(trials) }),
  };
}

/** Returns the search for a cell, which a method that covers all ranks has in common for all. */
function effortOf({ method, k }: Cell, efforts: readonly CellEffort[]): Pick<ComparisonRow, 'effort'> {
  const { coversAllRanks } = METHOD_DEFINITIONS[method];
  const own = efforts.filter((one) => one.method === method && (coversAllRanks ? one.k >= k : one.k === k));
  if (own.length === 0) return {};
  const sum = (name: keyof SearchEffort) => own.reduce((total, one) => total + (one[name] ?? 0), 0);
  const counts = { configurations: sum('configurations'), trials: sum('trials'), epochs: sum('epochs') };
  const isTimed = own.every(({ coreSeconds }) => coreSeconds !== undefined);
  return { effort: { ...counts, ...(isTimed && { coreSeconds: sum('coreSeconds') }) } };
}

/** Returns the number of trials by engine, in the order of their names. */
function countEngines(trials: readonly ComparedTrial[]): Record<string, number> {
  const byEngine = [...Map.groupBy(trials, ({ engine = '' }) => engine)].map(([engine, own]) => [engine, own.length] as const);
  return Object.fromEntries(byEngine.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Returns differences a - b on common seeds and rows: of the same sweep where there are any, else
 * of different ones; null where no seed is in both.
 */
function pairBySeed(a: readonly (readonly SeedScore[])[], b: readonly (readonly SeedScore[])[]): ScoredPartition[] | null {
  return pairScores(scoredOf(a), scoredOf(b)) ?? pairScores(scoredOf(a.map(firstOfSeed)), scoredOf(b.map(firstOfSeed)));
}

/** Returns the first score of each seed, without the sweep that it is of. */
const firstOfSeed = (scores: readonly SeedScore[]): SeedScore[] =>
  [...Map.groupBy(scores, ({ seed }) => seed).values()].map(([first]) => ({ ...(first as SeedScore), sweepId: '' }));

/** Returns differences a - b, each method at its best configuration. */
function judgeContrasts(cells: readonly ChosenCell[], weigh: Weigh): Contrast[] {
  const found = cells.flatMap((a, i) =>
    cells.slice(i + 1).flatMap((b) => {
      const paired = a.k === b.k ? pairBySeed(a.partitions, b.partitions) : null;
      if (!paired) return [];
      const weighed = weigh(paired);
      const p = testable(weighed, (mean, reach) => pValue(mean, reach));
      const pairs = paired.reduce((sum, { scored }) => sum + scored.length, 0);
      return [{ k: a.k, a: a.method, b: b.method, difference: weighed.estimate, pairs, p }];
    }),
  );
  const adjusted = adjustHolm(found.map(({ p }) => p));
  return found.map((contrast, i) => {
    const adjustedP = adjusted[i] as number;
    return { ...contrast, adjustedP, resolved: adjustedP < LEVEL };
  });
}

/** Returns a p-value; 1 where training was not repeated, or nothing varies. */
function testable({ estimate, reach, isRepeated }: Assessment, test: (mean: number, reach: Reach) => number): number {
  return isRepeated && reach ? test(estimate.mean, reach) : 1;
}

/** Tests the shortfall of each cell: behind the emulator on common seeds and rows, or behind 1. */
function judgeSufficiency(cells: readonly ChosenCell[], emulator: ChosenBaseline | null, weigh: Weigh): Sufficiency[] {
  const found = cells.flatMap(({ method, k, partitions }) => {
    const paired = emulator ? pairBySeed(emulator.partitions, partitions) : scoredOf(partitions).map(shortOfOne);
    if (!paired) return [];
    const weighed = weigh(paired);
    const p = testable(weighed, (mean, reach) => shortfallPValue(mean, reach, ENOUGH_MARGIN));
    return [{ method, k, shortfall: weighed.estimate, p }];
  });
  const adjusted = adjustHolm(found.map(({ p }) => p));
  return found.map(({ p, ...cell }, i) => {
    const adjustedP = adjusted[i] as number;
    const reference = emulator ? 'emulator' : 'variance';
    return { ...cell, reference, margin: ENOUGH_MARGIN, adjustedP, enough: adjustedP < LEVEL };
  });
}

/** 1 - score, whose errors are those of the score with the opposite sign. */
const shortOfOne = ({ scored, ...partition }: ScoredPartition): ScoredPartition => ({
  ...partition,
  scored: scored.map(({ key, score, errors }) => ({ key, score: 1 - score, errors: errors?.map((value) => -value) ?? null })),
});
