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
import { DELIVERING, STEPS } from './activity-options.ts';
import { failureOf, withOutageRetry } from './failures.ts';
import { notifyWorkflowId, type RetrainInput, retrainRunId } from './retrain-input.ts';
import { sweep } from './sweep.ts';
import { sweepWorkflowId } from './sweep-input.ts';
import { TASK_QUEUES } from './task-queues.ts';

const { takeIn, lookForDrift, planRetraining, crownFirst, challenge, promote, keep, failRetraining, giveUp } =
  proxyActivities<RetrainActivities>(STEPS);
const { deliver } = proxyActivities<RetrainActivities>(DELIVERING);

/**
 * One firing of a retraining: takes in what is new, and where there is something, asks whether the
 * champions still hold, trains challengers, and puts those in place that win. Whatever fails, the
 * champions in use stay as they are: only `promote`, in one transaction, touches them.
 */
export async function retrain({ name }: RetrainInput): Promise<void> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const run: RetrainRun = { name, runId: retrainRunId(workflowId, firstExecutionRunId) };
  try {
    const { next, tell: worthTelling } = await withOutageRetry(() => takeIn(run));
    if (next === 'first') await trainFirst(run);
    if (next === 'challenge') await challengeChampions(run);
    if (next !== 'end' || worthTelling) await startNotify(run);
  } catch (error) {
    await CancellationScope.nonCancellable(async () => {
      const message = isCancellation(error) ? 'it was cancelled, or a sweep of it was' : failureOf(error).message;
      await withOutageRetry(() => failRetraining({ ...run, message }));
      await startNotify(run);
    });
    throw error;
  }
}

async function trainFirst(run: RetrainRun): Promise<void> {
  await train(await withOutageRetry(() => planRetraining(run)));
  await withOutageRetry(() => crownFirst(run));
}

async function challengeChampions(run: RetrainRun): Promise<void> {
  const { train: worthTraining } = await withOutageRetry(() => lookForDrift(run));
  if (!worthTraining) return withOutageRetry(() => keep(run));
  await train(await withOutageRetry(() => planRetraining(run)));
  await withOutageRetry(() => challenge(run));
  await withOutageRetry(() => promote(run));
}

/** Ordinary sweeps, which can be watched, paused and cancelled like any other. */
async function train(sweeps: readonly PlannedSweep[]): Promise<void> {
  await Promise.all(
    sweeps.map((planned) =>
      executeChild(sweep, {
        workflowId: sweepWorkflowId(planned.sweepId),
        taskQueue: TASK_QUEUES.orchestrator,
        args: [planned],
      }),
    ),
  );
}

/**
 * By a workflow of its own, which outlives this one: a receiver that is down for a day holds up no
 * retraining.
 */
async function startNotify(run: RetrainRun): Promise<void> {
  await startChild(tell, {
    workflowId: notifyWorkflowId(run.runId),
    taskQueue: TASK_QUEUES.orchestrator,
    args: [run],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
}

/** Delivers the messages of a run, for as long as it takes, within days. */
export async function tell(run: RetrainRun): Promise<void> {
  try {
    await withOutageRetry(() => deliver(run));
  } catch (error) {
    if (isCancellation(error)) throw error;
    await withOutageRetry(() => giveUp(run));
  }
}
