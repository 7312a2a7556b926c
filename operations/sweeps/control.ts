/** Sweeps paused, resumed and cancelled. */
import { findSweep, type SweepRow, setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import { isFinished } from '../../search/states.ts';
import { pauseSignal, resumeSignal } from '../../workflows/messages.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { isNamed, type Servers } from '../servers.ts';
import { readSweep, type SweepStatus } from './status.ts';

/** Returns false where the sweep has ended. */
async function signalSweep({ db, temporal }: Servers, row: SweepRow, action: SweepAction): Promise<boolean> {
  const handle = temporal.workflow.getHandle(sweepWorkflowId(row.id));
  try {
    if (action === 'cancel') await handle.cancel();
    else await handle.signal(action === 'pause' ? pauseSignal : resumeSignal);
    return true;
  } catch (error) {
    if (!isNamed(error, 'WorkflowNotFoundError')) throw error;
    // Temporal has no such workflow: a row that says "running" is stale.
    if (action === 'cancel' && !isFinished(row.state)) await setSweepState(db.sql, row.id, 'cancelled');
    return false;
  }
}

export type SweepAction = 'pause' | 'resume' | 'cancel';

const DONE = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;
const STATE_AFTER = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const;

/**
 * Signals a sweep and waits until its row has the wanted state, `timeoutMs` at most; returns its
 * status then. Throws NarrowsError `sweep-unknown`, and `sweep-ended` where it has ended.
 */
export async function controlSweep(
  servers: Servers,
  idOrName: string,
  action: SweepAction,
  timeoutMs = 15_000,
): Promise<SweepStatus> {
  const row = await findSweep(servers.db.sql, idOrName);
  const wanted = STATE_AFTER[action];
  const signalled = row.state === wanted || (await signalSweep(servers, row, action));
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { status } = await readSweep(servers, row.id);
    if (status.state === wanted) return status;
    if (!signalled || isFinished(status.state)) throw sweepEndedError(action, row.name, status.state);
    if (performance.now() > deadline) return status;
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
