import type { Command } from 'commander';
import { STRUCTURE_FILES } from '../../datasets/formats/structures/file-names.ts';
import { scratchFolder } from '../../infra/home.ts';
import { withStorage } from '../../infra/sessions.ts';
import { type ApplyFiles, applyModel, type ModelChoice, OPERATIONS, type Operation } from '../../operations/apply.ts';
import { listSweepModels } from '../../operations/results.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { addCommand, option, parseCount, printTable } from '../command.ts';

/** Warnings printed at most; JSON has all. */
const MAX_WARNINGS_SHOWN = 5;

interface OperationHelp {
  readonly about: string;
  /** Description of the option. */
  readonly input: string;
  readonly example: string;
  readonly output: string;
  /** Returns structures, which have intervals. */
  readonly hasIntervals: boolean;
}

const STRUCTURES = `structures (${STRUCTURE_FILES}), a table or folder in the form of the dataset, or X as .npy, one row each`;

const HELP: Readonly<Record<Operation, OperationHelp>> = {
  predict: {
    about: 'Spectra from structures: X -> Y, in physical units.',
    input: STRUCTURES,
    output: 'Y.npy',
    hasIntervals: false,
    example: 'new.xyz',
  },
  encode: {
    about: 'Latents from structures: X -> latents.',
    input: STRUCTURES,
    output: 'T.npy',
    hasIntervals: false,
    example: 'X.npy',
  },
  expand: {
    about: 'Structures from latents: latents -> X (eca, nnca).',
    input: 'a .npy array of latents, one row each',
    example: 'T.npy',
    output: 'X.npy',
    hasIntervals: true,
  },
  reconstruct: {
    about: 'Structures from spectra: Y -> X (eca, nnca).',
    input: 'a .npy array of spectra, one row each',
    example: 'Y.npy',
    output: 'X.npy',
    hasIntervals: true,
  },
};

export function register(program: Command): void {
  const model = program.command('model').description('Trained models whose weights are kept.');

  addCommand<{ sweep: string }>(model, {
    name: 'ls',
    arguments: [['<sweep>', 'id or name']],
    description: 'List them, best on validation first.',
    examples: ['narrows model ls demo'],
    run: (context, { sweep }) =>
      withStorage(context, async (storage) =>
        printTable(context, await listSweepModels(storage, sweep), {
          trial: ({ trialId }) => trialId,
          method: ({ method }) => METHOD_STYLES[method].label,
          k: ({ k }) => k,
          seed: ({ seed }) => seed,
          hidden: ({ config }) => config.hidden.join('-'),
          validation: ({ validation }) => Number(validation.toFixed(5)),
          kB: ({ bytes }) => Math.round(bytes / 1000),
        }),
      ),
  });

  for (const operation of OPERATIONS) addOperation(program, operation);
}

function addOperation(program: Command, operation: Operation): void {
  const { about, input: from, example, output: to, hasIntervals } = HELP[operation];
  const intervals = [
    option(
      '--low <file>',
      'write the lower ends of 95 % bootstrap intervals of single structures, from residuals of the validation rows',
    ),
    option('--high <file>', 'write their upper ends'),
  ];
  addCommand<ModelChoice & ApplyFiles>(program, {
    name: operation,
    description: about,
    options: [
      option('--trial <id>', 'the trial to apply'),
      option('--sweep <id>', 'or the best trial on validation of this sweep'),
      option('--champion <name>', 'or the champion in use of this retraining'),
      option('--method <method>', 'with this method'),
      option('--k <k>', 'and this width or rank', { parse: parseCount }),
      option('--input <file>', from, { mandatory: true }),
      option('--out <file>', `where to write the .npy array: ${to}`, { mandatory: true }),
      ...(hasIntervals ? intervals : []),
    ],
    examples: [`narrows ${operation} --sweep demo --method nnca --k 2 --input ${example} --out ${to}`],
    run: (context, { input, out, low, high, ...choice }) =>
      withStorage(context, async (storage) => {
        const written = { out, ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
        const files = { input, ...written };
        const options = { scratch: scratchFolder(), signal: context.signal };
        const { trialId, method, k, shape, warnings } = await applyModel(storage, choice, operation, files, options);
        for (const { message } of warnings.slice(0, MAX_WARNINGS_SHOWN)) {
          context.warn(message);
        }
        if (warnings.length > MAX_WARNINGS_SHOWN) {
          context.note(`and ${warnings.length - MAX_WARNINGS_SHOWN} more of ${shape[0]} rows`);
        }
        context.print(
          { trialId, method, k, ...written, shape, ...(operation !== 'expand' && { warnings }) },
          () => `wrote ${out}, ${shape.join(' x ')}, by trial ${trialId}`,
        );
      }),
  });
}
