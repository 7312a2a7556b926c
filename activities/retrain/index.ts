import { markMessagesUndeliverable } from '../../db/queries/retraining/notifications.ts';
import { asFailure } from '../failures.ts';
import { withHeartbeats } from '../heartbeat.ts';
import { challenge } from './challenge.ts';
import { failRetraining, keepChampions, promoteChallengers, registerFirstChampions } from './conclude.ts';
import { deliverNotifications } from './deliver.ts';
import { detectDrift } from './detect-drift.ts';
import { ingestShards } from './ingest-shards.ts';
import { planRetraining } from './plan-retraining.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

export type { PlannedSweep } from './plan-retraining.ts';
export type { RetrainRun } from './ports.ts';

export type RetrainActivities = ReturnType<typeof retrainActivitiesOver>;

/**
 * Returns the steps of a run, by their names on the wire: this is the table from names in histories
 * to functions. Each step may be repeated; what a run has done is in its row.
 */
export function retrainActivitiesOver(ports: RetrainPorts) {
  const step =
    <Run, Result>(work: (ports: RetrainPorts, run: Run, signal: AbortSignal) => Promise<Result>) =>
    (run: Run): Promise<Result> =>
      asFailure(withHeartbeats({}, ({ cancellationSignal }) => work(ports, run, cancellationSignal)));
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
    giveUp: step(({ db }, { runId }: RetrainRun) => markMessagesUndeliverable(db.sql, runId)),
  };
}
