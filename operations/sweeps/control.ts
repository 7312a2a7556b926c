/** Sweeps paused, resumed and cancelled. */
import type { Client } from '@temporalio/client';
import type { Database } from '../../db/client.ts';
import { findSweep, lockSweep, type SweepRow, setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import { isFinished } from '../../search/states.ts';
import { pauseSignal, resumeSignal } from '../../workflows/messages.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { isNamed, type Servers } from '../servers.ts';
import { readWorkflowState } from '../workflow-ends.ts';
import { settleSweep, sweepLostError } from './lost.ts';
import { readSweep, type SweepStatus } from './status.ts';

/** Maximum time that an action waits for Temporal. */
const SIGNAL_TIMEOUT_MS = 5000;

/** Returns false where the sweep has ended. Throws NarrowsError `sweep-lost`. */
async function signalSweep({ db, temporal }: Servers, row: SweepRow, action: SweepAction): Promise<boolean> {
  if (await signalWorkflow(temporal, row, action)) return true;
  if (action === 'cancel') return cancelLost(db, row.id);
  const { row: current } = await settleSweep({ db, temporal }, row);
  if (isFinished(current.state)) return false;
  throw sweepLostError(current);
}

/** Cancels a sweep without a workflow, whose row is stale. Returns false where it has ended. */
async function cancelLost(db: Database, id: string): Promise<boolean> {
  return db.sql.begin(async (sql) => {
    const { state } = await lockSweep(sql, id);
    if (!isFinished(state)) await setSweepState(sql, id, 'cancelled');
    return !isFinished(state);
  }) as Promise<boolean>;
}

/** Returns false where no workflow works on the sweep. */
async function signalWorkflow(temporal: Client, row: SweepRow, action: SweepAction): Promise<boolean> {
  // Temporal accepts requests to cancel workflows that have ended.
  const workflowId = sweepWorkflowId(row);
  if ((await readWorkflowState(temporal, workflowId, SIGNAL_TIMEOUT_MS)).kind !== 'running') return false;
  const handle = temporal.workflow.getHandle(workflowId);
  try {
    if (action === 'cancel') await handle.cancel();
    else await handle.signal(action === 'pause' ? pauseSignal : resumeSignal);
    return true;
  } catch (error) {
    if (!isNamed(error, 'WorkflowNotFoundError')) throw error;
    return false;
  }
}

export type SweepAction = 'pause' | 'resume' | 'cancel';

const DONE = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;
/** State of a sweep when the action has taken effect. */
export const STATE_AFTER = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const;

/**
 * Signals a sweep and waits until its row has the wanted state, `timeoutMs` at most; returns its
 * status then. Throws NarrowsError `sweep-unknown`, `sweep-ended` where it has ended, `sweep-lost`.
 */
export async function controlSweep(
  servers: Servers,
  idOrName: string,
  action: SweepAction,
  timeoutMs = 15_000,
): Promise<SweepStatus> {
  const row = await findSweep(servers.db.sql, idOrName);
  const wanted = STATE_AFTER[action];
  // The row of a sweep that has not ended may be older than a signal that has yet to take effect.
  const signalled = (isFinished(row.state) && row.state === wanted) || (await signalSweep(servers, row, action));
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    // The row alone: counting the trials of a large sweep takes longer than the action.
    const { state } = await findSweep(servers.db.sql, row.id);
    if (state !== wanted && (!signalled || isFinished(state))) throw sweepEndedError(action, row.name, state);
    if (state === wanted || performance.now() > deadline) return (await readSweep(servers, row.id)).status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function sweepEndedError(action: SweepAction, name: string, state: SweepRow['state']): NarrowsError {
  return new NarrowsError('sweep-ended', `${name} is ${state}: it cannot be ${DONE[action]}`, {
    path: 'sweep',
    ...(action === 'resume' ? { fix: `train the remaining trials with "narrows sweep retry ${name}"` } : {}),
    kind: 'failure',
  });
}
