/** The comparison of methods: configurations chosen by validation scores, test scores reported. */
import type { Interval } from '../axes.ts';
import { type Cell, METHODS, type Method } from '../methods/catalogue.ts';
import { stream } from '../random.ts';
import { bootstrapBounds, meanOf } from '../vectors.ts';
import type { TestErrors } from './test-errors.ts';

/** A completed trial at one width or rank. */
export interface ComparedTrial extends Cell {
  readonly trialId: string;
  readonly sweepId: string;
  readonly seed: number;
  readonly configurationHash: string;
  readonly validation: number;
  readonly test: number;
  readonly structureTest: number | null;
  /** Errors of the test rows; absent where none are stored. */
  readonly rows?: TestErrors;
}

export interface ComparedBaseline {
  readonly name: string;
  readonly k: number | null;
  readonly configurationHash: string | null;
  readonly validation: number;
  readonly test: number;
  /** Errors of the test rows; absent where none are stored. */
  readonly rows?: TestErrors;
}

/** Mean over seeds, 95 % interval, and the test score of the trial that is best on validation. */
export interface Estimate extends Interval {
  readonly best: number;
}

export interface ComparisonRow extends Cell {
  /** Seeds of the best configuration, over which mean and interval are taken. */
  readonly trials: number;
  readonly configurationHash: string;
  readonly coveredVariance: Estimate;
  readonly structureCoveredVariance: Estimate | null;
}

export interface Contrast {
  readonly k: number;
  readonly a: Method;
  readonly b: Method;
  readonly difference: Interval;
  readonly pairs: number;
}

export interface Comparison {
  readonly sweeps: readonly string[];
  readonly dataset: string;
  readonly target: string;
  readonly rows: readonly ComparisonRow[];
  readonly contrasts: readonly Contrast[];
  readonly baselines: readonly { readonly name: string; readonly k: number | null; readonly coveredVariance: number }[];
}

const RESAMPLES = 10_000;
const ADDRESS = 20_240_614;

/** Compares the methods; trials and baselines without finite scores are left out. */
export function compareMethods(
  about: Pick<Comparison, 'sweeps' | 'dataset' | 'target'>,
  trials: readonly ComparedTrial[],
  baselines: readonly ComparedBaseline[],
): Comparison {
  const usable = trials.filter(({ validation, test }) => Number.isFinite(validation) && Number.isFinite(test));
  const chosen = chooseConfigurations(usable);
  return {
    ...about,
    rows: chosen.map(({ method, k, trials: seeds }) => ({
      method,
      k,
      trials: seeds.length,
      configurationHash: (seeds[0] as ComparedTrial).configurationHash,
      coveredVariance: estimate(seeds, ({ test }) => test, `${method}/${k}`),
      structureCoveredVariance: seeds.every(({ structureTest }) => structureTest !== null)
        ? estimate(seeds, ({ structureTest }) => structureTest as number, `${method}/${k}/structure`)
        : null,
    })),
    contrasts: contrastsOf(chosen),
    baselines: summarizeBaselines(baselines),
  };
}

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
      // A configuration that lost seeds (diverged, failed) must not win by the luck of those that
      // are left.
      const ranked = [...configurations.values()].sort(
        (a, b) => b.length - a.length || meanOf(b.map((trial) => trial.validation)) - meanOf(a.map((trial) => trial.validation)),
      );
      return [{ method, k, trials: ranked[0] as ComparedTrial[] }];
    }),
  );
}

function estimate(trials: readonly ComparedTrial[], value: (trial: ComparedTrial) => number, name: string): Estimate {
  const best = trials.reduce((a, b) => (b.validation > a.validation ? b : a));
  return { ...bootstrap(trials.map(value), name), best: value(best) };
}

/** Returns differences a - b on common seeds, each method at its best configuration. */
function contrastsOf(chosen: readonly Chosen[]): Contrast[] {
  return chosen.flatMap((a, i) =>
    chosen.slice(i + 1).flatMap((b): Contrast[] => {
      if (a.k !== b.k) return [];
      const partner = new Map(b.trials.map((trial) => [seedKey(trial), trial.test]));
      const differences = a.trials.flatMap((trial) => {
        const other = partner.get(seedKey(trial));
        return other === undefined ? [] : [trial.test - other];
      });
      if (differences.length === 0) return [];
      const difference = bootstrap(differences, `${a.method}-${b.method}/${a.k}`);
      return [{ k: a.k, a: a.method, b: b.method, difference, pairs: differences.length }];
    }),
  );
}

const seedKey = ({ sweepId, seed }: ComparedTrial) => `${sweepId}/${seed}`;

/**
 * Returns the mean and 95 % percentile interval over resamples drawn at `name` (Efron 1979,
 * doi:10.1214/aos/1176344552). Of one value the interval is that value: its spread is unknown.
 */
export function bootstrap(values: readonly number[], name: string): Interval {
  const mean = meanOf(values);
  if (values.length === 1) return { mean, low: mean, high: mean };
  const { uniform } = stream(ADDRESS, name);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(uniform() * values.length)] as number;
    return sum / values.length;
  }).sort();
  return { mean, ...bootstrapBounds(means) };
}

/** Returns the emulator at its best architecture by mean validation, and the linear references. */
function summarizeBaselines(baselines: readonly ComparedBaseline[]): Comparison['baselines'] {
  const usable = baselines.filter(({ validation, test }) => Number.isFinite(validation) && Number.isFinite(test));
  const named = Map.groupBy(usable, ({ name, k }) => `${name}/${k ?? ''}`);
  return [...named.values()].map((same) => {
    const configurations = [...Map.groupBy(same, ({ configurationHash }) => configurationHash ?? '').values()];
    const best = configurations.reduce((a, b) =>
      meanOf(b.map((one) => one.validation)) > meanOf(a.map((one) => one.validation)) ? b : a,
    );
    const { name, k } = best[0] as ComparedBaseline;
    return { name, k, coveredVariance: meanOf(best.map(({ test }) => test)) };
  });
}
