/** Sweeps: checked, started, read, controlled, retried. */
import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { joinLineage } from '../datasets/description.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import {
  countOutcomes,
  createSweep,
  findSweep,
  listSweeps,
  type MethodCounts,
  type SweepRow,
  setSweepState,
} from '../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../errors.ts';
import { METHODS, type Method } from '../models/methods/catalogue.ts';
import type { DataSize } from '../models/methods/cost.ts';
import { sha256Of } from '../platform.ts';
import { SpecInvalid, throwFaults } from '../search/fault.ts';
import { packSizes } from '../search/packing.ts';
import { planSweep, type SweepPlan, trialsByMethod } from '../search/plan.ts';
import { checkDataset } from '../search/schemas/spec.ts';
import { trialCount } from '../search/space.ts';
import type { SweepSpec } from '../search/spec.ts';
import { countFinished, type EndingCounts, isFinished, sumCounts } from '../search/states.ts';
import { pauseSignal, progressQuery, resumeSignal, retryFailedSignal } from '../workflows/messages.ts';
import { retryInput, type SweepInput, sweepWorkflowId } from '../workflows/sweep-input.ts';
import { TASK_QUEUES } from '../workflows/task-queues.ts';
import { isNamed, type Servers } from './servers.ts';
import { checkWarmStartModels } from './warm-models.ts';

/** A spec with the dataset version that it will run on. */
export interface CheckedSpec {
  readonly spec: SweepSpec;
  readonly dataset: { readonly name: string; readonly version: string; readonly rows: number };
  readonly size: DataSize;
  readonly plan: SweepPlan;
}

/**
 * Checks a spec against its dataset and the models that trials start from. Throws NarrowsError
 * `dataset-missing`, `spec-invalid`, and those of loadModelBytes.
 */
export async function checkSpec(db: Database, spec: SweepSpec, cores: number): Promise<CheckedSpec> {
  const row = await findDatasetVersion(db.sql, spec.dataset);
  const { name, version } = row;
  const description = joinLineage(row);
  const { rows, varying, targets, groups } = description;
  const facts = { rows, descriptors: varying, targets: Object.keys(targets), groups: groups?.count ?? null };
  const faults = [...checkDataset(spec, facts)];
  // Whether models fit cannot be checked for an unknown target.
  if (facts.targets.includes(spec.target)) faults.push(...(await checkWarmStartModels(db, spec, description)));
  throwFaults(faults);
  const size = {
    trainRows: Math.round(rows * spec.split.train),
    descriptors: varying,
    energies: targets[spec.target]?.y.columns ?? 1,
  };
  return { spec, dataset: { name, version, rows }, size, plan: planSweep(spec, size, cores) };
}

