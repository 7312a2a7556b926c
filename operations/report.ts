/** Reports: the comparison and the interpretation of one sweep. */
import { findSpectraTarget, joinLineage } from '../datasets/description.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { readIdentity } from '../db/queries/identity.ts';
import { findInterpretation, type StoredField, type StoredInterpretation } from '../db/queries/sweeps/interpretation.ts';
import { findSweep, type SweepRow } from '../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../errors.ts';
import type { Comparison } from '../models/evaluation/comparison.ts';
import type { Interpretation } from '../models/interpretation/interpretation.ts';
import { withIdentity } from '../workflows/identity.ts';
import { taskQueues } from '../workflows/task-queues.ts';
import { compareSweeps } from './compare.ts';
import { isNamed, type Servers } from './servers.ts';
import { readSufficientWidths, type SufficientWidths } from './sweeps/widths.ts';

export interface Report extends SufficientWidths {
  readonly sweep: SweepRow;
  readonly comparison: Comparison;
  readonly interpretation: Interpretation;
  /** Grids over the descriptors, as raw bytes with their axes. */
  readonly fields: readonly StoredField[];
  readonly target: ReportTarget;
}

export interface ReportTarget {
  readonly name: string;
  /** Unit of every column; null where they differ. */
  readonly unit: string | null;
  readonly energies: readonly number[] | null;
  readonly energyUnit: string;
  readonly columns: readonly { readonly name: string; readonly unit: string }[];
}

/**
 * Returns the report of a sweep; interprets it where that has not been done, or with `fresh`, after
 * calling `onInterpret`. Throws NarrowsError `sweep-unknown`, `interpretation-failed`, and those of
 * compareSweeps.
 */
export async function readReport(
  servers: Servers,
  idOrName: string,
  { fresh, onInterpret }: { readonly fresh: boolean; onInterpret(): void },
): Promise<Report> {
  const { db } = servers;
  const sweep = await findSweep(db.sql, idOrName);
  const comparison = await compareSweeps(db, [sweep.id]);
  const stored = fresh ? null : await findInterpretation(db.sql, sweep.id);
  if (!stored) onInterpret();
  const { result, fields } = stored ?? (await interpret(servers, sweep));
  const [target, widths] = [await targetOf(servers, sweep), await readSufficientWidths(db.sql, sweep)];
  return { sweep, comparison, interpretation: result as Interpretation, fields, target, ...widths };
}

async function interpret({ db, temporal }: Servers, { id, name }: SweepRow): Promise<StoredInterpretation> {
  const database = { identity: await readIdentity(db.sql) };
  try {
    await temporal.workflow.execute('interpret', {
      workflowId: withIdentity(`interpret-${id}`, database),
      taskQueue: taskQueues(database).orchestrator,
      args: [id],
      // Simultaneous requests wait for the same answer.
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  } catch (error) {
    if (!isNamed(error, 'WorkflowFailedError')) throw error;
    throw new NarrowsError('interpretation-failed', `${name} cannot be interpreted: ${rootMessage(error)}`, {
      path: 'sweep',
      kind: 'failure',
      cause: error,
    });
  }
  const stored = await findInterpretation(db.sql, id);
  if (stored) return stored;
  throw new NarrowsError('interpretation-failed', `${name} was interpreted, and nothing was stored`, { kind: 'failure' });
}

function rootMessage(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause instanceof Error ? cause.message : String(cause);
}

async function targetOf({ db }: Pick<Servers, 'db'>, { dataset, datasetVersion, target }: SweepRow): Promise<ReportTarget> {
  const described = joinLineage(await findDatasetVersion(db.sql, `${dataset}@${datasetVersion}`));
  const stored = described.targets[target];
  const about = findSpectraTarget(described, target);
  const unit = about?.unit ?? '';
  return {
    name: target,
    unit: stored?.columns ? null : unit,
    energies: stored?.energies ?? null,
    energyUnit: about?.energyUnit ?? 'eV',
    columns: stored?.columns ?? Array.from({ length: stored?.y.columns ?? 0 }, (_, i) => ({ name: String(i), unit })),
  };
}
