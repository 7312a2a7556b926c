/** State and progress of sweeps. */
import type { Client } from '@temporalio/client';
import type { Database } from '../../db/client.ts';
import { listEfforts } from '../../db/queries/sweeps/comparison.ts';
import {
  countOutcomes,
  findSweep,
  listSweeps,
  listUnfinishedSweeps,
  type MethodCounts,
  type SweepRow,
} from '../../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../../db/queries/trainers.ts';
import { NarrowsError } from '../../errors.ts';
import type { CellEffort } from '../../models/evaluation/comparison.ts';
import { METHODS, type Method } from '../../models/methods/catalogue.ts';
import { NOTHING_SPENT, secondsWithinBudget } from '../../search/budget/spending.ts';
import { countLeftOut, leftOutByMethod, trainedPointsPerCell } from '../../search/limits/limits.ts';
import { trialsByMethod } from '../../search/plan.ts';
import type { TrainerGroup } from '../../search/routes.ts';
import { isAdaptive, type SamplerName } from '../../search/samplers/table.ts';
import { DEFAULT_PRIORITY, DEFAULT_WEIGHT } from '../../search/spec.ts';
import {
  countExpected,
  countFinished,
  type EndingCounts,
  isFinished,
  type PlannedCounts,
  sumCounts,
} from '../../search/states.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { settleSweep } from './lost.ts';
import { findWaiting, type WaitingTrials } from './waiting.ts';
import { readSufficientWidths, type SufficientWidths } from './widths.ts';

export type { SweepRow };

/** Maximum time that a status waits for the workflow's answer. */
const QUERY_TIMEOUT_MS = 1500;

export interface Counts extends EndingCounts, PlannedCounts {
  readonly running: number;
}

/** The contract's `sweep show`. */
export interface SweepStatus extends SufficientWidths {
  readonly sweepId: string;
  readonly name: string;
  readonly state: SweepRow['state'];
  /** Why trials failed, or why nothing works on the sweep; null without a reason. */
  readonly message: string | null;
  readonly counts: Counts;
  readonly dataset: { readonly name: string; readonly version: string };
  readonly target: string;
  readonly sampler: SamplerName;
  /** Configurations of an adaptive sampler; null: all follow from the spec. */
  readonly proposals: { readonly made: number; readonly planned: number } | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** From the start to the end, or to now. */
  readonly secondsElapsed: number;
  /** Those for which it was paused, or had ended before it went on. */
  readonly secondsIdle: number;
  readonly secondsLeft: number | null;
  /** Trials that no trainer at work can train, of a running sweep. */
  readonly waiting: readonly WaitingTrials[];
  /** As the spec has them, see docs/guides/steering-sweeps.md. */
  readonly weight: number;
  readonly priority: number;
  /** Rises with everything that is written about the sweep. */
  readonly revision: number;
}

export interface MethodProgress extends PlannedCounts {
  readonly method: Method;
  readonly ended: number;
}

/** Returns the current status of a sweep; `temporal` null: from its rows alone. */
export async function readSweep(
  { db, temporal }: { db: Database; temporal: Client | null },
  idOrName: string,
): Promise<{ row: SweepRow; status: SweepStatus; methods: MethodProgress[] }> {
  const found = await findSweep(db.sql, idOrName);
  const { row, loss } = temporal ? await settleSweep({ db, temporal }, found) : { row: found, loss: null };
  const [byMethod, trainers] = await Promise.all([countOutcomes(db.sql, row.id), listTrainers(db.sql)]);
  const isAsked = row.state === 'running' && temporal && loss === null;
  const training = isAsked ? await readTraining(temporal, sweepWorkflowId(row)) : NOTHING_IN_TRAINING;
  const status = { ...statusOf(row, byMethod, training, trainers), ...(await readSufficientWidths(db.sql, row)) };
  return { row, status: withLoss(status, loss), methods: progressByMethod(row, byMethod) };
}

/** Returns what a sweep has tried of each method and width. */
export const readEffort = ({ sql }: Pick<Database, 'sql'>, id: string): Promise<readonly CellEffort[]> => listEfforts(sql, [id]);

/** Returns the status of every sweep, newest first, without the trials in training. */
export async function listSweepStatuses(db: Database, connect: () => Promise<Client>): Promise<SweepStatus[]> {
  const trainers = await listTrainers(db.sql);
  const read = async (found: SweepRow) => {
    const { row, loss } = isFinished(found.state)
      ? { row: found, loss: null }
      : await settleSweep({ db, temporal: await connect() }, found);
    return withLoss(statusOf(row, await countOutcomes(db.sql, row.id), NOTHING_IN_TRAINING, trainers), loss);
  };
  return Promise.all((await listSweeps(db.sql)).map(read));
}

/** Returns the status of every running sweep with trials that no trainer at work can train. */
export async function listWaitingSweeps(db: Database): Promise<SweepStatus[]> {
  const rows = (await listUnfinishedSweeps(db.sql)).filter(({ state }) => state === 'running');
  const read = await Promise.all(rows.map(({ id }) => readSweep({ db, temporal: null }, id)));
  return read.map(({ status }) => status).filter(({ waiting }) => waiting.length > 0);
}

