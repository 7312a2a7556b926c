/** All versions of all datasets. */
import type { DatasetVersion } from '../../contract/datasets.ts';
import { Command } from '../parts/command.tsx';
import { formatCount, formatVersion, pluralise } from '../parts/format.ts';
import { VersionLink } from '../parts/links.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { PageHead } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { Timestamp } from '../parts/time.tsx';
import { useJson } from '../state/load.ts';

export default function DatasetsPage() {
  const datasets = useJson<{ items: DatasetVersion[] }>('/datasets');
  return (
    <>
      <PageHead title="Datasets">
        <p class="soft small">Each version is identified by a hash of its content and stays available to its sweeps.</p>
      </PageHead>
      <Show of={datasets} what="datasets" height="16rem">
        {({ items }) => (items.length === 0 ? <NoDatasets /> : <Versions of={items} />)}
      </Show>
    </>
  );
}

interface Row extends DatasetVersion {
  /** Number of versions of this dataset in the first of its rows; 0 in the others. */
  readonly span: number;
  readonly isOnlyVersion: boolean;
}

function Versions({ of }: { readonly of: readonly DatasetVersion[] }) {
  const byName = [...Map.groupBy(of, ({ name }) => name).entries()].sort(([a], [b]) => a.localeCompare(b));
  const rows = byName.flatMap(([, versions]) =>
    versions.map((one, i): Row => ({ ...one, span: i === 0 ? versions.length : 0, isOnlyVersion: versions.length === 1 })),
  );
  return (
    <>
      <RecordTable label="Datasets and their versions" rows={rows} columns={COLUMNS} keyOf={({ version }) => version} />
      <p class="pager">
        {pluralise(of.length, 'version')} of {pluralise(byName.length, 'dataset')}
      </p>
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    title: 'Dataset',
    header: true,
    class: 'wordy',
    span: ({ span }) => span,
    cell: ({ name, title }) => (
      <>
        {name}
        <div class="soft small">{title}</div>
      </>
    ),
  },
  {
    title: 'Version',
    class: 'nowrap',
    cell: ({ name, version, newest, isOnlyVersion }) => (
      <>
        <VersionLink dataset={name} version={version} /> {newest && !isOnlyVersion && <span class="tag">newest</span>}
      </>
    ),
  },
  { title: 'Rows', number: true, cell: ({ rows }) => formatCount(rows) },
  {
    title: 'Descriptors',
    number: true,
    cell: ({ descriptors, varying }) =>
      descriptors === varying ? formatCount(descriptors) : `${formatCount(varying)} of ${formatCount(descriptors)} vary`,
  },
  { title: 'Targets', cell: ({ targets }) => targets.map(({ name }) => name).join(', ') },
  { title: 'Groups', number: true, cell: ({ groups }) => (groups === null ? '–' : formatCount(groups)) },
  {
    title: 'Sweeps',
    number: true,
    cell: ({ name, version, sweeps }) =>
      sweeps === 0 ? '0' : <a href={`/?dataset=${encodeURIComponent(formatVersion(name, version))}`}>{formatCount(sweeps)}</a>,
  },
  { title: 'Imported', cell: ({ importedAt }) => <Timestamp at={importedAt} /> },
];

function NoDatasets() {
  return (
    <Empty title="No datasets yet">
      <p>Create a folder with a manifest, add your arrays, and import it:</p>
      <Command>narrows init my-project</Command>
      <Command>narrows data import my-project</Command>
      <p>Or start with the shipped data of water molecules:</p>
      <Command>narrows demo</Command>
    </Empty>
  );
}
