/** Commands about where the arrays of datasets are kept. */
import type { Command } from 'commander';
import { openObjectStore } from '../../infra/blob-store.ts';
import { withStorage } from '../../infra/sessions.ts';
import { claimBlobs } from '../../operations/lifecycle/blob-claim.ts';
import { type BlobMove, describeMove, measureBlobs, moveBlobs } from '../../operations/lifecycle/blob-move.ts';
import { countOf, formatBytes } from '../../text/format.ts';
import { addCommand, option } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';

export function register(program: Command): void {
  const blobs = program.command('blobs').description('Where the arrays of datasets are kept.');
  addCommand(blobs, {
    name: 'show',
    description: 'Show the location of the arrays, and their size.',
    examples: ['narrows blobs show --output json'],
    run: (context) =>
      withStorage(context, async ({ db }) => {
        const totals = await measureBlobs(db);
        context.print(
          { ...totals, location: totals.location ?? 'postgres' },
          () => `${countOf(totals.blobs, 'array')}, ${formatBytes(totals.bytes)}, in ${totals.location ?? 'Postgres'}`,
        );
      }),
  });
  addCommand<MoveInputs>(blobs, {
    name: 'move',
    arguments: [['<location>', 's3://bucket/folder, or postgres']],
    options: [option('--yes', 'do not ask'), option('--dry-run', 'show what would be moved')],
    description: 'Copy all arrays into a bucket, or back, and keep them there from then on; may be repeated.',
    examples: ['narrows blobs move s3://narrows/arrays --dry-run', 'narrows blobs move postgres --yes'],
    run: move,
  });
  addCommand<{ yes?: boolean }>(blobs, {
    name: 'claim',
    options: [option('--yes', 'do not ask')],
    description: "Make an empty bucket this installation's, in place of the one whose objects were lost.",
    examples: ['narrows blobs claim --yes'],
    run: claim,
  });
}

async function claim(context: CliContext, { yes = false }: { yes?: boolean }): Promise<number> {
  return withStorage(context, async ({ db }) => {
    const { location, blobs } = await measureBlobs(db);
    const { objects } = openObjectStore(location ?? 'postgres', location);
    if (objects === null) {
      context.print({ claimed: false, location: 'postgres' }, () => 'nothing to claim: the arrays are in Postgres');
      return EXIT.ok;
    }
    const place = `${objects.location} at ${objects.address}`;
    const question = `Make ${place} this installation's, although ${countOf(blobs, 'array')} should be there?`;
    if (!yes && !(await confirm(context, question))) return EXIT.ok;
    const claimed = await claimBlobs(db, objects);
    context.print({ claimed, location: objects.location, address: objects.address }, () =>
      claimed
        ? `${place} is this installation's; "narrows verify" names the arrays that it lacks`
        : `${place} has been this installation's before`,
    );
    return EXIT.ok;
  });
}

interface MoveInputs {
  readonly location: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

async function move(context: CliContext, { location, yes = false, dryRun = false }: MoveInputs): Promise<number> {
  return withStorage(context, async ({ db }) => {
    const { location: from, blobs, bytes } = await measureBlobs(db);
    const { objects, target } = openObjectStore(location, from);
    const amount = `${countOf(blobs, 'array')}, ${formatBytes(bytes)}, ${describeMove(from, target)}`;
    const shown = (moved: boolean, result: Partial<BlobMove>) => ({
      ...{ moved, blobs, bytes, ...result },
      ...{ from: from ?? 'postgres', to: target ?? 'postgres' },
    });
    const nothing = `nothing to move: the arrays are in ${target ?? 'Postgres'}`;
    if (dryRun) {
      context.print(shown(false, {}), () => (from === target ? nothing : `would move ${amount}`));
      return EXIT.ok;
    }
    if (from !== target && !yes && !(await confirm(context, `Move ${amount}?`))) return EXIT.ok;
    const result = await moveBlobs(db, objects, target, {
      signal: context.signal,
      onProgress: (done, of) => context.note(`array ${done + 1} of ${of}`),
    });
    context.print(shown(from !== target, result), () =>
      [
        from === target ? nothing : `moved ${amount}`,
        `${target === null ? 'unset NARROWS_BLOBS' : `set NARROWS_BLOBS=${target}`} for all processes, and restart them`,
      ].join('\n'),
    );
    return EXIT.ok;
  });
}
