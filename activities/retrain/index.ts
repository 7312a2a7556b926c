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
 * The steps of a run of retraining. Each may be repeated: what a run has done is in its row, and
 * stays done.
 */
export interface RetrainActivities {
  /** Reads the sources, and says whether there is anything to do. */
  takeIn(run: RetrainRun): Promise<IngestResult>;
  lookForDrift(run: RetrainRun): Promise<DriftDecision>;
  /** Writes the rows of the sweeps that are to be trained. */
  planRetraining(run: RetrainRun): Promise<PlannedSweep[]>;
  /** Makes the best of the first sweep the champions, and ends the run. */
  crownFirst(run: RetrainRun): Promise<void>;
  /** Holds the best of the sweeps against the champions. */
  challenge(run: RetrainRun): Promise<void>;
  /** Puts the winners in place, and ends the run. */
  promote(run: RetrainRun): Promise<void>;
  /** Ends a run that has nothing to train. */
  keep(run: RetrainRun): Promise<void>;
  failRetraining(run: RetrainRun & { readonly message: string }): Promise<void>;
  /** Sends the messages of a run that are still to be delivered. */
  deliver(run: RetrainRun): Promise<void>;
  /** Marks what could not be delivered. */
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
