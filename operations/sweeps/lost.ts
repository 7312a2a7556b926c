/** Sweeps that are to run, and that no workflow works on. */
import { findSweep, listSweeps, lockSweep, type SweepRow, setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { isWriteRefused } from '../../db/rights.ts';
import { NarrowsError } from '../../errors.ts';
import { isFinished } from '../../search/states.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import type { Servers } from '../servers.ts';
import { type IsGone, notGone, readWorkflowEnd } from '../workflow-ends.ts';

/** A sweep's workflow starts moments after its row is written. */
const START_SECONDS = 5;

/** How an unfinished sweep without a workflow goes on. */
const describeFix = (name: string): string =>
  `continue it with "narrows sweep retry ${name}", or end it with "narrows sweep cancel ${name}"`;

export interface SettledSweep {
  readonly row: SweepRow;
  /** Why no workflow works on an unfinished sweep, or null. */
  readonly loss: string | null;
}

/**
 * Records the end of a sweep whose workflow ended without doing so, or is gone: cancelled where
 * someone ended it, failed otherwise. A sweep without a workflow that may be elsewhere is lost.
 * Changes nothing where Temporal does not answer.
 */
export async function settleSweep(
  servers: Servers,
  row: SweepRow,
  { timeoutMs, isGone = notGone }: { readonly timeoutMs?: number; readonly isGone?: IsGone } = {},
): Promise<SettledSweep> {
  if (isFinished(row.state)) return { row, loss: null };
  const read = (gone: () => boolean) => readWorkflowEnd(servers.temporal, sweepWorkflowId(row), gone, timeoutMs);
  const end = await read(() => row.elapsed >= START_SECONDS && isGone(`${row.id} ${row.revision}`));
  if (end !== null && end !== 'missing') {
    const settling = servers.db.sql.begin(async (sql) => {
      const current = await lockSweep(sql, row.id);
      // A retry holds this lock until Temporal has its workflow.
      const now = isFinished(current.state) ? null : await read(() => current.revision === row.revision);
      if (now === null || now === 'missing') return { row: current, loss: null };
      const message = `${now.reason}; continue it with "narrows sweep retry ${row.name}"`;
      await setSweepState(sql, row.id, now.by === 'request' ? 'cancelled' : 'failed', message);
      return { row: await findSweep(sql, row.id), loss: null };
    }) as Promise<SettledSweep>;
    return settling.catch((error: unknown) => {
      if (isWriteRefused(error)) return { row, loss: end.reason };
      throw error;
    });
  }
  if (end === null || row.elapsed < START_SECONDS) return { row, loss: null };
  const current = await findSweep(servers.db.sql, row.id);
  const loss = `nothing works on it: Temporal has no workflow of it; ${describeFix(row.name)}`;
  return { row: current, loss: isFinished(current.state) ? null : loss };
}

/** Settles every unfinished sweep; returns the names of those that no workflow works on. */
export async function findLostSweeps(servers: Servers): Promise<string[]> {
  // Fails where the namespace is missing, which settleSweep does not tell from an outage.
  await servers.temporal.workflow.count('WorkflowType = "sweep"');
  const lost: string[] = [];
  for (const row of await listSweeps(servers.db.sql)) {
    if ((await settleSweep(servers, row)).loss !== null) lost.push(row.name);
  }
  return lost;
}

export const sweepLostError = ({ name, state }: Pick<SweepRow, 'name' | 'state'>): NarrowsError =>
  new NarrowsError('sweep-lost', `${name} is ${state}, but no workflow in Temporal works on it`, {
    path: 'sweep',
    fix: describeFix(name),
    kind: 'failure',
  });
