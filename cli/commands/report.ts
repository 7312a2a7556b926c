import type { Command } from 'commander';
import { findSpectraTarget, joinLineage } from '../../datasets/description.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { findInterpretation, type StoredInterpretation } from '../../db/queries/sweeps/interpretation.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import type { CellReading, Interpretation } from '../../models/interpretation/interpretation.ts';
import { writeWhole } from '../../operations/apply.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { describeComparison } from '../../text/comparison.ts';
import { describeInterpretation } from '../../text/interpretation.ts';
import { TASK_QUEUES } from '../../workflows/task-queues.ts';
import { action, example } from '../command.ts';
import type { CliContext } from '../context.ts';
import type { ReportData } from '../report/figures.ts';
import { reportPage } from '../report/page.ts';
import { type CommandServers, withServers } from '../servers.ts';

export function registerReport(program: Command): void {
  example(
    program
      .command('report')
      .argument('<sweep>', 'id or name')
      .option('--html <file>', 'write one self-contained page: every figure with its table and its CSV')
      .option('--fresh', 'interpret the sweep again, even where that was done')
      .description('What a sweep found in terms of the structure.')
      .action(
        action<{ html?: string; fresh?: boolean }>(async (context, { html, fresh }, id) => {
          await withServers(context, async (servers) => {
            const { db } = servers;
            const sweep = await findSweep(db.sql, id as string);
            const comparison = await compareSweeps(db, [sweep.id]);
            const { result, fields } = await interpretationOf(context, servers, sweep, fresh ?? false);
            const interpretation = result as Interpretation;
            const target = await targetOf(servers, sweep);
            if (html !== undefined) {
              const page = reportPage({ sweep, comparison, interpretation, fields, target });
              await writeWhole(html, page.html);
              context.note(`wrote ${html}: ${page.figures} figures`);
            }
            context.print(
              {
                sweepId: sweep.id,
                name: sweep.name,
                html: html ?? null,
                cells: interpretation.cells.map((cell) => shortCell(cell, interpretation)),
              },
              () => [...describeComparison(comparison).split('\n'), '', ...describeInterpretation(interpretation)].join('\n'),
            );
          });
        }),
      ),
    'narrows report demo --html report.html',
  );
}

/**
 * The stored one; where there is none, a workflow makes it. Throws NarrowsError
 * `interpretation-failed`.
 */
async function interpretationOf(
  context: CliContext,
  { db, temporal }: CommandServers,
  sweep: SweepRow,
  fresh: boolean,
): Promise<StoredInterpretation> {
  const stored = fresh ? null : await findInterpretation(db.sql, sweep.id);
  if (stored) return stored;
  context.note('interpreting the sweep');
  try {
    await temporal.workflow.execute('interpret', {
      workflowId: `interpret-${sweep.id}`,
      taskQueue: TASK_QUEUES.orchestrator,
      args: [sweep.id],
      // Whoever asks at the same time waits for the same answer.
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  } catch (error) {
    if ((error as Error).name !== 'WorkflowFailedError') throw error;
    throw new NarrowsError('interpretation-failed', `${sweep.name} cannot be interpreted: ${rootMessage(error)}`, {
      path: 'sweep',
      kind: 'failure',
      cause: error,
    });
  }
  const made = await findInterpretation(db.sql, sweep.id);
  if (made) return made;
  throw new NarrowsError('interpretation-failed', `${sweep.name} was interpreted, and nothing was stored`, {
    kind: 'failure',
  });
}

function rootMessage(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause instanceof Error ? cause.message : String(cause);
}

async function targetOf({ db }: CommandServers, sweep: SweepRow): Promise<ReportData['target']> {
  const described = joinLineage(await findDatasetVersion(db.sql, `${sweep.dataset}@${sweep.datasetVersion}`));
  const stored = described.targets[sweep.target];
  const about = findSpectraTarget(described, sweep.target);
  const unit = about?.unit ?? '';
  const numbered = Array.from({ length: stored?.y.columns ?? 0 }, (_, i) => ({ name: String(i), unit }));
  return {
    name: sweep.target,
    unit: stored?.columns ? null : unit,
    energies: stored?.energies ?? null,
    energyUnit: about?.energyUnit ?? 'eV',
    columns: stored?.columns ?? numbered,
  };
}

/** What scripts read: figures by name, without curves and grids. */
function shortCell(cell: CellReading, { descriptors, quantities }: Interpretation) {
  const { method, k, best, trials, coveredVariance, agreement } = cell;
  return {
    method,
    k,
    best,
    seeds: trials.length,
    coveredVariance,
    agreement,
    components: cell.components?.map(({ coefficients, angle, stable }) => ({ coefficients, angle, stable })) ?? null,
    descriptors:
      cell.expansion?.map(({ share, control, state }, d) => ({ name: descriptors[d]?.name, share, control, state })) ?? null,
    series:
      cell.series?.points.map(({ value, rows, known, reconstructed }) => ({
        value,
        rows,
        quantities: quantities.map(({ name, unit }, q) => ({ name, unit, known: known[q], reconstructed: reconstructed[q] })),
      })) ?? null,
  };
}
