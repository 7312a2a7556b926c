/** Sweeps and their workflows: started, and started again. */
import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Queryable } from '../../db/client.ts';
import { readIdentity } from '../../db/queries/identity.ts';
import {
  countOutcomes,
  createSweep,
  discardSweep,
  findSweep,
  lockSweep,
  recordRetry,
  type SweepRow,
  setSweepState,
} from '../../db/queries/sweeps/sweeps.ts';
import { sha256Of } from '../../platform.ts';
import { countLeftOut } from '../../search/limits/limits.ts';
import { packSizes } from '../../search/packing.ts';
import { trialCount } from '../../search/space.ts';
import { DEFAULT_PRIORITY, DEFAULT_WEIGHT, type SweepSpec } from '../../search/spec.ts';
import { countExpected, countFinished, isFinished } from '../../search/states.ts';
import { retryFailedSignal } from '../../workflows/messages.ts';
import { retryInput, type SweepInput, sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { taskQueues } from '../../workflows/task-queues.ts';
import { isNamed, isNamespaceMissing, type Servers } from '../servers.ts';
import { readWorkflowState } from '../workflow-ends.ts';
import type { CheckedSpec } from './check.ts';
import { planRoutes } from './pack-windows.ts';

/**
 * Starts a sweep and returns its id; a second call with the same id starts nothing but what the
 * first one left, as resumeStart does. A sweep that Temporal refuses is not kept.
 */
export async function startSweep(
  { db, temporal }: Servers,
  { spec, dataset, size }: CheckedSpec,
  codeVersion: string,
  id: string = newSweepId(),
): Promise<string> {
  const isNew = await createSweep(db.sql, {
    id,
    name: spec.name,
    spec,
    dataset: dataset.name,
    datasetVersion: dataset.version,
    target: spec.target,
    planned: trialCount(spec),
    packSizes: packSizes(spec, size),
    codeVersion,
  });
  // An earlier call with this id may have written another spec: its row counts.
  if (!isNew) {
    await resumeStart({ db, temporal }, id);
    return id;
  }
  const row = await findSweep(db.sql, id);
  try {
    await startWorkflow(db.sql, temporal, row, 'REJECT_DUPLICATE');
  } catch (error) {
    const outcome = await findStart(temporal, row);
    if (outcome === 'started') return id;
    if (outcome === 'refused') await discardSweep(db.sql, id);
    else await setSweepState(db.sql, id, 'failed', `it could not be started: ${(error as Error).message}`);
    throw error;
  }
  return id;
}

/**
 * Starts the workflow of a sweep whose row an earlier request wrote, where Temporal has none: its
 * process may have died in between. Such a sweep may be recorded as failed by now, and runs again;
 * one that has ended otherwise stays as it is. Throws NarrowsError `sweep-unknown`.
 */
export async function resumeStart({ db, temporal }: Servers, id: string): Promise<void> {
  await db.sql.begin(async (sql) => {
    // Held until Temporal has the workflow: nobody records its loss, or cancels it, meanwhile.
    const row = await lockSweep(sql, id);
    if (isFinished(row.state) && row.state !== 'failed') return;
    const isStarted = await startWorkflow(sql, temporal, row, 'REJECT_DUPLICATE').catch(async (error: unknown) => {
      if ((await findStart(temporal, row)) === 'started') return true;
      throw error;
    });
    if (isStarted && row.state === 'failed') await setSweepState(sql, id, 'running');
  });
}

/** Returns what became of a request to start that failed: its answer alone may have been lost. */
async function findStart(temporal: Client, row: SweepRow): Promise<'started' | 'refused' | 'unknown'> {
  try {
    return (await isWorkedOn(temporal, row)) ? 'started' : 'refused';
  } catch (error) {
    return isNamespaceMissing(error) ? 'refused' : 'unknown';
  }
}

const isWorkedOn = async (temporal: Client, row: SweepRow): Promise<boolean> =>
  (await readWorkflowState(temporal, sweepWorkflowId(row))).kind === 'running';

const inputOf = async (sql: Queryable, { id, planned, packSizes, spec }: SweepRow): Promise<SweepInput> => ({
  sweepId: id,
  planned,
  packSizes,
  ...(spec.space.auto && { searchesWidths: true }),
  ...(await planRoutes(sql, spec)),
});

/** Returns how Temporal chooses between the tasks of sweeps: its server weighs by fairness key. */
export const priorityOf = (id: string, { priority = DEFAULT_PRIORITY, weight = DEFAULT_WEIGHT }: SweepSpec) => ({
  priorityKey: priority,
  fairnessKey: id,
  fairnessWeight: weight,
});

/** Returns the queue of this database, on which also sweeps with older names continue. */
const orchestratorQueue = async (sql: Queryable): Promise<string> =>
  taskQueues({ identity: await readIdentity(sql) }).orchestrator;

const newSweepId = (): string => idOf(randomBytes(10));

/** Returns the id that follows from this text: the same request leads to the same sweep. */
export const sweepIdFrom = (text: string): string => idOf(Buffer.from(sha256Of(text), 'hex').subarray(0, 10));

/** Returns the id that follows from these words. */
export const sweepIdOf = (...words: readonly string[]): string => sweepIdFrom(JSON.stringify(words));

/** Returns 's' and ten letters or digits of base 32. */
function idOf(bytes: Uint8Array): string {
  return `s${Array.from(bytes, (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('')}`;
}

/**
 * Starts the workflow unless it runs, and returns whether it did; `reuse`: whether it may run again
 * after it has ended.
 */
async function startWorkflow(
  sql: Queryable,
  temporal: Client,
  row: SweepRow,
  reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE',
): Promise<boolean> {
  try {
    await temporal.workflow.start('sweep', {
      workflowId: sweepWorkflowId(row),
      workflowIdReusePolicy: reuse,
      taskQueue: await orchestratorQueue(sql),
      args: [await inputOf(sql, row)],
      priority: priorityOf(row.id, row.spec),
    });
    return true;
  } catch (error) {
    if (!isNamed(error, 'WorkflowExecutionAlreadyStartedError')) throw error;
    return false;
  }
}

/**
 * Trains the failed trials again and, unless `failedOnly`, those that never ran. The row of a
 * finished sweep says "running" from here on, so that followers do not see the old end; where
 * Temporal refuses, it keeps its end. Returns false, without a change, where a completed sweep
 * lacks no trial; one whose rows were lost does.
 */
export async function retrySweep({ db, temporal }: Servers, row: SweepRow, failedOnly: boolean): Promise<boolean> {
  return db.sql.begin(async (sql) => {
    // Held until Temporal has the workflow: the end of the last one is not recorded after it.
    const locked = await lockSweep(sql, row.id);
    const { state } = locked;
    if (state === 'completed' && (await hasAllTrials(sql, locked))) return false;
    await recordRetry(sql, row.id, failedOnly);
    if (isFinished(state)) await setSweepState(sql, row.id, 'running');
    await temporal.workflow.signalWithStart('sweep', {
      workflowId: sweepWorkflowId(row),
      taskQueue: await orchestratorQueue(sql),
      args: [retryInput(await inputOf(sql, row), failedOnly)],
      priority: priorityOf(row.id, row.spec),
      signal: retryFailedSignal,
      signalArgs: [],
    });
    return true;
  });
}

async function hasAllTrials(sql: Queryable, { id, spec, planned, limits }: SweepRow): Promise<boolean> {
  const counts = await countOutcomes(sql, id);
  const finished = counts.reduce((sum, own) => sum + countFinished(own), 0);
  return (
    finished >= countExpected({ planned, leftOut: countLeftOut(spec, limits) }) && counts.every(({ failed }) => failed === 0)
  );
}

/** Starts the workflow of a sweep whose row says "running", where Temporal has lost it. */
export async function ensureWorkflow({ db, temporal }: Servers, row: SweepRow): Promise<void> {
  await startWorkflow(db.sql, temporal, row, 'ALLOW_DUPLICATE');
}
