import type { Command } from 'commander';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { listModels } from '../../db/queries/trials/results.ts';
import {
  type ApplyFiles,
  applyModel,
  chooseModel,
  dataOfTrial,
  type ModelChoice,
  OPERATIONS,
  type Operation,
} from '../../operations/apply.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { action, example, wholeNumber } from '../command.ts';
import { table } from '../output/table.ts';
import { withDatabase } from '../servers.ts';

const ABOUT: Readonly<Record<Operation, string>> = {
  predict: 'Spectra from structures: X -> Y, in physical units.',
  encode: 'Latents from structures: X -> latents.',
  expand: 'Structures from latents: latents -> X (eca, nnca).',
  reconstruct: 'Structures from spectra: Y -> X (eca, nnca).',
};

const FILES: Readonly<Record<Operation, readonly [string, string]>> = {
  predict: ['X.npy', 'Y.npy'],
  encode: ['X.npy', 'T.npy'],
  expand: ['T.npy', 'X.npy'],
  reconstruct: ['Y.npy', 'X.npy'],
};

export function registerModel(program: Command): void {
  const model = program.command('model').description('Trained models whose weights are kept.');
  example(
    model
      .command('ls')
      .argument('<sweep>', 'id or name')
      .description('List them, best on validation first.')
      .action(
        action(async (context, _options, id) => {
          await withDatabase(context, async ({ db }) => {
            const sweep = await findSweep(db.sql, id as string);
            const rows = await listModels(db.sql, sweep.id);
            context.printList(rows, () =>
              table(rows, [
                { title: 'trial', value: ({ trialId }) => trialId },
                { title: 'method', value: ({ method }) => METHOD_STYLES[method].label },
                { title: 'k', value: ({ k }) => k },
                { title: 'seed', value: ({ seed }) => seed },
                { title: 'hidden', value: ({ config }) => config.hidden.join('-') },
                { title: 'validation', value: ({ validation }) => Number(validation.toFixed(5)) },
                { title: 'kB', value: ({ bytes }) => Math.round(bytes / 1000) },
              ]),
            );
          });
        }),
      ),
    'narrows model ls demo',
  );

  for (const operation of OPERATIONS) {
    const [from, to] = FILES[operation];
    const command = program
      .command(operation)
      .description(ABOUT[operation])
      .option('--trial <id>', 'the trial to apply')
      .option('--sweep <id>', 'or the best trial on validation of this sweep')
      .option('--champion <name>', 'or the champion in use of this retraining')
      .option('--method <method>', 'with this method')
      .option('--k <k>', 'and this width or rank', wholeNumber)
      .requiredOption('--input <file>', `a .npy array, one row each: ${from}`)
      .requiredOption('--out <file>', `where to write the .npy array: ${to}`);
    if (operation === 'expand' || operation === 'reconstruct') {
      command
        .option(
          '--low <file>',
          'write the lower ends of 95 % bootstrap intervals of single structures, from residuals of the validation rows',
        )
        .option('--high <file>', 'write their upper ends');
    }
    example(
      command.action(
        action<ModelChoice & ApplyFiles>(async (context, { input, out, low, high, ...choice }) => {
          await withDatabase(context, async ({ db, blobs }) => {
            const { trialId, model: chosen } = await chooseModel(db, choice);
            const written = { out, ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
            const { shape, far } = await applyModel(chosen, operation, { input, ...written }, () =>
              dataOfTrial(db, blobs, trialId),
            );
            const warnings = far.map(({ row, distance }) => ({
              code: 'spectrum-far',
              row,
              distance,
              message: `row ${row} lies ${distance.toPrecision(2)} times as far from every training spectrum as those lie from one another: its structure is a guess`,
            }));
            for (const { message } of warnings.slice(0, WARNINGS_SHOWN))
              context.note(`${context.colors.yellow('warning')}: ${message}`);
            if (warnings.length > WARNINGS_SHOWN)
              context.note(`and ${warnings.length - WARNINGS_SHOWN} of ${shape[0]} rows more`);
            context.print(
              {
                trialId,
                method: chosen.method,
                k: chosen.k,
                ...written,
                shape,
                ...(operation === 'reconstruct' && { warnings }),
              },
              () => `wrote ${out}, ${shape.join(' x ')}, by trial ${trialId}`,
            );
          });
        }),
      ),
      `narrows ${operation} --sweep demo --method nnca --k 2 --input ${from} --out ${to}`,
    );
  }
}

/** Of many alike, some are enough on a terminal; JSON has all. */
const WARNINGS_SHOWN = 5;