/** Returns the status with the reason why no workflow works on the sweep. */
export const withLoss = (status: SweepStatus, loss: string | null): SweepStatus =>
  loss === null ? status : { ...status, message: loss };

/** Training of a sweep, as its workflow reports it. */
export interface Training {
  /** Trials in packs that wait for a worker or are on one. */
  readonly running: number;
  /** Whether failed trials are trained again. */
  readonly isRetrying: boolean;
}

/** Training of a sweep whose workflow was not asked, or does not answer. */
export const NOTHING_IN_TRAINING: Training = { running: 0, isRetrying: false };

/**
 * Returns the status that follows from a sweep's row, its outcomes, what is in training, and the
 * trainers at work.
 */
export function statusOf(
  row: SweepRow,
  byMethod: readonly MethodCounts[],
  { running, isRetrying }: Training,
  trainers: readonly TrainerGroup[],
): SweepStatus {
  const counts = sumCounts(byMethod);
  const ended = countFinished(counts);
  const leftOut = countLeftOut(row.spec, row.limits);
  const left = Math.max(0, countExpected({ planned: row.planned, leftOut }) - ended);
  return {
    sweepId: row.id,
    name: row.name,
    state: row.state,
    message: row.message,
    counts: { planned: row.planned, leftOut, running: Math.min(left, running), ...counts },
    dataset: { name: row.dataset, version: row.datasetVersion },
    target: row.target,
    sampler: row.spec.sampler.kind,
    proposals: isAdaptive(row.spec.sampler) ? { made: row.proposed, planned: countTrainedPoints(row) } : null,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    secondsElapsed: Math.round(row.elapsed * 10) / 10,
    secondsIdle: Math.round(Math.min(row.idleSeconds, row.elapsed) * 10) / 10,
    secondsLeft: row.finishedAt ? 0 : ended > 0 && row.state === 'running' ? Math.round(secondsLeftOf(row, ended, left)) : null,
    waiting: row.state === 'running' ? findWaiting(row.spec, pendingByMethod(row, byMethod, isRetrying), trainers) : [],
    weight: row.spec.weight ?? DEFAULT_WEIGHT,
    priority: row.spec.priority ?? DEFAULT_PRIORITY,
    revision: row.revision,
  };
}

/** Returns the seconds until the rest has ended at the pace so far, or the budget is spent. */
const secondsLeftOf = (row: SweepRow, ended: number, left: number): number =>
  Math.min((secondsActive(row) / ended) * left, budgetedSecondsLeft(row));

/** Returns the seconds until the budget of a sweep is spent; Infinity without one. */
export const budgetedSecondsLeft = (row: SweepRow): number =>
  secondsWithinBudget(row.spec, row.spending ?? NOTHING_SPENT, secondsActive(row));

const secondsActive = ({ elapsed, idleSeconds }: SweepRow): number => Math.max(0, elapsed - idleSeconds);

const countTrainedPoints = ({ spec, limits }: SweepRow): number =>
  trainedPointsPerCell(spec, limits).reduce((sum, points) => sum + points, 0);

/** Returns an error for a sweep without what a command needs of it, with the reason of its end. */
export function missingTrialsError(code: string, { name, state, message }: SweepRow, what: string): NarrowsError {
  if (!isFinished(state)) {
    const fix = `follow it with "narrows sweep watch ${name}"`;
    return new NarrowsError(code, `${name} has no ${what} yet`, { fix, kind: 'failure' });
  }
  return new NarrowsError(code, `${name} is ${state} without a ${what}${message === null ? '' : `: ${message}`}`, {
    fix: `remove the cause, then train its trials with "narrows sweep retry ${name}"`,
    kind: 'failure',
  });
}

/** Returns the training of a sweep; nothing where its workflow does not answer. */
export async function readTraining(temporal: Client, workflowId: string): Promise<Training> {
  try {
    const workflow = temporal.workflow.getHandle(workflowId);
    const progress = await temporal.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => workflow.query(progressQuery));
    return { running: progress.running, isRetrying: progress.stage === 'retry' };
  } catch {
    return NOTHING_IN_TRAINING;
  }
}

const pendingByMethod = (row: SweepRow, byMethod: readonly MethodCounts[], isRetrying: boolean) =>
  progressByMethod(row, byMethod).map(({ method, ended, ...plan }) => {
    const failed = isRetrying ? (byMethod.find((counts) => counts.method === method)?.failed ?? 0) : 0;
    return { method, trials: countExpected(plan) - ended + failed };
  });

export function progressByMethod({ spec, limits }: SweepRow, byMethod: readonly MethodCounts[]): MethodProgress[] {
  const leftOut = leftOutByMethod(spec, limits);
  const planned = new Map(trialsByMethod(spec).map(({ method, trials }) => [method, trials]));
  return METHODS.filter((method) => planned.has(method)).map((method) => {
    const counts = byMethod.find((row) => row.method === method);
    const ended = counts ? countFinished(counts) : 0;
    return { method, ended, planned: planned.get(method) ?? 0, leftOut: leftOut.get(method) ?? 0 };
  });
}
