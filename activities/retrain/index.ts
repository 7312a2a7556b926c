import { toFailure } from '../failures.ts';
import { withHeartbeats } from '../heartbeat.ts';
import { challenge } from './challenge.ts';
import { failRetraining, keepChampions, promoteChallengers, registerFirstChampions } from './conclude.ts';
import { deliverNotifications, markUndeliverable } from './deliver.ts';
import { type DriftDecision, detectDrift } from './detect-drift.ts';
import { type IngestResult, ingestShards } from './ingest-shards.ts';
import { type PlannedSweep, planRetraining } from './plan-retraining.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

export type { DriftDecision } from './detect-drift.ts';
export type { IngestResult } from './ingest-shards.ts';
export type { PlannedSweep } from './plan-retraining.ts';
export type { RetrainRun } from './ports.ts';

/**
 * Steps of a run, by their names on the wire: this is the table from names in histories to
 * functions. Each step may be repeated; what a run has done is in its row.
 */
export interface RetrainActivities {
  /** Reads the sources, and decides whether there is anything to do. */
  takeIn(run: RetrainRun): Promise<IngestResult>;
  lookForDrift(run: RetrainRun): Promise<DriftDecision>;
  /** Writes the rows of the sweeps to be trained. */
  planRetraining(run: RetrainRun): Promise<PlannedSweep[]>;
  /** Registers the best trials of the first sweep as champions, and ends the run. */
  crownFirst(run: RetrainRun): Promise<void>;
  /** Compares the best trials of the sweeps with the champions. */
  challenge(run: RetrainRun): Promise<void>;
  /** Promotes the winners, and ends the run. */
  promote(run: RetrainRun): Promise<void>;
  /** Ends a run that has nothing to train. */
  keep(run: RetrainRun): Promise<void>;
  failRetraining(run: RetrainRun & { readonly message: string }): Promise<void>;
  /** Sends the undelivered notifications of a run. */
  deliver(run: RetrainRun): Promise<void>;
  /** Marks the notifications that could not be delivered. */
  giveUp(run: RetrainRun): Promise<void>;
}

export function retrainActivitiesOver(ports: RetrainPorts): RetrainActivities {
  const step =
    <Run, Result>(work: (ports: RetrainPorts, run: Run, signal: AbortSignal) => Promise<Result>) =>
    (run: Run): Promise<Result> =>
      withHeartbeats({}, ({ cancellationSignal }) => work(ports, run, cancellationSignal)).catch((error: unknown) => {
        throw toFailure(error);
      });
  return {
    takeIn: step(ingestShards),
    lookForDrift: step(detectDrift),
    planRetraining: step(planRetraining),
    crownFirst: step(registerFirstChampions),
    challenge: step(challenge),
    promote: step(promoteChallengers),
    keep: step(keepChampions),
    failRetraining: step(failRetraining),
    deliver: step(deliverNotifications),
    giveUp: step(markUndeliverable),
  };
}
