import type { TrialReport } from '../models/training/report.ts';
import type { PackData } from '../models/training/task.ts';
import type { RungScore } from '../search/halving.ts';
import type { Trial } from '../search/space.ts';
import type { SweepSpec } from '../search/spec.ts';
import type { EndingCounts, SweepState } from '../search/states.ts';

/** Storage of a sweep: activities/storage.ts uses Postgres, tests use memory. */
export interface SweepStore {
  /** Throws NarrowsError `sweep-unknown`. */
  sweep(sweepId: string): Promise<SweepRecord>;
  setState(sweepId: string, state: SweepState, message?: string): Promise<void>;
  counts(sweepId: string): Promise<EndingCounts>;
  /** Returns the most frequent message of the trials that failed or diverged; null without any. */
  failureReason(sweepId: string): Promise<string | null>;

  /** Returns the rows that exist of these trials, in any order. */
  trialStates(sweepId: string, indices: readonly number[]): Promise<readonly TrialState[]>;
  /** Returns trials promoted into this rung, rising; fixed while the rung is trained. */
  survivors(sweepId: string, rung: number, offset: number, limit: number): Promise<readonly number[]>;
  survivorCount(sweepId: string, rung: number): Promise<number>;
  /** Returns every trial that reached this rung alive. */
  scoresAtRung(sweepId: string, rung: number): Promise<readonly RungScore[]>;
  /** Records in one transaction which trials are promoted past the rung and which pruned at it. */
  decideRung(sweepId: string, rung: number, decision: { promoted: readonly number[]; pruned: readonly number[] }): Promise<void>;
  /** Writes reports in one transaction; only rows that failed or wait are replaced. */
  recordReports(sweepId: string, entries: readonly ReportEntry[]): Promise<void>;

  saveCheckpoint(trialId: string, epoch: number, bytes: Uint8Array): Promise<void>;
  /** Returns the latest checkpoint of each trial, by its id. */
  loadCheckpoints(trialIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;

  /**
   * Loads the kept model of a trial, of any sweep. Throws NarrowsError `trial-unknown`,
   * `weights-dropped` where only scores were kept, or `weights-corrupt` where the bytes do not hash
   * to their sum.
   */
  loadModel(trialId: string): Promise<Uint8Array>;

  /** Loads the standardised data of the sweep's dataset version, target, split and scaling. */
  packData(sweep: SweepRecord): Promise<PackData>;
}

/** Steps that close a sweep. */
export interface SweepClosing {
  /** Rejects when the signal is aborted. */
  baselines(sweep: SweepRecord, signal?: AbortSignal): Promise<void>;
  keepBestModels(sweepId: string): Promise<void>;
  compare(sweepId: string): Promise<void>;
  interpret(sweepId: string): Promise<void>;
}

export interface SweepRecord {
  readonly sweepId: string;
  readonly spec: SweepSpec;
  readonly datasetVersion: string;
}

/** A trial's row, which exists once the trial reached a rung or ended. */
export interface TrialState {
  readonly index: number;
  /** 'rung': alive, waiting between rungs. */
  readonly outcome: TrialReport['outcome'] | 'pruned';
  /** Last rung that the trial reached, or ended in. */
  readonly rung: number;
}

/** A report with its trial. */
export interface ReportEntry {
  readonly trial: Trial;
  readonly trialId: string;
  readonly rung: number;
  readonly report: TrialReport;
}
