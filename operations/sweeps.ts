/**
 * What a person may ask of a sweep, by command or over HTTP: start, follow, steer. Prints nothing.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { joinLineage } from '../datasets/description.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import {
  countOutcomes,
  createSweep,
  findSweep,
  type MethodCounts,
  type SweepRow,
  setSweepState,
} from '../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../errors.ts';
import { METHODS, type Method } from '../models/methods/catalogue.ts';
import type { DataSize } from '../models/methods/cost.ts';
import { SpecInvalid, throwFaults } from '../search/fault.ts';
import { packSizes } from '../search/packing.ts';
import { planSweep, type SweepPlan, trialsByMethod } from '../search/plan.ts';
import { trialCount } from '../search/space.ts';
import type { SweepSpec } from '../search/spec.ts';
import { checkDataset } from '../search/spec-schema.ts';
import { countFinished, type EndingCounts, isFinished, sumCounts } from '../search/states.ts';
import { pauseSignal, progressQuery, resumeSignal, retryFailedSignal, type SweepProgress } from '../workflows/messages.ts';
import { retryInput, type SweepInput, sweepWorkflowId } from '../workflows/sweep-input.ts';
import { TASK_QUEUES } from '../workflows/task-queues.ts';
import { checkWarmStartModels } from './warm-models.ts';

export interface Servers {
  readonly db: Database;
  readonly temporal: Client;
}

/** A spec with the dataset version that it will run on. */
export interface CheckedSpec {
  readonly spec: SweepSpec;
  readonly dataset: { readonly name: string; readonly version: string; readonly rows: number };
  readonly size: DataSize;
  readonly plan: SweepPlan;
}

/**
 * Throws NarrowsError `dataset-missing` or `spec-invalid`, and where a model that trials start from
 * cannot be had as loadModelBytes does.
 */
export async function checkSpec(db: Database, spec: SweepSpec, cores: number): Promise<CheckedSpec> {
  const row = await findDatasetVersion(db.sql, spec.dataset);
  const { name, version } = row;
  const description = joinLineage(row);
  const { rows, varying, targets, groups } = description;
  const facts = { rows, descriptors: varying, targets: Object.keys(targets), groups: groups?.count ?? null };
  const faults = [...checkDataset(spec, facts)];
  // Models fit a target or not; of one that is not there nothing can be said.
  if (facts.targets.includes(spec.target)) faults.push(...(await checkWarmStartModels(db, spec, description)));
  throwFaults(faults);
  const size = {
    trainRows: Math.round(rows * spec.split.train),
    descriptors: varying,
    energies: targets[spec.target]?.y.columns ?? 1,
  };
  return { spec, dataset: { name, version, rows }, size, plan: planSweep(spec, size, cores) };
}

/**
 * The sweeps of one document, all of them or none: what is wrong with any of them is told at once.
 * Throws as checkSpec does.
 */
export async function checkSpecs(db: Database, specs: readonly SweepSpec[], cores: number): Promise<CheckedSpec[]> {
  const looked = await Promise.allSettled(specs.map((spec) => checkSpec(db, spec, cores)));
  const failures = looked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const other = failures.find((failure) => !(failure instanceof SpecInvalid));
  if (other !== undefined) throw other;
  throwFaults((failures as SpecInvalid[]).flatMap(({ faults }) => faults));
  return looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/**
 * Writes the sweep's row and starts its workflow; returns its id. A second call with the same id
 * starts nothing.
 */
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
  // As an earlier call with this id has written it.
  const row = await findSweep(db.sql, id);
  await startOnce(temporal, inputOf(row), 'REJECT_DUPLICATE');
  return id;
}

const inputOf = ({ id, planned, packSizes }: SweepRow): SweepInput => ({ sweepId: id, planned, packSizes });

const newSweepId = (): string => idOf(randomBytes(10));

/** The id of the sweep that these words ask for: whoever asks again is led to the same one. */
export const sweepIdOf = (...words: readonly string[]): string =>
  idOf(createHash('sha256').update(JSON.stringify(words)).digest().subarray(0, 10));

/** 's' and ten letters or digits of base 32. */
function idOf(bytes: Uint8Array): string {
  return `s${Array.from(bytes, (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('')}`;
}

