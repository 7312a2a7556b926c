/** Sweeps that are to run, and that no workflow works on. */
import type { Client } from '@temporalio/client';
import { findSweep, listSweeps, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import { isFinished } from '../../search/states.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { isNamed, type Servers } from '../servers.ts';

/** A sweep's workflow starts moments after its row is written. */
const START_SECONDS = 5;

/** Maximum time that a status waits for Temporal. */
const TIMEOUT_MS = 1500;

/** How an unfinished sweep without a workflow goes on. */
const describeFix = (name: string): string =>
  `continue it with "narrows sweep retry ${name}", or end it with "narrows sweep cancel ${name}"`;

/**
 * Returns why no workflow works on an unfinished sweep; null where one does, where the sweep has
 * finished meanwhile, and where Temporal does not answer.
 */
export async function findLoss({ db, temporal }: Servers, row: SweepRow, timeoutMs = TIMEOUT_MS): Promise<string | null> {
  if (isFinished(row.state) || row.elapsed < START_SECONDS) return null;
  const end = await readEnd(temporal, row.id, timeoutMs).catch(() => null);
  // A workflow ends after it has recorded the end of its sweep.
  if (end === null || isFinished((await findSweep(db.sql, row.id)).state)) return null;
  return `nothing works on it: ${end}; ${describeFix(row.name)}`;
}

/** Returns the names of unfinished sweeps that no workflow works on. */
export async function findLostSweeps(servers: Servers): Promise<string[]> {
  // Fails where the namespace is missing, which findLoss does not tell from an outage.
  await servers.temporal.workflow.count('WorkflowType = "sweep"');
  const lost: string[] = [];
  for (const row of await listSweeps(servers.db.sql)) if ((await findLoss(servers, row)) !== null) lost.push(row.name);
  return lost;
}

/** Returns how the workflow of a sweep ended, or that there is none; null while it runs. */
export async function readEnd(temporal: Client, sweepId: string, timeoutMs = TIMEOUT_MS): Promise<string | null> {
  try {
    const workflow = temporal.workflow.getHandle(sweepWorkflowId(sweepId));
    const { status } = await temporal.withDeadline(Date.now() + timeoutMs, () => workflow.describe());
    return status.name === 'RUNNING' ? null : `its workflow in Temporal ended as ${status.name.toLowerCase().replace('_', ' ')}`;
  } catch (error) {
    if (isNamed(error, 'WorkflowNotFoundError')) return 'Temporal has no workflow of it';
    throw error;
  }
}

export const sweepLostError = ({ name, state }: Pick<SweepRow, 'name' | 'state'>): NarrowsError =>
  new NarrowsError('sweep-lost', `${name} is ${state}, but no workflow in Temporal works on it`, {
    path: 'sweep',
    fix: describeFix(name),
    kind: 'failure',
  });
