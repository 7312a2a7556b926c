import type { Command } from 'commander';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { agreementOf, type CellAgreement, testStructures } from '../../operations/agreement.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { action, example } from '../command.ts';
import { table } from '../output/table.ts';
import { withDatabase } from '../servers.ts';

export function registerAgreement(program: Command): void {
  example(
    program
      .command('agreement')
      .argument('<first>', 'a sweep: id or name')
      .argument('<second>', 'another: of another split, or of another version of the data')
      .description('Do two sweeps find the same? Their best models on the test structures of the first.')
      .action(
        action(async (context, _options, first, second) => {
          await withDatabase(context, async ({ db, blobs }) => {
            const sweeps = [await findSweep(db.sql, first as string), await findSweep(db.sql, second as string)] as const;
            const rows: CellAgreement[] = [];
            for await (const row of agreementOf(db.sql, sweeps, () => testStructures(db.sql, blobs, sweeps[0]))) rows.push(row);
            context.print({ sweeps: sweeps.map(({ id }) => id), rows }, () => describe(rows));
          });
        }),
      ),
    'narrows agreement demo another-sweep',
  );
}

function describe(rows: readonly CellAgreement[]): string {
  const two = (value: number) => Number(value.toPrecision(3));
  return table(rows, [
    { title: 'method', value: ({ method }) => METHOD_STYLES[method].label },
    { title: 'k', value: ({ k }) => k },
    {
      title: 'largest angle / degree',
      value: ({ agreement }) => (agreement.kind === 'principal-angles' ? two(agreement.angles.at(-1) as number) : null),
    },
    { title: 'linear CKA', value: ({ agreement }) => (agreement.kind === 'latents' ? two(agreement.cka) : null) },
    { title: 'R2 there', value: ({ agreement }) => (agreement.kind === 'latents' ? two(agreement.r2[0]) : null) },
    { title: 'R2 back', value: ({ agreement }) => (agreement.kind === 'latents' ? two(agreement.r2[1]) : null) },
  ]);
}
