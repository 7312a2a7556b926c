import { setTimeout as delay } from 'node:timers/promises';
import { SPLITS, type SplitName } from '../axes.ts';
import { type SplitScore, sharedTotalSquares, squaresByRow } from '../evaluation/covered-variance.ts';
import { METHOD_DEFINITIONS, type Method, ranksOf } from '../methods/catalogue.ts';
import type { CoveredVarianceRow, LatentBlock, TrialReport } from '../training/report.ts';
import type { TrialTask } from '../training/task.ts';
import { sumOf } from '../vectors.ts';
import type { Engine, Pack, TrainHooks } from './engine.ts';

/** Simulated behaviour. */
export interface NullEngineOptions {
  /** Simulated seconds of training per trial; the trials of a pack follow one another. */
  readonly secondsPerTrial?: number;
  /** The ending of a trial in place of 'completed' or 'rung'; null = none. */
  readonly ending?: (task: TrialTask) => 'diverged' | 'failed' | null;
  /** True makes the engine fail for the whole pack. */
  readonly breakdown?: (pack: Pack) => boolean;
}

/**
 * Trains nothing and reports deterministic values, so that only the cost of orchestration remains.
 * Scores rise with k and differ a little by configuration and seed; a checkpoint holds its epoch.
 */
export function createNullEngine(options: NullEngineOptions = {}): Engine {
  const { secondsPerTrial = 0, ending = () => null, breakdown = () => false } = options;
  const closing = new AbortController();
  return {
    name: 'null',
    build: 'null/1',
    threads: 1,
    async train(pack, hooks) {
      if (breakdown(pack)) throw new Error('the null engine failed as configured');
      const signal = AbortSignal.any([hooks.signal, closing.signal]);
      signal.throwIfAborted();
      const reports: TrialReport[] = [];
      for (const task of pack.tasks) {
        await simulate(task, secondsPerTrial, { ...hooks, signal });
        const report = reportOf(task, pack, ending(task), secondsPerTrial);
        hooks.onReport(report);
        reports.push(report);
      }
      return reports;
    },
    async close() {
      closing.abort(new Error('the engine is closed'));
    },
  };
}

async function simulate(task: TrialTask, seconds: number, hooks: TrainHooks): Promise<void> {
  hooks.signal.throwIfAborted();
  if (seconds === 0) return;
  const from = readEpoch(task.checkpoint);
  const middle = Math.floor((from + task.untilEpoch) / 2);
  await pause(seconds * 500, hooks.signal);
  hooks.onProgress({ trialId: task.trialId, epoch: middle, validation: validationOf(task) });
  hooks.onCheckpoint({ trialId: task.trialId, epoch: middle, bytes: writeEpoch(middle) });
  await pause(seconds * 500, hooks.signal);
}

/** Rejects with the signal's reason when it is aborted. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}

function reportOf(task: TrialTask, pack: Pack, ending: 'diverged' | 'failed' | null, seconds: number): TrialReport {
  const base = { trialId: task.trialId, epochs: task.untilEpoch, seconds };
  const validation = validationOf(task);
  const curve = { train: [validation], validation: [validation], best: 0 };
  if (ending === 'diverged') return { ...base, outcome: 'diverged', message: 'diverged as configured', curve };
  if (ending === 'failed') return { ...base, outcome: 'failed', code: 'trial-error', message: 'failed as configured' };
  if (task.untilEpoch < task.configuration.epochs) {
    return { ...base, outcome: 'rung', validation, checkpoint: writeEpoch(task.untilEpoch), curve };
  }
  const { method, k } = task.configuration;
  return {
    ...base,
    outcome: 'completed',
    scores: scoresOf(task, pack),
    emulator: METHOD_DEFINITIONS[method].trainsEmulator ? SPLITS.map((split) => splitScore(pack, split, 0.999)) : [],
    latents: SPLITS.map((split): LatentBlock => {
      const rows = pack.data.rows[split].length;
      return { split, k, rows, data: new Float32Array(rows * k) };
    }),
    components: null,
    curve,
    model: new TextEncoder().encode(`null model ${task.configuration.method} ${task.seed}`),
  };
}

/** Returns one score per split and rank. */
function scoresOf({ configuration, seed }: TrialTask, pack: Pack): CoveredVarianceRow[] {
  const { method } = configuration;
  return SPLITS.flatMap((split) =>
    ranksOf(configuration).map((rank) => ({
      ...splitScore(pack, split, score(method, rank, configuration.learningRate, seed)),
      k: rank,
      structureCoveredVariance: METHOD_DEFINITIONS[method].isProjection ? 0.5 : null,
    })),
  );
}

/** Distributes the residual over the test rows: by their spread, alternately more and less. */
function splitScore({ data }: Pack, split: SplitName, coveredVariance: number): SplitScore {
  if (split !== 'test') return { split, coveredVariance, errors: null };
  const weights = squaresByRow(data.y, data.rows.test).map((spread, row) => spread * (row % 2 === 0 ? 1 : 3));
  const residual = (1 - coveredVariance) * sharedTotalSquares(data.y, data.rows.test);
  const share = residual / sumOf(weights);
  return { split, coveredVariance, errors: weights.map((weight) => weight * share) };
}

function validationOf({ configuration, seed }: TrialTask): number {
  return score(configuration.method, configuration.k, configuration.learningRate, seed);
}

/** Worse with more constraints, better for larger k; best at a rate of 0.01; seeds matter little */
function score(method: Method, k: number, learningRate: number, seed: number): number {
  const { isProjection, coversAllRanks } = METHOD_DEFINITIONS[method];
  const loss = (2 + Number(isProjection) + Number(coversAllRanks)) / 10;
  return 1 - (loss + 0.01 * Math.abs(Math.log10(learningRate) + 2)) / k ** 2 - 0.001 * ((seed * 7) % 5);
}

function writeEpoch(epoch: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, epoch);
  return bytes;
}

function readEpoch(checkpoint: Uint8Array | null): number {
  return checkpoint ? new DataView(checkpoint.buffer, checkpoint.byteOffset).getUint32(0) : 0;
}
