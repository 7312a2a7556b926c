import type { Command } from 'commander';
import { withStorage } from '../../infra/sessions.ts';
import { readAgreement } from '../../operations/agreement.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { addCommand } from '../command.ts';
import { formatTable } from '../output/table.ts';

export function register(program: Command): void {
  addCommand<{ first: string; second: string }>(program, {
    name: 'agreement',
    arguments: [
      ['<first>', 'a sweep: id or name'],
      ['<second>', 'another: of another split, or of another version of the data'],
    ],
    description: 'Compare what two sweeps found: their best models on the same test structures.',
    examples: ['narrows agreement demo another-sweep'],
    run: (context, { first, second }) =>
      withStorage(context, async (storage) => {
        const agreement = await readAgreement(storage, first, second);
        const three = (value: number | undefined) => (value === undefined ? null : Number(value.toPrecision(3)));
        context.print(agreement, () =>
          formatTable(agreement.rows, {
            method: ({ method }) => METHOD_STYLES[method].label,
            k: ({ k }) => k,
            'largest angle / degree': ({ agreement: found }) =>
              found.kind === 'principal-angles' ? three(found.angles.at(-1)) : null,
            'linear CKA': ({ agreement: found }) => (found.kind === 'latents' ? three(found.cka) : null),
            'R2 there': ({ agreement: found }) => (found.kind === 'latents' ? three(found.r2[0]) : null),
            'R2 back': ({ agreement: found }) => (found.kind === 'latents' ? three(found.r2[1]) : null),
          }),
        );
      }),
  });
}
