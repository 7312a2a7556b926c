import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type Scratch, withScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder, storeDataset } from '../../datasets/import/import.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import { readCodeVersion } from '../../infra/code-version.ts';
import { readEnvironment } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { readStackStatus, stopStack } from '../../infra/stack/stack.ts';
import { writeWhole } from '../../operations/apply.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { checkSpec, ensureWorkflow, startSweep } from '../../operations/sweeps.ts';
import { describeComparison } from '../../text/comparison.ts';
import { action, example } from '../command.ts';
import { type CliContext, waitForInterrupt } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { comparisonText } from '../output/comparison.ts';
import { coverageSvg } from '../plot/coverage.ts';
import { readSpecs } from '../read-spec.ts';
import { type CommandServers, withServers } from '../servers.ts';
import { watchSweep } from '../watch.ts';

const NAME = 'demo';

export function registerDemo(program: Command): void {
  example(
    program
      .command('demo')
      .option('--fresh', 'run the sweep again, even where its result is there')
      .option('--stay', 'keep the servers it started until Ctrl-C, to look at the result in the browser')
      .description('Sweep EDNN, ECA and NNCA on the shipped water data, and compare them.')
      .action(
        action<{ fresh?: boolean; stay?: boolean }>(async (context, { fresh, stay }) => {
          let started = false;
          try {
            const code = await withServers(context, async (servers) => {
              started = servers.started;
              return demo(context, servers, fresh ?? false);
            });
            await showPage(context, { started, stay: stay ?? false });
            return code;
          } finally {
            // What the demo started it takes down again; results stay.
            if (started || context.signal.aborted) await stopStack(readEnvironment());
          }
        }),
      ),
    'narrows demo',
    'narrows demo --stay',
  );
}

/**
 * Where the result can be looked at; with `stay`, for as long as a person wants to. Throws
 * Interrupted then.
 */
async function showPage(context: CliContext, { started, stay }: { started: boolean; stay: boolean }): Promise<void> {
  const { dashboards } = readStackStatus(readEnvironment());
  if (dashboards === null) return;
  if (started && !stay) return context.note('Look at it in the browser: npm run demo -- --stay');
  context.note(`Look at it in the browser: ${dashboards}/sweeps/${NAME}`);
  if (!started) return;
  context.note('Ctrl-C stops everything');
  await waitForInterrupt(context.signal);
}

async function demo(context: CliContext, servers: CommandServers, fresh: boolean): Promise<number> {
  const { db, blobs } = servers;
  const folder = fileURLToPath(new URL('../../examples/water', import.meta.url));
  const importIt = async (scratch: Scratch) =>
    storeDataset(await checkDatasetFolder(folder, scratch), blobs, (row) => saveDatasetVersion(db.sql, row));
  const stored = await withScratch(resolveHome(readEnvironment().home).cache, importIt, context.signal);
  context.note(`water@${stored.version.slice(0, 12)}: ${stored.rows} molecules, three descriptors each`);

  const existing = fresh ? null : await findSweep(db.sql, NAME).catch(() => null);
  if (existing && existing.datasetVersion === stored.version && existing.state !== 'failed' && existing.state !== 'cancelled') {
    if (existing.state === 'running') await ensureWorkflow(servers, existing);
  } else {
    const {
      specs: [spec],
    } = await readSpecs(join(folder, 'sweep.yaml'), NAME);
    if (!spec) throw new NarrowsError('spec-invalid', 'the shipped spec names no target');
    const plan = await checkSpec(db, spec, availableParallelism());
    await startSweep(servers, plan, readCodeVersion());
    context.note(`sweep "${NAME}": ${plan.plan.trials} trials, three methods, k = ${spec.space.k.join(', ')}`);
  }
  const status = await watchSweep(context, db, NAME);
  const comparison = await compareSweeps(db, [status.sweepId]);
  const picture = join(readEnvironment().home, 'demo.svg');
  await writeWhole(picture, coverageSvg(comparison));
  context.print(comparison, () => `\n${comparisonText(comparison)}\n\n${describeComparison(comparison)}`);
  context.note(`\nThe picture: ${picture}`);
  context.note('Go on with: narrows compare demo --html demo.html, narrows results demo, narrows model ls demo');
  return status.state === 'completed' ? EXIT.ok : status.state === 'partial' ? EXIT.partial : EXIT.failure;
}
