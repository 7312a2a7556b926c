import type { Command } from 'commander';
import { bestTrials, loadModelBytes } from '../../db/queries/results.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps.ts';
import { EXIT, NarrowsError } from '../../infra/errors.ts';
import type { Method } from '../../models/engine.ts';
import { type AcrossAgreement, agreementAcross } from '../../models/interpretation/across.ts';
import { physicalPart } from '../../models/scaling-fit.ts';
import { METHOD_NAMES } from '../../wording/names.ts';
import { dataOfTrial } from '../apply.ts';
import { action, example } from '../command.ts';
import { table } from '../output/table.ts';
import { type CommandServers, withServers } from '../servers.ts';

interface Row {
  readonly method: Method;
  readonly k: number;
  readonly trials: readonly [string, string];
  readonly agreement: AcrossAgreement;
}

export function registerAgreement(program: Command): void {
  example(
    program
      .command('agreement')
      .argument('<first>', 'a sweep: id or name')
      .argument('<second>', 'another: of another split, or of another version of the data')
      .description('Do two sweeps find the same? Their best models on the test structures of the first.')
      .action(
        action(async (context, _options, first, second) => {
          await withServers(context, async (servers) => {
            const sweeps = [
              await findSweep(servers.db.sql, first as string),
              await findSweep(servers.db.sql, second as string),
            ] as const;
            const rows = await agreementOf(servers, sweeps);
            context.print({ sweeps: sweeps.map(({ id }) => id), rows }, () => describe(rows));
          });
        }),
      ),
    'narrows agreement demo another-sweep',
  );
}

/** Every method and width that both sweeps kept a model of. Throws NarrowsError `nothing-to-compare`. */
async function agreementOf({ db, blobs }: CommandServers, [first, second]: readonly [SweepRow, SweepRow]): Promise<Row[]> {
  const cells = first.spec.methods.flatMap((method) => first.spec.space.k.map((k) => ({ method, k })));
  const [own, theirs] = (await Promise.all([first, second].map(({ id }) => bestTrials(db.sql, id, cells)))) as [
    Awaited<ReturnType<typeof bestTrials>>,
    Awaited<ReturnType<typeof bestTrials>>,
  ];
  const pairs = own.flatMap(({ method, k, trialId }) => {
    const other = theirs.find((one) => one.method === method && one.k === k);
    return other ? [{ method, k, trials: [trialId, other.trialId] as const }] : [];
  });
  const [anyone] = pairs;
  if (!anyone) {
    throw new NarrowsError(
      'nothing-to-compare',
      `${first.name} and ${second.name} share no method and width with a completed trial`,
      {
        fix: 'see "narrows model ls SWEEP" for what each has',
        exit: EXIT.failure,
      },
    );
  }
  const { x } = physicalPart(await dataOfTrial(db, blobs, anyone.trials[0]), 'test');
  const rows: Row[] = [];
  for (const { method, k, trials } of pairs) {
    const [a, b] = await Promise.all([loadModelBytes(db.sql, trials[0]), loadModelBytes(db.sql, trials[1])]);
    rows.push({ method, k, trials, agreement: agreementAcross(a, b, k, x) });
  }
  return rows;
}

function describe(rows: readonly Row[]): string {
  const two = (value: number) => Number(value.toPrecision(3));
  return table(rows, [
    { title: 'method', value: ({ method }) => METHOD_NAMES[method] },
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