/** `reuse`: whether a workflow that has ended under this id may be followed by another. */
async function startOnce(temporal: Client, input: SweepInput, reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE'): Promise<void> {
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

/** A sweep as it stands, with progress by method. `temporal` null: from the rows alone. */
export async function readSweep(
  { db, temporal }: { db: Database; temporal: Client | null },
  idOrName: string,
): Promise<{ row: SweepRow; status: SweepStatus; methods: MethodProgress[] }> {
  const row = await findSweep(db.sql, idOrName);
  const byMethod = await countOutcomes(db.sql, row.id);
  const inPacks = row.state === 'running' && temporal ? await trialsInPacks(temporal, row.id) : 0;
  return { row, status: statusOf(row, byMethod, inPacks), methods: progressByMethod(row, byMethod) };
}

/**
 * The status that a sweep's row and the outcomes of its trials tell. `inPacks`: trials that are
 * being trained.
 */
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

/** How many trials the workflow has in training just now; 0 where it cannot be asked. */
export async function trialsInPacks(temporal: Client, sweepId: string): Promise<number> {
  return (await progressOf(temporal, sweepId))?.running ?? 0;
}

export function progressByMethod({ spec }: SweepRow, byMethod: readonly MethodCounts[]): MethodProgress[] {
  const planned = new Map(trialsByMethod(spec).map(({ method, trials }) => [method, trials]));
  return METHODS.filter((method) => planned.has(method)).map((method) => {
    const counts = byMethod.find((row) => row.method === method);
    const ended = counts ? countFinished(counts) : 0;
    return { method, ended, planned: planned.get(method) ?? 0 };
  });
}

/** Where the workflow stands; null where it cannot be asked just now. */
async function progressOf(temporal: Client, sweepId: string): Promise<SweepProgress | null> {
  try {
    return await temporal.withDeadline(Date.now() + 1500, () =>
      temporal.workflow.getHandle(sweepWorkflowId(sweepId)).query(progressQuery),
    );
  } catch {
    return null;
  }
}

/** Returns false where the sweep is not running any more. */
async function signalSweep({ db, temporal }: Servers, row: SweepRow, action: SweepAction): Promise<boolean> {
  const handle = temporal.workflow.getHandle(sweepWorkflowId(row.id));
  try {
    if (action === 'cancel') await handle.cancel();
    else await handle.signal(action === 'pause' ? pauseSignal : resumeSignal);
    return true;
  } catch (error) {
    if (!isNamed(error, 'WorkflowNotFoundError')) throw error;
    // The servers know no such workflow: a row that still says "running" is stale.
    if (action === 'cancel' && !isFinished(row.state)) await setSweepState(db.sql, row.id, 'cancelled');
    return false;
  }
}

export type SweepAction = 'pause' | 'resume' | 'cancel';

const STEERED = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const;

/**
 * Signals the sweep and waits until its row says so, for `patience` milliseconds at most; returns
 * how it stands then. Throws NarrowsError `sweep-unknown`, and `sweep-ended` where there is nothing
 * to steer any more.
 */
export async function controlSweep(
  servers: Servers,
  idOrName: string,
  act: SweepAction,
  patience = 15_000,
): Promise<SweepStatus> {
  const row = await findSweep(servers.db.sql, idOrName);
  const wanted = STEERED[act];
  const signalled = row.state === wanted || (await signalSweep(servers, row, act));
  const deadline = performance.now() + patience;
  for (;;) {
    const { status } = await readSweep(servers, row.id);
    if (status.state === wanted) return status;
    if (!signalled || isFinished(status.state)) throw nothingTo(act, row.name, status.state);
    if (performance.now() > deadline) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function nothingTo(act: SweepAction, name: string, state: SweepRow['state']): NarrowsError {
  return new NarrowsError('sweep-ended', `${name} is ${state}: there is nothing to ${act}`, {
    path: 'sweep',
    ...(act === 'resume' ? { fix: `train what is left with "narrows sweep retry ${name}"` } : {}),
    kind: 'failure',
  });
}

/**
 * Another run over what failed (and, unless `failedOnly`, what never ran). The row of a sweep that
 * ended says "running" again from here on, so that who follows it does not take the old end for the
 * new one; where the servers refuse, it keeps its end.
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

/**
 * Starts the workflow of a sweep whose row says that it runs but whose workflow is gone (a home
 * whose Temporal data were removed).
 */
export async function ensureWorkflow({ temporal }: Servers, row: SweepRow): Promise<void> {
  await startOnce(temporal, inputOf(row), 'ALLOW_DUPLICATE');
}

/** By name, so that the client's library is loaded only where a connection is made. */
function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