/** Checks the specs of one document and reports the faults of all together. Throws as checkSpec. */
export async function checkSpecs(db: Database, specs: readonly SweepSpec[], cores: number): Promise<CheckedSpec[]> {
  const looked = await Promise.allSettled(specs.map((spec) => checkSpec(db, spec, cores)));
  const failures = looked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const other = failures.find((failure) => !(failure instanceof SpecInvalid));
  if (other !== undefined) throw other;
  throwFaults((failures as SpecInvalid[]).flatMap(({ faults }) => faults));
  return looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** Starts a sweep and returns its id; a second call with the same id starts nothing. */
export async function startSweep(
  { db, temporal }: Servers,
  { spec, dataset, size }: CheckedSpec,
  codeVersion: string,
  id: string = newSweepId(),
): Promise<string> {
  await createSweep(db.sql, {
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
  const row = await findSweep(db.sql, id);
  await startWorkflow(temporal, inputOf(row), 'REJECT_DUPLICATE');
  return id;
}

/** Maximum time that a status waits for the workflow's answer. */
const QUERY_TIMEOUT_MS = 1500;

const inputOf = ({ id, planned, packSizes }: SweepRow): SweepInput => ({ sweepId: id, planned, packSizes });

const newSweepId = (): string => idOf(randomBytes(10));

/** Returns the id that follows from this text: the same request leads to the same sweep. */
export const sweepIdFrom = (text: string): string => idOf(Buffer.from(sha256Of(text), 'hex').subarray(0, 10));

/** Returns the id that follows from these words. */
export const sweepIdOf = (...words: readonly string[]): string => sweepIdFrom(JSON.stringify(words));

/** Returns 's' and ten letters or digits of base 32. */
function idOf(bytes: Uint8Array): string {
  return `s${Array.from(bytes, (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('')}`;
}

/** Starts the workflow unless it runs; `reuse`: whether it may run again after it has ended. */
async function startWorkflow(temporal: Client, input: SweepInput, reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE'): Promise<void> {
  try {
    await temporal.workflow.start('sweep', {
      workflowId: sweepWorkflowId(input.sweepId),
      workflowIdReusePolicy: reuse,
      taskQueue: TASK_QUEUES.orchestrator,
      args: [input],
    });
  } catch (error) {
    if (!isNamed(error, 'WorkflowExecutionAlreadyStartedError')) throw error;
  }
}

export interface Counts extends EndingCounts {
  readonly planned: number;
  readonly running: number;
}

/** The contract's `sweep show`. */
export interface SweepStatus {
  readonly sweepId: string;
  readonly name: string;
  readonly state: SweepRow['state'];
  readonly counts: Counts;
  readonly dataset: { readonly name: string; readonly version: string };
  readonly target: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly secondsElapsed: number;
  readonly secondsLeft: number | null;
  /** Rises with everything that is written about the sweep. */
  readonly revision: number;
}

export interface MethodProgress {
  readonly method: Method;
  readonly ended: number;
  readonly planned: number;
}

/** Returns the current status of a sweep; `temporal` null: from its rows alone. */
export async function readSweep(
  { db, temporal }: { db: Database; temporal: Client | null },
  idOrName: string,
): Promise<{ row: SweepRow; status: SweepStatus; methods: MethodProgress[] }> {
  const row = await findSweep(db.sql, idOrName);
  const byMethod = await countOutcomes(db.sql, row.id);
  const inPacks = row.state === 'running' && temporal ? await trialsInPacks(temporal, row.id) : 0;
  return { row, status: statusOf(row, byMethod, inPacks), methods: progressByMethod(row, byMethod) };
}

/** Returns the status of every sweep, newest first, from its rows alone. */
export const listSweepStatuses = async (db: Database): Promise<SweepStatus[]> =>
  Promise.all((await listSweeps(db.sql)).map(async (row) => statusOf(row, await countOutcomes(db.sql, row.id), 0)));

/** Returns the status that follows from a sweep's row, its outcomes, and the trials in training. */
export function statusOf(row: SweepRow, byMethod: readonly MethodCounts[], inPacks: number): SweepStatus {
  const counts = sumCounts(byMethod);
  const ended = countFinished(counts);
  const left = Math.max(0, row.planned - ended);
  const elapsed = ((row.finishedAt ?? new Date()).getTime() - row.startedAt.getTime()) / 1000;
  return {
    sweepId: row.id,
    name: row.name,
    state: row.state,
    counts: { planned: row.planned, running: Math.min(left, inPacks), ...counts },
    dataset: { name: row.dataset, version: row.datasetVersion },
    target: row.target,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    secondsElapsed: Math.round(elapsed * 10) / 10,
    secondsLeft: row.finishedAt ? 0 : ended > 0 && row.state === 'running' ? Math.round((elapsed / ended) * left) : null,
    revision: row.revision,
  };
}

/** Returns the number of trials in training; 0 where the workflow does not answer. */
export async function trialsInPacks(temporal: Client, sweepId: string): Promise<number> {
  try {
    const workflow = temporal.workflow.getHandle(sweepWorkflowId(sweepId));
    return (await temporal.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => workflow.query(progressQuery))).running;
  } catch {
    return 0;
  }
}

export function progressByMethod({ spec }: SweepRow, byMethod: readonly MethodCounts[]): MethodProgress[] {
  const planned = new Map(trialsByMethod(spec).map(({ method, trials }) => [method, trials]));
  return METHODS.filter((method) => planned.has(method)).map((method) => {
    const counts = byMethod.find((row) => row.method === method);
    const ended = counts ? countFinished(counts) : 0;
    return { method, ended, planned: planned.get(method) ?? 0 };
  });
}

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

/**
 * Trains the failed trials again and, unless `failedOnly`, those that never ran. The row of a
 * finished sweep says "running" from here on, so that followers do not see the old end; where
 * Temporal refuses, it keeps its end.
 */
export async function retrySweep({ db, temporal }: Servers, row: SweepRow, failedOnly: boolean): Promise<void> {
  await db.sql.begin(async (sql) => {
    if (isFinished(row.state)) await setSweepState(sql, row.id, 'running');
    await temporal.workflow.signalWithStart('sweep', {
      workflowId: sweepWorkflowId(row.id),
      taskQueue: TASK_QUEUES.orchestrator,
      args: [retryInput(inputOf(row), failedOnly)],
      signal: retryFailedSignal,
      signalArgs: [],
    });
  });
}

/** Starts the workflow of a sweep whose row says "running", where Temporal has lost it. */
export async function ensureWorkflow({ temporal }: Servers, row: SweepRow): Promise<void> {
  await startWorkflow(temporal, inputOf(row), 'ALLOW_DUPLICATE');
}
