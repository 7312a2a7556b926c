import type { Command } from 'commander';
import { coveredVarianceFigure } from '../../figures/covered-variance.ts';
import { figureSvg } from '../../figures/rendering/draw.ts';
import { withStorage } from '../../infra/sessions.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { writeFileWhole } from '../../operations/files.ts';
import { findFarRowWarnings } from '../../operations/sweeps/far-rows.ts';
import { readSweep } from '../../operations/sweeps/status.ts';
import { isFinished } from '../../search/states.ts';
import { warnOfRows } from '../../text/comparison.ts';
import { describeWidths } from '../../text/widths.ts';
import { addCommand, option } from '../command.ts';
import { comparisonReport } from '../output/comparison.ts';
import { comparisonPage } from '../report/page.ts';

export function register(program: Command): void {
  addCommand<{ sweeps: string[]; plot?: string; html?: string }>(program, {
    name: 'compare',
    arguments: [['<sweeps...>', 'ids or names; several are pooled']],
    options: [option('--plot <file>', 'write the figure as SVG'), option('--html <file>', 'write one self-contained page')],
    description: 'Compare the methods on the test rows.',
    examples: ['narrows compare demo --plot coverage.svg'],
    run: (context, { sweeps, plot, html }) =>
      withStorage(context, async ({ db }) => {
        const comparison = await compareSweeps(db, sweeps);
        const statuses = [];
        for (const id of comparison.sweeps) statuses.push((await readSweep({ db, temporal: null }, id)).status);
        const searches = statuses.flatMap(({ sweepId, name, state, sufficientWidths = [] }) =>
          sufficientWidths.map((answer) => ({ sweepId, name, isFinished: isFinished(state), answer })),
        );
        const found = searches.flatMap(({ name, answer, isFinished }) =>
          describeWidths([answer], isFinished).map((sentence) => (statuses.length > 1 ? `${name}: ${sentence}` : sentence)),
        );
        if (plot !== undefined) await writeFileWhole(plot, figureSvg(coveredVarianceFigure(comparison)));
        if (html !== undefined) await writeFileWhole(html, comparisonPage(comparison, found));
        const warnings = warnOfRows(comparison.rows);
        const sufficientWidths = searches.map(({ sweepId, answer }) => ({ sweepId, ...answer }));
        const answers = { ...comparison, warnings, ...(sufficientWidths.length > 0 && { sufficientWidths }) };
        context.print(answers, () => [comparisonReport(comparison), ...found].join('\n'));
        for (const { sweepId, name, state, message } of statuses) {
          if (message !== null) context.note(`${name} is ${state}: ${message}`);
          for (const warning of await findFarRowWarnings(db.sql, sweepId)) context.warn(`${name}: ${warning}`);
        }
        for (const file of [plot, html]) if (file !== undefined) context.note(`wrote ${file}`);
      }),
  });
}
