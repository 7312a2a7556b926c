import type { SweepRow } from '../db/queries/sweeps/sweeps.ts';
import type { CheckpointTotals } from '../db/queries/trials/checkpoints.ts';
import type { Propose } from '../db/queries/trials/proposals.ts';
import type { TrialEntry } from '../db/queries/trials/report-details.ts';
import type { EndedTrial, PromotionOrder, SurvivorPart, TrialState } from '../db/queries/trials/trials.ts';
import type { Engine } from '../models/engines/engine.ts';
import type { Method } from '../models/methods/catalogue.ts';
import type { PackData } from '../models/training/task.ts';
import type { CellLimits } from '../search/limits/limits.ts';
import type { PointKey, ProposedPoint } from '../search/proposals.ts';
import type { Trial } from '../search/space.ts';
import type { EndingCounts, SweepState } from '../search/states.ts';
import type { Entrant } from '../search/stopping/asynchronous.ts';
import type { Decision, RungCurve, RungScore } from '../search/stopping/rung.ts';
import type { WidthScores } from '../search/widths/answer.ts';

/**
 * Range of a rung's entrants of some methods and cells: on the first rung places among their trials
 * in the space, afterwards among the survivors, as listSurvivors has them.
 */
export interface PackRange {
  readonly sweepId: string;
  readonly rung: number;
  /** First place ... */
  readonly from: number;
  /** ... and the one after the last. */
  readonly to: number;
  /** Trains what failed instead of what has not run yet. */
  readonly retry: boolean;
  /** Trained alone in its process: its workers died, and it may be the reason. */
  readonly alone?: true;
  /** Absent: all. */
  readonly methods?: readonly Method[];
  /** Names of the cells, where widths are trained in steps, without rungs; absent: all. */
  readonly cells?: readonly string[];
}

/** Stored part of a pack's training: fewer pending trials, or larger totals, are progress. */
export interface PackProgress extends CheckpointTotals {
  readonly pending: number;
}

/** The part of an engine that rows name. */
export type NamedEngine = Pick<Engine, 'name' | 'build'>;

/** Storage of a sweep: activities/storage.ts uses Postgres, tests use memory. */
export interface SweepStore {
  /** Throws NarrowsError `sweep-unknown`. */
  sweep(sweepId: string): Promise<SweepRecord>;
  /** Returns the points that cells train; null: all. */
  limits(sweepId: string): Promise<CellLimits | null>;
  /** Returns the methods whose share of a budget is spent, which runs out while the sweep runs. */
  spentMethods(sweepId: string): Promise<readonly Method[]>;
  /**
   * Begins those of these points that a budget which is spent while the sweep runs allows. A method
   * whose share is spent has its cells limited to those that have begun.
   */
  spendOnPoints(sweepId: string, points: readonly PointKey[]): Promise<void>;
  /** Leaves these cells out, and opens others, none of whose trials have begun. */
  leaveOut(sweepId: string, cells: { readonly closed: readonly string[]; readonly opened: readonly string[] }): Promise<void>;
  /** Returns the number of trials that have a row, by the names of cells that have any. */
  trialsByCell(sweepId: string): Promise<ReadonlyMap<string, number>>;
  /** Returns the scores that a search for widths decides by. */
  widthScores(sweepId: string): Promise<WidthScores>;
  setState(sweepId: string, state: SweepState, message?: string): Promise<void>;
  counts(sweepId: string): Promise<EndingCounts>;
  /** Returns the most frequent message of the trials that failed or diverged; null without any. */
  failureReason(sweepId: string): Promise<string | null>;

  /** Returns those of these points that have been proposed. */
  points(sweepId: string, points: readonly PointKey[]): Promise<readonly ProposedPoint[]>;
  /**
   * Observes the points of some cells whose trials have ended, and stores proposals for those of
   * `wanted` that have none, in one transaction; others of the sweep wait for it. Returns all that
   * are wanted.
   */
  extendProposals(sweepId: string, wanted: readonly PointKey[], propose: Propose): Promise<readonly ProposedPoint[]>;

  /**
   * Copies the results that the sweep which this one extends has of these trials. Returns the
   * numbers of those that it had; none where it has been removed.
   */
  adoptTrials(sweep: SweepRecord, trials: readonly Trial[]): Promise<ReadonlySet<number>>;
  /** Returns the rows that exist of these trials, in any order. */
  trialStates(sweepId: string, indices: readonly number[]): Promise<readonly TrialState[]>;
  /** Returns trials promoted into this rung; each keeps its place while others follow. */
  survivors(sweepId: string, rung: number, part: SurvivorPart): Promise<readonly number[]>;
  /** Counts those of these methods; absent: all. */
  survivorCount(sweepId: string, rung: number, methods?: readonly Method[]): Promise<number>;
  /** Returns every trial that reached this rung alive. */
  scoresAtRung(sweepId: string, rung: number): Promise<readonly RungScore[]>;
  /** Returns the curves, of so many epochs, of those and of all that completed before its end. */
  curvesAtRung(sweepId: string, rung: number, epochs: number): Promise<readonly RungCurve[]>;
  /** Returns every trial of these methods that entered this rung and has a row; absent: of all. */
  entrants(sweepId: string, rung: number, methods?: readonly Method[]): Promise<readonly Entrant[]>;
  /**
   * Records in one transaction which trials are promoted past the rung and which pruned at it;
   * `order`: absent where all are promoted together. Returns the trials that it ended.
   */
  decideRung(sweepId: string, rung: number, decision: Decision, order?: PromotionOrder): Promise<readonly EndedTrial[]>;
  /**
   * Writes reports of an engine in one transaction; only rows that failed or wait are replaced.
   * Returns the trials that it ended.
   */
  recordReports(sweepId: string, engine: NamedEngine, entries: readonly TrialEntry[]): Promise<readonly EndedTrial[]>;

  saveCheckpoint(trialId: string, epoch: number, bytes: Uint8Array): Promise<void>;
  /** Returns the latest checkpoint of each trial, by its id. */
  loadCheckpoints(trialIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  sumCheckpoints(trialIds: readonly string[]): Promise<CheckpointTotals>;

  /**
   * Loads the kept model of a trial, of any sweep. Throws NarrowsError `trial-unknown`,
   * `weights-dropped` where only scores were kept, or `weights-corrupt` where the bytes do not hash
   * to their sum.
   */
  loadModel(trialId: string): Promise<Uint8Array>;

  /** Loads the data of a partition: rows, standardised by those that it trains on. */
  packData(sweep: SweepRecord, partition: number): Promise<PackData>;

  /**
   * Fits ridge, PCA regression and PLS2 at each k and on each partition. Rejects when the signal is
   * aborted.
   */
  baselines(sweep: SweepRecord, signal?: AbortSignal): Promise<void>;
  /** Drops the weights of all but the best trials of each method and k. */
  keepBestModels(sweepId: string): Promise<void>;
  /** Reads the test scores, once, and stores the comparison of the methods. */
  compare(sweepId: string, signal: AbortSignal): Promise<void>;
  /** Interprets the sweep in terms of the structure, and stores the result with its fields. */
  interpret(sweepId: string, signal: AbortSignal): Promise<void>;
}

export interface SweepRecord extends Pick<SweepRow, 'spec' | 'datasetVersion'> {
  readonly sweepId: string;
}
