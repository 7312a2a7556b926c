import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { coveredVarianceFigure } from '../../figures/covered-variance.ts';
import { figureSvg } from '../../figures/rendering/draw.ts';
import { readCodeVersion } from '../../infra/code-version.ts';
import { readEnvironment } from '../../infra/env.ts';
import { scratchFolder } from '../../infra/home.ts';
import type { ServerSession } from '../../infra/sessions.ts';
import { withServers } from '../../infra/sessions.ts';
import { readStackStatus, stopStack } from '../../infra/stack/stack.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { importDataset } from '../../operations/dataset-files.ts';
import { writeFileWhole } from '../../operations/files.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { ensureWorkflow, startSweep } from '../../operations/sweeps/start.ts';
import { readSweep } from '../../operations/sweeps/status.ts';
import { formatVersion } from '../../text/format.ts';
import { addCommand, option } from '../command.ts';
import { type CliContext, waitForInterrupt } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { comparisonReport } from '../output/comparison.ts';
import { readSpecs } from '../read-spec.ts';
import { watchSweep } from '../watch.ts';

const NAME = 'demo';

export function register(program: Command): void {
  addCommand<{ fresh?: boolean; stay?: boolean }>(program, {
    name: 'demo',
    cleansUp: true,
    options: [
      option('--fresh', 'run the sweep again, even where its result exists'),
      option('--stay', 'keep the servers it started until Ctrl-C, to look at the result in the browser'),
    ],
    description: 'Sweep EDNN, ECA and NNCA on the shipped water data, and compare them.',
    examples: ['narrows demo', 'narrows demo --stay'],
    async run(context, { fresh = false, stay = false }) {
      const wasDown = readStackStatus(readEnvironment()).state === 'down';
      let started = false;
      try {
        const code = await withServers(context, async (session) => {
          started = session.started;
          return runDemo(context, session, fresh);
        });
        await showPage(context, { started, stay });
        return code;
      } finally {
        // The demo stops the servers that it started, or was starting; results stay.
        if (started || (wasDown && context.signal.aborted)) await stopStack(readEnvironment());
      }
    },
  });
}

/** Prints the address of the result; with `stay`, waits. Throws Interrupted then. */
async function showPage(context: CliContext, { started, stay }: { started: boolean; stay: boolean }): Promise<void> {
  const { dashboards } = readStackStatus(readEnvironment());
  if (dashboards === null) return;
  if (started && !stay) return context.note('Look at it in the browser: npm run demo -- --stay');
  context.note(`Look at it in the browser: ${dashboards}/sweeps/${NAME}`);
  if (!started) return;
  context.note('Ctrl-C stops everything');
  await waitForInterrupt(context.signal);
}

async function runDemo(context: CliContext, session: ServerSession, fresh: boolean): Promise<number> {
  const { db } = session;
  const folder = fileURLToPath(new URL('../../examples/water', import.meta.url));
  const dataset = await importDataset(folder, { scratch: scratchFolder(), signal: context.signal }, (work) => work(session));
  context.note(`${formatVersion(dataset.name, dataset.version)}: ${dataset.rows} molecules, three descriptors each`);

  const existing = fresh ? null : await readSweep({ db, temporal: null }, NAME).catch(() => null);
  const row = existing?.row.datasetVersion === dataset.version ? existing.row : null;
  if (row && row.state !== 'failed' && row.state !== 'cancelled') {
    if (row.state === 'running') await ensureWorkflow(session, row);
  } else {
    const { specs } = await readSpecs(join(folder, 'sweep.yaml'), NAME);
    const [spec] = specs;
    if (!spec) throw new NarrowsError('spec-invalid', 'the shipped spec names no target');
    const checked = await checkSpec(session, spec, availableProcessors());
    await startSweep(session, checked, readCodeVersion());
    context.note(`sweep "${NAME}": ${checked.plan.trials} trials, three methods, k = ${spec.space.k.join(', ')}`);
  }
  const { sweepId, state } = await watchSweep(context, session, NAME);
  const comparison = await compareSweeps(db, [sweepId]);
  const figure = join(readEnvironment().home, 'demo.svg');
  await writeFileWhole(figure, figureSvg(coveredVarianceFigure(comparison)));
  context.print(comparison, () => `\n${comparisonReport(comparison)}`);
  context.note(`\nFigure: ${figure}`);
  context.note('Next: narrows compare demo --html demo.html, narrows results demo, narrows model ls demo');
  return state === 'completed' ? EXIT.ok : state === 'partial' ? EXIT.partial : EXIT.failure;
}
