import type { Command } from 'commander';
import type { DatasetDescription } from '../../datasets/description.ts';
import { checkDatasetFolder, storeDataset } from '../../datasets/import.ts';
import { type Scratch, withScratch } from '../../datasets/scratch.ts';
import { type ColumnSummary, type DatasetSummary, summarizeDataset, verifyDataset } from '../../datasets/summary.ts';
import { warningsOf } from '../../datasets/warnings.ts';
import { createBlobStore } from '../../db/blobs.ts';
import { findDatasetVersion, listDatasetVersions, saveDatasetVersion } from '../../db/queries/datasets.ts';
import { readEnvironment } from '../../infra/env.ts';
import { EXIT } from '../../infra/errors.ts';
import { homeAt } from '../../infra/home.ts';
import { action, example } from '../command.ts';
import { localTime, table } from '../output/table.ts';
import { withServers } from '../servers.ts';

export function registerData(program: Command): void {
  const data = program.command('data').description('Import datasets and look at them.');

  example(
    data
      .command('import')
      .argument('<dir>', 'a folder with a dataset.yaml')
      .option('--name <name>', "the name to import it under, instead of the manifest's")
      .description('Check a dataset folder and store it as a version.')
      .action(
        action<{ name?: string }>(async (context, { name }, dir) => {
          const { signal } = context;
          const importIt = async (scratch: Scratch) => {
            const checked = await checkDatasetFolder(dir as string, scratch, { name, signal });
            const warnings = warningsOf(checked);
            for (const { path, message } of warnings) context.note(`${context.colors.yellow('warning')}: ${path}: ${message}`);
            await withServers(context, async ({ db, blobs }) => {
              const stored = await storeDataset(checked, blobs, (row) => saveDatasetVersion(db.sql, row));
              const targets = Object.keys(stored.description.targets);
              const { created, version, rows } = stored;
              context.print({ name: stored.name, version, created, rows, targets, warnings }, () =>
                created
                  ? `imported ${stored.name}@${version.slice(0, 12)}: ${rows} rows, targets ${targets.join(', ')}`
                  : `${stored.name}@${version.slice(0, 12)} is there already: ${rows} rows, targets ${targets.join(', ')}`,
              );
            });
          };
          await withScratch(homeAt(readEnvironment().home).cache, importIt, signal);
        }),
      ),
    'narrows data import examples/water',
  );

  example(
    data
      .command('ls')
      .description('List datasets and their versions.')
      .action(
        action(async (context) => {
          await withServers(context, async ({ db }) => {
            const versions = await listDatasetVersions(db.sql);
            const rows = versions.map(({ name, version, description, importedAt }) => {
              const { rows: count, manifest, targets } = description as DatasetDescription;
              return { name, version, rows: count, title: manifest.title, targets: Object.keys(targets), importedAt };
            });
            context.printList(rows, () =>
              rows.length === 0
                ? 'no dataset yet: narrows data import DIR'
                : table(rows, [
                    { title: 'dataset', value: ({ name, version }) => `${name}@${version.slice(0, 12)}` },
                    { title: 'rows', value: (row) => row.rows },
                    { title: 'targets', value: (row) => row.targets.join(', ') },
                    { title: 'imported', value: (row) => localTime(row.importedAt) },
                  ]),
            );
          });
        }),
      ),
    'narrows data ls',
  );

  example(
    data
      .command('show')
      .argument('<name>', 'a dataset, or a version: water@0123456789ab')
      .description('Show shapes, units, ranges and constant columns.')
      .action(
        action(async (context, _options, name) => {
          await withServers(context, async ({ db, blobs }) => {
            const { version, description, ...row } = await findDatasetVersion(db.sql, name as string);
            const described = description as DatasetDescription;
            const summary = await summarizeDataset(blobs, described);
            const { manifest } = described;
            const { title, licence, source } = manifest;
            context.print({ name: row.name, version, title, licence, source, importedAt: row.importedAt, ...summary }, () =>
              [
                `${row.name}@${version.slice(0, 12)}  ${title}`,
                `${summary.rows} rows${summary.groups === null ? '' : ` in ${summary.groups} groups`}; licence ${licence}; ${source}`,
                '',
                describe(summary),
              ].join('\n'),
            );
          });
        }),
      ),
    'narrows data show water',
  );

  example(
    data
      .command('verify')
      .argument('<name>', 'a dataset, or a version of it')
      .description('Read every stored array, check its hash, and compare the folder that it came from.')
      .action(
        action(async (context, _options, name) => {
          return withServers(context, async ({ db }) => {
            // Without this machine's copies: what is stored is what is verified.
            const blobs = createBlobStore(db.sql, null);
            const row = await findDatasetVersion(db.sql, name as string);
            const result = await verifyDataset(blobs, row.description as DatasetDescription);
            const state = {
              unchanged: `${result.folder} is unchanged`,
              changed: `${result.folder} has changed since (${result.changed.join(', ')}): import it again for a new version`,
              gone: `${result.folder} is not there any more`,
            };
            context.print({ name: row.name, version: row.version, ...result }, () =>
              [
                `${row.name}@${row.version.slice(0, 12)}: ${result.arrays} stored arrays are whole`,
                state[result.folderState],
              ].join('\n'),
            );
            return result.folderState === 'changed' ? EXIT.failure : EXIT.ok;
          });
        }),
      ),
    'narrows data verify water',
  );
}

function describe({ descriptors, targets }: DatasetSummary): string {
  const digits = (value: number) => Number(value.toPrecision(5));
  const spectra = table(targets, [
    { title: 'target', value: ({ name }) => name },
    { title: 'shape', value: ({ shape }) => shape.join(' x ') },
    { title: 'unit', value: ({ unit, columns }) => (columns ? 'see below' : unit) },
    {
      title: 'energies',
      value: ({ energies }) => (energies ? `${digits(energies.first)} to ${digits(energies.last)} ${energies.unit}` : '-'),
    },
    // Columns of several units have no range in common.
    { title: 'minimum', value: ({ minimum, columns }) => (columns ? null : digits(minimum)) },
    { title: 'maximum', value: ({ maximum, columns }) => (columns ? null : digits(maximum)) },
    { title: 'constant', value: ({ constantColumns }) => constantColumns },
  ]);
  // Means of energies differ in their sixth digit.
  const named = targets.flatMap(({ name, columns }) => (columns ? [describeColumns(name, columns, 7, 'constant')] : []));
  return [describeColumns('descriptor', descriptors, 5, 'constant: dropped'), spectra, ...named].join('\n\n');
}

function describeColumns(title: string, columns: readonly ColumnSummary[], precision: number, ifConstant: string): string {
  const digits = (value: number) => Number(value.toPrecision(precision));
  return table(columns, [
    { title, value: ({ name }) => name },
    { title: 'unit', value: ({ unit }) => unit },
    { title: 'minimum', value: ({ minimum }) => digits(minimum) },
    { title: 'mean', value: ({ mean }) => digits(mean) },
    { title: 'maximum', value: ({ maximum }) => digits(maximum) },
    { title: '', value: ({ constant }) => (constant ? ifConstant : '') },
  ]);
}
