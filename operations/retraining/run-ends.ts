/** Ends of retraining runs that failed, also of those whose workflow could not record it. */
import type { Queryable } from '../../db/client.ts';
import { readIdentity } from '../../db/queries/identity.ts';
import { findLastEvent, recordEvent } from '../../db/queries/retraining/notifications.ts';
import { findRun, finishRun, lockRunning, type RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import { isWriteRefused } from '../../db/rights.ts';
import { describeOutcome } from '../../text/retraining.ts';
import { notifyWorkflowId, workflowOfRun } from '../../workflows/retrain-input.ts';
import { taskQueues } from '../../workflows/task-queues.ts';
import { isNamed, type Servers } from '../servers.ts';
import { type IsGone, notGone, readWorkflowEnd } from '../workflow-ends.ts';

/** Ends a running run as failed. Repeated failures on the same data are one event. */
export async function recordRunFailure(sql: Queryable, { id, name, toVersion }: RetrainRunRow, message: string): Promise<void> {
  const subject = toVersion ?? '';
  const last = await findLastEvent(sql, name, ['failed', 'first', 'kept', 'promoted'], null);
  await finishRun(sql, id, 'failed', message);
  if (last?.kind === 'failed' && last.subject === subject && last.payload.message === message) return;
  const text = `${describeOutcome(name, 'failed', null)}: ${message}. The champions stay in use; it is tried again at every run.`;
  await recordEvent(sql, { kind: 'failed', name, runId: id, subject, text, payload: { message } });
}

/** Starts the notifications of a run, once. */
export async function startNotify(
  { db, temporal }: Servers,
  run: { readonly runId: string; readonly name: string },
): Promise<void> {
  const database = { identity: await readIdentity(db.sql) };
  await temporal.workflow
    .start('tell', {
      workflowId: notifyWorkflowId(run.runId, database),
      taskQueue: taskQueues(database).orchestrator,
      args: [run],
      // A notification that was sent is not sent again.
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    })
    .catch((error: unknown) => {
      if (!isNamed(error, 'WorkflowExecutionAlreadyStartedError')) throw error;
    });
}

/**
 * Ends a run, and notifies, where its workflow ended without recording it, or is gone. Changes
 * nothing where Temporal does not answer. Returns the run as it is then.
 */
export async function settleRun({ db, temporal }: Servers, run: RetrainRunRow, isGone: IsGone = notGone): Promise<RetrainRunRow> {
  if (run.outcome !== 'running') return run;
  const end = await readWorkflowEnd(temporal, workflowOfRun(run.id), () => isGone(run.id));
  if (end === null || end === 'missing') return run;
  const hasFailed = await db.sql
    .begin(async (sql) => {
      const current = await lockRunning(sql, run.id);
      if (current) await recordRunFailure(sql, current, end.reason);
      return current !== null;
    })
    .catch((error: unknown) => {
      // Someone who may only read sees the run as it was recorded.
      if (isWriteRefused(error)) return false;
      throw error;
    });
  // Without Temporal's answer the run has ended all the same.
  if (hasFailed) await startNotify({ db, temporal }, { runId: run.id, name: run.name }).catch(() => {});
  return findRun(db.sql, run.id);
}
