import type { Command } from 'commander';
import type { Queryable } from '../../db/client.ts';
import { baselineFigures, comparisonTrials } from '../../db/queries/results.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps.ts';
import { NarrowsError } from '../../infra/errors.ts';
import { type Comparison, compareMethods } from '../../models/comparison.ts';
import { writeWhole } from '../apply.ts';
import { action, example } from '../command.ts';
import { comparisonText, reading } from '../output/comparison.ts';
import { coverageSvg } from '../plot/coverage.ts';
import { coveragePage } from '../plot/page.ts';
import { withServers } from '../servers.ts';

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
          await withServers(context, async ({ db }) => {
            const comparison = await compareSweeps(db, sweeps);
            if (plot !== undefined) await writeWhole(plot, coverageSvg(comparison));
            if (html !== undefined) await writeWhole(html, coveragePage(comparison));
            context.print(comparison, () => `${comparisonText(comparison)}\n\n${reading(comparison)}`);
            for (const file of [plot, html]) if (file !== undefined) context.note(`wrote ${file}`);
          });
        })(...rest);
      }),
    'narrows compare demo --plot coverage.svg',
  );
}

/** Reads the test figures of these sweeps and compares. Throws NarrowsError `sweeps-differ`, `nothing-to-compare`. */
export async function compareSweeps(db: { readonly sql: Queryable }, idsOrNames: readonly string[]): Promise<Comparison> {
  const sweeps = await Promise.all(idsOrNames.map((id) => findSweep(db.sql, id)));
  const [first] = sweeps as [SweepRow, ...SweepRow[]];
  const other = sweeps.find(
    (sweep) =>
      sweep.datasetVersion !== first.datasetVersion ||
      sweep.target !== first.target ||
      JSON.stringify([sweep.spec.split, sweep.spec.scale]) !== JSON.stringify([first.spec.split, first.spec.scale]),
  );
  if (other) {
    throw new NarrowsError(
      'sweeps-differ',
      `${first.name} and ${other.name} differ in dataset version, target, split or scaling`,
      {
        fix: 'compare sweeps that were scored on the same rows',
      },
    );
  }
  const ids = [...new Set(sweeps.map(({ id }) => id))];
  const [trials, baselines] = await Promise.all([comparisonTrials(db.sql, ids), baselineFigures(db.sql, ids)]);
  if (trials.length === 0) {
    throw new NarrowsError('nothing-to-compare', `${first.name} has no completed trial yet`, {
      fix: `follow it with "narrows sweep watch ${first.name}"`,
      exit: 1,
    });
  }
  const dataset = `${first.dataset}@${first.datasetVersion.slice(0, 12)}`;
  return compareMethods({ sweeps: ids, dataset, target: first.target }, trials, baselines);
}
