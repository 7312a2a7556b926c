import type { Command } from 'commander';
import { SHORTEST_BOND, type StructureSummary } from '../../datasets/descriptors/structure-summary.ts';
import type { DatasetDiff } from '../../datasets/diff.ts';
import type { Warning } from '../../datasets/import/warning.ts';
import type { ColumnSummary, DatasetSummary } from '../../datasets/summary.ts';
import { scratchFolder } from '../../infra/home.ts';
import type { AppendedShard } from '../../operations/append.ts';
import { compareVersions, type DatasetOverview, listDatasetVersions, readDataset } from '../../operations/datasets.ts';
import { countOf, formatBytes, formatVersion, shortVersion } from '../../text/format.ts';
import { addCommand, option, printTable } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-codes.ts';
import { formatTable, localTime } from '../output/table.ts';
import { describeSpace, REMOVAL_OPTIONS, type RemovalOptions } from '../removal.ts';

// Operations on files are loaded by the commands that need them: the others start sooner.
const loadFileOperations = () => import('../../operations/dataset-files.ts');

// An import reads before it connects, and loads the second while it does the first.
const loadSessions = () => import('../../infra/sessions.ts');
const withStorage: typeof import('../../infra/sessions.ts').withStorage = async (options, work) =>
  (await loadSessions()).withStorage(options, work);

