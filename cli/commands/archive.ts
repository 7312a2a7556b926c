/** Sweeps as files, and back. */
import type { Command } from 'commander';
import { readCodeVersion } from '../../infra/code-version.ts';
import { scratchFolder } from '../../infra/home.ts';
import { withStorage } from '../../infra/sessions.ts';
import { archiveSweeps } from '../../operations/lifecycle/archive.ts';
import { restoreSweeps } from '../../operations/lifecycle/restore.ts';
import { countOf, formatBytes, formatVersion } from '../../text/format.ts';
import { addCommand, option } from '../command.ts';

export function register(program: Command): void {
  addCommand<{ sweeps: string[]; to: string }>(program, {
    name: 'archive',
    arguments: [['<sweeps...>', 'ids or names']],
    options: [option('--to <file>', 'where to; a file of this name is replaced', { mandatory: true })],
    description: 'Write finished sweeps with everything about them, and their data, to one file.',
    examples: ['narrows archive demo --to demo.narrows', 'narrows sweep rm demo --yes'],
    run: (context, { sweeps, to }) =>
      withStorage(context, async (storage) => {
        const options = { codeVersion: readCodeVersion(), signal: context.signal };
        const archived = await archiveSweeps(storage, sweeps, to, options);
        context.print(archived, () =>
          [
            ...archived.sweeps.map(({ id, name, trials }) => `archived ${name} (${id}), ${countOf(trials, 'trial')}`),
            `with ${archived.datasets.map(({ name, version }) => formatVersion(name, version)).join(', ')}: ${formatBytes(archived.bytes)} in ${to}`,
          ].join('\n'),
        );
      }),
  });

  addCommand<{ file: string }>(program, {
    name: 'restore',
    arguments: [['<file>', 'written by "narrows archive"']],
    description: 'Read archived sweeps back, into this or another database; those that exist are left as they are.',
    examples: ['narrows restore demo.narrows'],
    run: (context, { file }) =>
      withStorage(context, async (storage) => {
        const restored = await restoreSweeps(storage, file, { scratch: scratchFolder(), signal: context.signal });
        context.print(restored, () =>
          [
            ...restored.sweeps.map(({ id, name, trials }) => `restored ${name} (${id}), ${countOf(trials, 'trial')}`),
            ...restored.existing.map(({ id, name }) => `${name} (${id}) exists already`),
          ].join('\n'),
        );
      }),
  });
}
