import type { Command } from 'commander';
import { readPackageVersion } from '../../infra/code-version.ts';
import { withStorage } from '../../infra/sessions.ts';
import { EXPORT_FORMATS, type ExportChoice, exportSweep } from '../../operations/exports/export.ts';
import type { WrittenFile } from '../../operations/exports/source.ts';
import { addCommand, option } from '../command.ts';
import { formatTable, type TableColumns } from '../output/table.ts';

export function register(program: Command): void {
  addCommand<ExportChoice & { sweep: string }>(program, {
    name: 'export',
    arguments: [['<sweep>', 'id or name']],
    options: [
      option('--format <format>', 'what to write', { choices: EXPORT_FORMATS, mandatory: true }),
      option('--out <folder>', 'where to; files of the same names are replaced', { mandatory: true }),
      option('--trial <id>', 'this trial alone'),
      option('--all', 'also trials that are not among the best: their latents (csv, parquet, npz), their models (onnx)'),
    ],
    description: 'Write tables (csv, parquet), arrays (npz) or models (onnx) for other programs.',
    examples: ['narrows export demo --format parquet --out tables', 'narrows export demo --format onnx --out models'],
    run: (context, { sweep, ...choice }) =>
      withStorage(context, async (storage) => {
        const exporter = { ...storage, narrowsVersion: readPackageVersion() };
        const exported = await exportSweep(exporter, sweep, choice, context.signal);
        const { withoutLatents } = exported;
        if (withoutLatents > 0)
          context.warn(
            `the sweep keeps no latents of ${withoutLatents} of these trials (latents: best or none); "narrows encode --trial T" computes them where weights are kept`,
          );
        context.print(exported, () => describeFiles(exported.files, choice.out));
      }),
  });
}

function describeFiles(files: readonly WrittenFile[], out: string): string {
  const rows: TableColumns<WrittenFile> = files.some((file) => file.rows !== undefined)
    ? { rows: (file) => file.rows ?? null }
    : {};
  const table = formatTable(files, { file: ({ file }) => file, ...rows, kB: ({ bytes }) => Math.ceil(bytes / 1000) });
  return `${table}\n\nwrote ${files.length} ${files.length === 1 ? 'file' : 'files'} into ${out}`;
}
