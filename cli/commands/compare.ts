import type { Command } from 'commander';
import { writeWhole } from '../../operations/apply.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { describeComparison } from '../../text/comparison.ts';
import { action, example } from '../command.ts';
import { comparisonText } from '../output/comparison.ts';
import { coverageSvg } from '../plot/coverage.ts';
import { coveragePage } from '../plot/page.ts';
import { withDatabase } from '../servers.ts';

export function registerCompare(program: Command): void {
  example(
    program
      .command('compare')
      .argument('<sweeps...>', 'ids or names; several are pooled')
      .option('--plot <file>', 'write the picture as SVG')
      .option('--html <file>', 'write one self-contained page')
      .description('Compare the methods on the test rows.')
      .action(async (...given) => {
        // commander hands a variadic argument over as one list.
        const [sweeps, ...rest] = given as [string[], ...unknown[]];
        await action<{ plot?: string; html?: string }>(async (context, { plot, html }) => {
          await withDatabase(context, async ({ db }) => {
            const comparison = await compareSweeps(db, sweeps);
            if (plot !== undefined) await writeWhole(plot, coverageSvg(comparison));
            if (html !== undefined) await writeWhole(html, coveragePage(comparison));
            context.print(comparison, () => `${comparisonText(comparison)}\n\n${describeComparison(comparison)}`);
            for (const file of [plot, html]) if (file !== undefined) context.note(`wrote ${file}`);
          });
        })(...rest);
      }),
    'narrows compare demo --plot coverage.svg',
  );
}
