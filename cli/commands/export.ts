import { type Command, Option } from 'commander';
import { readPackageVersion } from '../../infra/code-version.ts';
import { EXPORT_FORMATS, type ExportChoice, exportSweep, type WrittenFile } from '../../operations/export.ts';
import { action, example } from '../command.ts';
import { table } from '../output/table.ts';
import { withDatabase } from '../servers.ts';

export function registerExport(program: Command): void {
  example(
    program
      .command('export')
      .argument('<sweep>', 'id or name')
      .addOption(new Option('--format <format>', 'what to write').choices(EXPORT_FORMATS).makeOptionMandatory())
      .requiredOption('--out <folder>', 'where to; files of the same names are replaced')
      .option('--trial <id>', 'this trial alone')
      .option('--all', 'also trials that are not among the best: their latents (csv, parquet, npz), their models (onnx)')
      .description('Write tables (csv, parquet), arrays (npz) or models (onnx) for other programs.')
      .action(
        action<ExportChoice>(async (context, { format, out, trial, all }, id) => {
          await withDatabase(context, async (database) => {
            const choice = { format, out, ...(trial !== undefined && { trial }), all: all ?? false };
            const exported = await exportSweep(
              { ...database, narrowsVersion: readPackageVersion() },
              id as string,
              choice,
              context.signal,
            );
            context.print(exported, () => filesText(exported.files, out));
          });
        }),
      ),
    'narrows export demo --format parquet --out tables',
    'narrows export demo --format onnx --out models',
  );
}

function filesText(files: readonly WrittenFile[], out: string): string {
  const tables = files.some(({ rows }) => rows !== undefined);
  const lines = table(files, [
    { title: 'file', value: ({ file }) => file },
    ...(tables ? [{ title: 'rows', value: ({ rows }: WrittenFile) => rows ?? null }] : []),
    { title: 'kB', value: ({ bytes }) => Math.ceil(bytes / 1000) },
  ]);
  return `${lines}\n\nwrote ${files.length} ${files.length === 1 ? 'file' : 'files'} into ${out}`;
}
