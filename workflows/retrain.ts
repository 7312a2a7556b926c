import {
  CancellationScope,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { PlannedSweep, RetrainActivities, RetrainRun } from '../activities/index.ts';
import { ACTIVITY_OPTIONS } from './activity-options.ts';
import { failureOf, withOutageRetry } from './failures.ts';
import { identityOfQueue } from './identity.ts';
import { notifyWorkflowId, type RetrainInput, retrainRunId } from './retrain-input.ts';
import { sweep } from './sweep.ts';
import { sweepWorkflowId } from './sweep-input.ts';

// The keys are the activities' names on the wire, see activities/retrain/index.ts.
const {
  takeIn: ingestShards,
  lookForDrift: detectDrift,
  planRetraining,
  crownFirst: registerFirstChampions,
  challenge: challengeChampions,
  promote: promoteChallengers,
  keep: keepChampions,
  failRetraining,
  giveUp: markUndeliverable,
} = proxyActivities<RetrainActivities>(ACTIVITY_OPTIONS.retrain);
const { deliver: deliverNotifications } = proxyActivities<RetrainActivities>(ACTIVITY_OPTIONS.deliver);

/**
 * One run of a retraining: ingests new shards; where there are any, tests for drift, trains
 * challengers, and promotes those that win. Whatever fails, the champions in use stay: only
 * promoteChallengers, in one transaction, replaces them.
 */
export async function retrain({ name }: RetrainInput): Promise<void> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const run: RetrainRun = { name, runId: retrainRunId(workflowId, firstExecutionRunId) };
  try {
    const { next, tell: hasEvents } = await withOutageRetry(() => ingestShards(run));
    if (next === 'first') await trainFirstChampions(run);
    if (next === 'challenge') await trainChallengers(run);
    if (next !== 'end' || hasEvents) await startNotify(run);
  } catch (error) {
    await CancellationScope.nonCancellable(async () => {
      const message = isCancellation(error) ? 'it was cancelled, or a sweep of it was' : failureOf(error).message;
      await withOutageRetry(() => failRetraining({ ...run, message }));
      await startNotify(run);
    });
    throw error;
  }
}

async function trainFirstChampions(run: RetrainRun): Promise<void> {
  await trainSweeps(await withOutageRetry(() => planRetraining(run)));
  await withOutageRetry(() => registerFirstChampions(run));
}

async function trainChallengers(run: RetrainRun): Promise<void> {
  const { train } = await withOutageRetry(() => detectDrift(run));
  if (!train) return withOutageRetry(() => keepChampions(run));
  await trainSweeps(await withOutageRetry(() => planRetraining(run)));
  await withOutageRetry(() => challengeChampions(run));
  await withOutageRetry(() => promoteChallengers(run));
}

/** Trains ordinary sweeps, which can be watched, paused and cancelled like any other. */
async function trainSweeps(sweeps: readonly PlannedSweep[]): Promise<void> {
  await Promise.all(
    sweeps.map(({ identity = null, priority, ...planned }) =>
      executeChild(sweep, {
        workflowId: sweepWorkflowId({ id: planned.sweepId, identity }),
        args: [planned],
        // Where one sweep is cancelled, the run ends, and the others record that they were, too.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        ...(priority && { priority }),
      }),
    ),
  );
}

/** Starts the notifications in a workflow that outlives the run. */
async function startNotify(run: RetrainRun): Promise<void> {
  await startChild<typeof notify>('tell', {
    workflowId: notifyWorkflowId(run.runId, identityOfQueue(workflowInfo().taskQueue)),
    args: [run],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
}

/** Delivers the notifications of a run, for days if need be; on the wire its name is `tell`. */
export async function notify(run: RetrainRun): Promise<void> {
  try {
    await withOutageRetry(() => deliverNotifications(run));
  } catch (error) {
    if (isCancellation(error)) throw error;
    await withOutageRetry(() => markUndeliverable(run));
  }
}