export function register(program: Command): void {
  const data = program.command('data').description('Import datasets and look at them.');

  addCommand<{ dir: string; name?: string }>(data, {
    name: 'import',
    arguments: [['<dir>', 'a folder with a dataset.yaml']],
    options: [option('--name <name>', "the name to import it under, instead of the manifest's")],
    description: 'Check a dataset folder and store it as a version.',
    examples: ['narrows data import examples/water'],
    async run(context, { dir, name }) {
      const { importDataset } = await loadFileOperations();
      const { signal } = context;
      const options = {
        name,
        scratch: scratchFolder(),
        signal,
        onWarning: ({ path, message }: Warning) => context.warn(`${path}: ${message}`),
      };
      const [imported] = await Promise.all([importDataset(dir, options, (work) => withStorage(context, work)), loadSessions()]);
      const { created, version, rows, targets } = imported;
      const reference = formatVersion(imported.name, version);
      context.print(
        imported,
        () => `${created ? `imported ${reference}` : `${reference} exists already`}: ${rows} rows, targets ${targets.join(', ')}`,
      );
    },
  });

  addCommand<{ name: string; dir: string }>(data, {
    name: 'append',
    arguments: [
      ['<name>', 'a dataset: its newest version is appended to'],
      ['<dir>', 'a folder with a dataset.yaml of the same descriptors and targets'],
    ],
    description: 'Add the rows of a folder that a dataset does not have yet, as a version after it.',
    examples: ['narrows data append water examples/water-hot'],
    async run(context, { name, dir }) {
      const { appendFolder } = await loadFileOperations();
      await withStorage(context, async (storage) => {
        const appended = await appendFolder(storage, name, dir, { scratch: scratchFolder(), signal: context.signal });
        for (const { path, message } of appended.warnings) context.warn(`${path}: ${message}`);
        context.print(appended, () => describeAppended(appended));
      });
    },
  });

  addCommand<{ first: string; second: string }>(data, {
    name: 'diff',
    arguments: [
      ['<first>', 'a version: water@0123456789ab'],
      ['<second>', 'another, or the name of a dataset for its newest'],
    ],
    description: 'Compare two versions: rows added, changed, removed, and the ranges of descriptors.',
    examples: ['narrows data diff water@0123456789ab water'],
    run: (context, { first, second }) =>
      withStorage(context, async (storage) => {
        const diff = await compareVersions(storage, first, second);
        context.print(diff, () => describeDiff(diff));
      }),
  });

  addCommand(data, {
    name: 'ls',
    description: 'List datasets and their versions.',
    examples: ['narrows data ls'],
    run: (context) =>
      withStorage(context, async ({ db }) =>
        printTable(
          context,
          await listDatasetVersions(db.sql),
          {
            dataset: ({ name, version }) => formatVersion(name, version),
            rows: ({ rows }) => rows,
            'added to': ({ parent }) => parent && shortVersion(parent),
            targets: ({ targets }) => targets.join(', '),
            imported: ({ importedAt }) => localTime(importedAt),
          },
          'no dataset yet: narrows data import DIR',
        ),
      ),
  });

  addCommand<{ name: string }>(data, {
    name: 'show',
    arguments: [['<name>', 'a dataset, or a version: water@0123456789ab']],
    description: 'Show shapes, units, ranges and constant columns.',
    examples: ['narrows data show water'],
    run: (context, { name }) =>
      withStorage(context, async (storage) => {
        const dataset = await readDataset(storage, name);
        context.print(dataset, () => describeDataset(dataset));
      }),
  });

  addCommand<{ name: string } & RemovalOptions>(data, {
    name: 'rm',
    arguments: [['<name>', 'a dataset with all its versions, or one version: water@0123456789ab']],
    options: REMOVAL_OPTIONS,
    description: 'Remove versions that nothing needs, with the arrays that no other version has.',
    examples: ['narrows data rm water --dry-run', 'narrows data rm water@0123456789ab --yes'],
    async run(context, { name, yes = false, dryRun = false, compact = false }) {
      const { planDatasetRemoval, removeDataset } = await import('../../operations/lifecycle/datasets.ts');
      return withStorage(context, async (storage) => {
        const plan = await planDatasetRemoval(storage.db, name);
        const amount = `${countOf(plan.versions.length, 'version')} of ${plan.name}, ${formatBytes(plan.bytes)} of arrays`;
        if (dryRun) {
          context.print({ removed: false, ...plan }, () => `would remove ${amount}`);
          return EXIT.ok;
        }
        if (!yes && !(await confirm(context, `Remove ${amount}?`))) return EXIT.ok;
        const removal = await removeDataset(storage, plan, { compact });
        if (!removal.isComplete) context.warn('an import is at work: the arrays go with the next "narrows prune"');
        context.print({ removed: true, ...removal }, () =>
          [
            ...removal.versions.map((version) => `removed ${formatVersion(plan.name, version)}`),
            describeSpace(removal.space),
          ].join('\n'),
        );
        return EXIT.ok;
      });
    },
  });

  addCommand<{ name: string }>(data, {
    name: 'verify',
    arguments: [['<name>', 'a dataset, or a version of it']],
    description: 'Read every stored array, check its hash, and compare the folder that it came from.',
    examples: ['narrows data verify water'],
    async run(context, { name }) {
      const { verifyVersion } = await loadFileOperations();
      return withStorage(context, async (storage) => {
        const result = await verifyVersion(storage, name);
        const state = {
          unchanged: `${result.folder} is unchanged`,
          changed: `${result.folder} has changed since (${result.changed.join(', ')}): import it again for a new version`,
          gone: `${result.folder} does not exist any more`,
        };
        context.print(result, () =>
          [
            `${formatVersion(result.name, result.version)}: ${result.arrays} stored arrays are intact`,
            state[result.folderState],
          ].join('\n'),
        );
        return result.folderState === 'changed' ? EXIT.failure : EXIT.ok;
      });
    },
  });
}

function describeDataset(dataset: DatasetOverview): string {
  const { name, version, title, lineage, rows, groups, licence, source } = dataset;
  return [
    `${formatVersion(name, version)}  ${title}`,
    ...(lineage.length > 1 ? [`${lineage.length} shards, oldest first: ${describeLineage(lineage)}`] : []),
    `${rows} rows${groups === null ? '' : ` in ${groups} groups`}; licence ${licence}; ${source}`,
    ...(dataset.structures ? [describeStructures(dataset.structures)] : []),
    '',
    describeRanges(dataset),
  ].join('\n');
}

