import type { TrialReport } from '../models/training/report.ts';
import type { PackData } from '../models/training/task.ts';
import type { RungScore } from '../search/halving.ts';
import type { Trial } from '../search/space.ts';
import type { SweepSpec } from '../search/spec.ts';
import type { EndingCounts, SweepState } from '../search/states.ts';

/**
 * What the activities need of storage, in the sweep's own words. activities/storage.ts answers with
 * db and datasets; tests answer from memory.
 */
export interface SweepStore {
  /** Throws NarrowsError `sweep-unknown`. */
  sweep(sweepId: string): Promise<SweepRecord>;
  setState(sweepId: string, state: SweepState, message?: string): Promise<void>;
  counts(sweepId: string): Promise<EndingCounts>;

  /** Rows that exist of these trials, in any order. */
  trialStates(sweepId: string, indices: readonly number[]): Promise<readonly TrialState[]>;
  /**
   * Trials that were promoted into this rung, by rising number; the list does not change while the
   * rung is trained.
   */
  survivors(sweepId: string, rung: number, offset: number, limit: number): Promise<readonly number[]>;
  survivorCount(sweepId: string, rung: number): Promise<number>;
  /** Every trial that reached this rung alive. */
  scoresAtRung(sweepId: string, rung: number): Promise<readonly RungScore[]>;
  /** One transaction: these are promoted past the rung, those are pruned at it. */
  decideRung(sweepId: string, rung: number, decision: { promoted: readonly number[]; pruned: readonly number[] }): Promise<void>;
  /**
   * One transaction; a report replaces a row that failed or waits at an earlier rung, and no other.
   */
  recordReports(sweepId: string, entries: readonly ReportEntry[]): Promise<void>;

  saveCheckpoint(trialId: string, epoch: number, bytes: Uint8Array): Promise<void>;
  /** Latest checkpoint by trial id. */
  loadCheckpoints(trialIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;

  /**
   * The kept model of a trial, of any sweep. Throws NarrowsError `trial-unknown`, `weights-dropped`
   * where only figures were kept, or `weights-corrupt` where the bytes do not hash to their sum.
   */
  loadModel(trialId: string): Promise<Uint8Array>;

  /** Standardised data of the sweep's dataset version, target, split and scaling. */
  packData(sweep: SweepRecord): Promise<PackData>;
}

/** What the closing of a sweep needs. */
export interface SweepClosing {
  /** Stops with the signal. */
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

/** A trial's row: it exists once the trial reached a rung or ended. */
export interface TrialState {
  readonly index: number;
  /** 'rung' = alive, waiting between rungs. */
  readonly outcome: TrialReport['outcome'] | 'pruned';
  /** Last rung that the trial reached, or ended in. */
  readonly rung: number;
}

/** A report with what it is about. */
export interface ReportEntry {
  readonly trial: Trial;
  readonly trialId: string;
  readonly rung: number;
  readonly report: TrialReport;
}
