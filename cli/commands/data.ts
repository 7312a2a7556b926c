import type { Command } from 'commander';
import { joinLineage } from '../../datasets/description.ts';
import { type DatasetDiff, diffVersions } from '../../datasets/diff.ts';
import { type Scratch, withScratch } from '../../datasets/files/scratch.ts';
import { type ColumnSummary, type DatasetSummary, summarizeDataset } from '../../datasets/summary.ts';
import { createBlobStore } from '../../db/blobs.ts';
import { findDatasetVersion, listDatasetVersions, saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { readEnvironment } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import type { AppendedShard } from '../../operations/append.ts';
import { action, example } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { localTime, table } from '../output/table.ts';
import { withDatabase } from '../servers.ts';

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
          // What reads files is loaded here, and below: a look at what is stored begins without it.
          const { checkDatasetFolder, storeDataset } = await import('../../datasets/import/import.ts');
          const { findWarnings } = await import('../../datasets/import/warnings.ts');
          const importIt = async (scratch: Scratch) => {
            const checked = await checkDatasetFolder(dir as string, scratch, { name, signal });
            const warnings = findWarnings(checked);
            for (const { path, message } of warnings) context.note(`${context.colors.yellow('warning')}: ${path}: ${message}`);
            await withDatabase(context, async ({ db, blobs }) => {
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
          await withScratch(resolveHome(readEnvironment().home).cache, importIt, signal);
        }),
      ),
    'narrows data import examples/water',
  );

  example(
    data
      .command('append')
      .argument('<name>', 'a dataset: its newest version is appended to')
      .argument('<dir>', 'a folder with a dataset.yaml of the same descriptors and targets')
      .description('Add the rows of a folder that a dataset does not have yet, as a version after it.')
      .action(
        action(async (context, _options, name, dir) => {
          const { signal } = context;
          const { appendShard } = await import('../../operations/append.ts');
          await withScratch(
            resolveHome(readEnvironment().home).cache,
            (scratch) =>
              withDatabase(context, async ({ db, blobs }) => {
                const appended = await appendShard({ db, blobs, scratch }, name as string, dir as string, { signal });
                context.print(appended, () => appendedText(appended));
              }),
            signal,
          );
        }),
      ),
    'narrows data append water examples/water-hot',
  );

  example(
    data
      .command('diff')
      .argument('<first>', 'a version: water@0123456789ab')
      .argument('<second>', 'another, or the name of a dataset for its newest')
      .description('Tell two versions apart: rows added, changed, removed, and the ranges of descriptors.')
      .action(
        action(async (context, _options, first, second) => {
          await withDatabase(context, async ({ db, blobs }) => {
            const [a, b] = [
              await findDatasetVersion(db.sql, first as string),
              await findDatasetVersion(db.sql, second as string),
            ];
            const diff = await diffVersions(blobs, joinLineage(a), joinLineage(b));
            context.print({ first: `${a.name}@${a.version}`, second: `${b.name}@${b.version}`, ...diff }, () => diffText(diff));
          });
        }),
      ),
    'narrows data diff water@0123456789ab water',
  );

  example(
    data
      .command('ls')
      .description('List datasets and their versions.')
      .action(
        action(async (context) => {
          await withDatabase(context, async ({ db }) => {
            const rows = await listDatasetVersions(db.sql);
            context.printList(rows, () =>
              rows.length === 0
                ? 'no dataset yet: narrows data import DIR'
                : table(rows, [
                    { title: 'dataset', value: ({ name, version }) => `${name}@${version.slice(0, 12)}` },
                    { title: 'rows', value: (row) => row.rows },
                    { title: 'added to', value: ({ parent }) => parent?.slice(0, 12) ?? null },
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
          await withDatabase(context, async ({ db, blobs }) => {
            const { version, ...row } = await findDatasetVersion(db.sql, name as string);
            const described = joinLineage({ version, ...row });
            const summary = await summarizeDataset(blobs, described);
            const { manifest, shards } = described;
            const { title, licence, source } = manifest;
            const lineage = shards.map((shard) => ({ version: shard.version, rows: shard.rows }));
            context.print(
              { name: row.name, version, title, licence, source, importedAt: row.importedAt, lineage, ...summary },
              () =>
                [
                  `${row.name}@${version.slice(0, 12)}  ${title}`,
                  ...(lineage.length > 1 ? [`${lineage.length} shards, oldest first: ${lineageText(lineage)}`] : []),
                  `${summary.rows} rows${summary.groups === null ? '' : ` in ${summary.groups} groups`}; licence ${licence}; ${source}`,
                  '',
                  ranges(summary),
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
          const { verifyDataset } = await import('../../datasets/verification.ts');
          return withDatabase(context, async ({ db }) => {
            // Without this machine's copies: what is stored is what is verified.
            const blobs = createBlobStore(db.sql, null);
            const row = await findDatasetVersion(db.sql, name as string);
            const result = await verifyDataset(blobs, joinLineage(row));
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

function ranges({ descriptors, targets }: DatasetSummary): string {
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

function appendedText({ name, version, parent, created, rows, added, duplicates, tied, changed }: AppendedShard): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  const before = duplicates > 0 ? `; ${count(duplicates, 'row')} that were there already` : '';
  if (added === 0) return `${name}@${version.slice(0, 12)} stays as it is: nothing new${before}`;
  const notes = [
    ...(tied > 0 ? [`${count(tied, 'structure')} nearly equal to others: each stays on one side of a split with them`] : []),
    ...(changed > 0 ? [`${count(changed, 'row')} with an id that was there before, and other content`] : []),
  ];
  const what = created ? 'appended' : 'there already';
  return [
    `${name}@${version.slice(0, 12)} ${what}: ${count(added, 'row')} after ${parent.slice(0, 12)}, ${rows} in all${before}`,
    ...notes,
  ].join('\n');
}

/** Of many shards the first and the last ones tell enough. */
function lineageText(lineage: readonly { readonly version: string; readonly rows: number }[]): string {
  const text = ({ version, rows }: (typeof lineage)[number]) => `${version.slice(0, 12)} (${rows} rows)`;
  if (lineage.length <= 5) return lineage.map(text).join(', ');
  return `${lineage.slice(0, 2).map(text).join(', ')}, …, ${lineage.slice(-2).map(text).join(', ')}`;
}

function diffText({ added, removed, changed, unchanged, descriptors }: DatasetDiff): string {
  const digits = (value: number) => Number(value.toPrecision(5));
  const range = ([low, high]: readonly [number, number]) => `${digits(low)} to ${digits(high)}`;
  return [
    `${added} rows added, ${removed} removed, ${changed ?? 'no ids to tell by: none'} changed, ${unchanged} as before`,
    '',
    table(descriptors, [
      { title: 'descriptor', value: ({ name }) => name },
      { title: 'unit', value: ({ unit }) => unit },
      { title: 'before', value: ({ ranges: [before] }) => range(before) },
      { title: 'after', value: ({ ranges: [, after] }) => range(after) },
    ]),
  ].join('\n');
}
