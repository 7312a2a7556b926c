import type { Command } from 'commander';
import { withServers } from '../../infra/sessions.ts';
import type { CellReading, Interpretation } from '../../models/interpretation/interpretation.ts';
import { writeFileWhole } from '../../operations/files.ts';
import { readReport } from '../../operations/report.ts';
import { describeReport } from '../../text/report.ts';
import { addCommand, option } from '../command.ts';
import { reportPage } from '../report/page.ts';
import { noteMissingWorkers } from '../workers.ts';

export function register(program: Command): void {
  addCommand<{ sweep: string; html?: string; fresh?: boolean }>(program, {
    name: 'report',
    arguments: [['<sweep>', 'id or name']],
    options: [
      option('--html <file>', 'write one self-contained page: every figure with its table and its CSV'),
      option('--fresh', 'interpret the sweep again, even where that was done'),
    ],
    description: 'Describe what a sweep found in terms of the structure.',
    examples: ['narrows report demo --html report.html'],
    run: (context, { sweep: idOrName, html, fresh = false }) =>
      withServers(context, async (servers) => {
        const report = await readReport(servers, idOrName, {
          fresh,
          onInterpret: () => {
            context.note('interpreting the sweep');
            void noteMissingWorkers(context, servers);
          },
        });
        const { sweep, interpretation, sufficientWidths } = report;
        if (html !== undefined) {
          const page = reportPage(report);
          await writeFileWhole(html, page.html);
          context.note(`wrote ${html}: ${page.figures} figures`);
        }
        const cells = interpretation.cells.map((cell) => shortCell(cell, interpretation));
        const widths = sufficientWidths && { sufficientWidths };
        context.print({ sweepId: sweep.id, name: sweep.name, html: html ?? null, ...widths, cells }, () => {
          const sentences = describeReport(report);
          return [...sentences.comparison, '', ...sentences.interpretation].join('\n').trimEnd();
        });
      }),
  });
}

/** Returns what scripts read of a cell: scores by name, without curves and grids. */
function shortCell(cell: CellReading, { descriptors, quantities }: Interpretation) {
  const { method, k, best, trials, coveredVariance, agreement, overPartitions } = cell;
  return {
    method,
    k,
    best,
    seeds: trials.length,
    coveredVariance,
    agreement,
    ...(overPartitions && { overPartitions }),
    components:
      cell.components?.map(({ coefficients, range, angle, angleOverPartitions, stable, shownTurn }) => ({
        coefficients,
        range,
        angle,
        angleOverPartitions,
        stable,
        shownTurn,
      })) ?? null,
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