/** "200 structures, periodic along a and b; shortest distance 0.957 angstrom (...)". */
function describeStructures({ frames, periodic, closest, unreadCell }: StructureSummary): string {
  const axes = ['a', 'b', 'c'].filter((_, axis) => periodic[axis]);
  const cell = axes.length === 0 ? 'not periodic' : axes.length === 3 ? 'periodic' : `periodic along ${axes.join(' and ')}`;
  const unread = unreadCell ? ` (the cell of ${unreadCell.frame} is in a form that is not read)` : '';
  const distance =
    closest === null
      ? 'no two atoms within 4 angstrom'
      : `shortest distance ${round(closest.distance)} angstrom (atoms ${closest.atoms.join(' and ')} of ${closest.frame})`;
  const isShort = closest !== null && closest.distance < SHORTEST_BOND;
  const doubt = isShort ? ': are the positions fractional, in another unit, or the cell too small?' : '';
  return `${countOf(frames, 'structure')}, ${cell}${unread}; ${distance}${doubt}`;
}

const round = (value: number, digits = 5): number => Number(value.toPrecision(digits));

function describeRanges({ descriptors, targets }: DatasetSummary): string {
  const spectra = formatTable(targets, {
    target: ({ name }) => name,
    shape: ({ shape }) => shape.join(' x '),
    unit: ({ unit, columns }) => (columns ? 'see below' : unit),
    energies: ({ energies }) => (energies ? `${round(energies.first)} to ${round(energies.last)} ${energies.unit}` : '-'),
    // Columns of several units have no range in common.
    minimum: ({ minimum, columns }) => (columns ? null : round(minimum)),
    maximum: ({ maximum, columns }) => (columns ? null : round(maximum)),
    constant: ({ constantColumns }) => constantColumns,
  });
  // Means of energies differ in their sixth digit.
  const named = targets.flatMap(({ name, columns }) => (columns ? [describeColumns(name, columns, 7, 'constant')] : []));
  return [describeColumns('descriptor', descriptors, 5, 'constant: dropped'), spectra, ...named].join('\n\n');
}

function describeColumns(title: string, columns: readonly ColumnSummary[], digits: number, ifConstant: string): string {
  return formatTable(columns, {
    [title]: ({ name }) => name,
    unit: ({ unit }) => unit,
    minimum: ({ minimum }) => round(minimum, digits),
    mean: ({ mean }) => round(mean, digits),
    maximum: ({ maximum }) => round(maximum, digits),
    '': ({ constant }) => (constant ? ifConstant : ''),
  });
}

function describeAppended({ name, version, parent, created, rows, added, duplicates, tied, changed }: AppendedShard): string {
  const repeated = duplicates > 0 ? `; ${countOf(duplicates, 'row')} already present` : '';
  const reference = formatVersion(name, version);
  if (added === 0) return `${reference} is unchanged: no new rows${repeated}`;
  return [
    `${reference} ${created ? 'appended' : 'exists already'}: ${countOf(added, 'row')} after ${shortVersion(parent)}, ${rows} in all${repeated}`,
    ...(tied > 0 ? [`${countOf(tied, 'structure')} nearly equal to others: each stays on one side of a split with them`] : []),
    ...(changed > 0 ? [`${countOf(changed, 'row')} with a known id and other content`] : []),
  ].join('\n');
}

/** Lists the shards; of many, the first and the last ones. */
function describeLineage(lineage: DatasetOverview['lineage']): string {
  const text = ({ version, rows }: (typeof lineage)[number]) => `${shortVersion(version)} (${rows} rows)`;
  if (lineage.length <= 5) return lineage.map(text).join(', ');
  return `${lineage.slice(0, 2).map(text).join(', ')}, …, ${lineage.slice(-2).map(text).join(', ')}`;
}

function describeDiff({ added, removed, changed, unchanged, descriptors }: DatasetDiff): string {
  const range = ([low, high]: readonly [number, number]) => `${round(low)} to ${round(high)}`;
  return [
    `${added} rows added, ${removed} removed, ${changed ?? 'none (the rows have no ids)'} changed, ${unchanged} unchanged`,
    '',
    formatTable(descriptors, {
      descriptor: ({ name }) => name,
      unit: ({ unit }) => unit,
      before: ({ ranges: [before] }) => range(before),
      after: ({ ranges: [, after] }) => range(after),
    }),
  ].join('\n');
}
