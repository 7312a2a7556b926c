/** One version of a dataset: content, provenance and sweeps. */
import { useRoute } from 'preact-iso';
import type { DatasetDetail } from '../../contract/datasets.ts';
import type { Page } from '../../contract/shared.ts';
import type { SweepSummary } from '../../contract/sweeps.ts';
import { ActionLink } from '../parts/action.tsx';
import { Facts } from '../parts/facts.tsx';
import { formatCount, formatVersion, pluralise } from '../parts/format.ts';
import { StateTag } from '../parts/labels.tsx';
import { SweepLink } from '../parts/links.tsx';
import { Show } from '../parts/load-states.tsx';
import { Breadcrumbs, LoadedPage, PageHead, Section } from '../parts/page.tsx';
import { versionPath } from '../parts/paths.ts';
import { progressText } from '../parts/progress.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { Timestamp } from '../parts/time.tsx';
import { revisions, useThrottled } from '../state/live.ts';
import { useJson } from '../state/load.ts';

const SHOWN_SWEEPS = 20;
const REFRESH_MS = 2000;
/** A longer list of files is collapsed. */
const SHOWN_FILES = 12;

export default function DatasetPage() {
  const { name = '', version = '' } = useRoute().params;
  const dataset = useJson<DatasetDetail>(versionPath(name, version));
  return (
    <>
      <Breadcrumbs of={{ '/datasets': 'Datasets' }} />
      <LoadedPage of={dataset} title={name} what="the dataset" height="40rem">
        {(data) => <Detail data={data} />}
      </LoadedPage>
    </>
  );
}

function Detail({ data }: { readonly data: DatasetDetail }) {
  const { name, version, newest, title, rows, descriptors, varying, groups, series, targets, energies, columns, files } = data;
  const reference = formatVersion(name, version);
  const varies = varying === descriptors ? 'all vary' : `of which ${formatCount(varying)} vary`;
  return (
    <>
      <PageHead
        title={name}
        window={reference}
        actions={
          <div class="actions">
            {!newest && (
              <a href={versionPath(name, 'newest')} class="small">
                Newer version available
              </a>
            )}
            <ActionLink class="primary" href={`/sweeps/new?dataset=${encodeURIComponent(reference)}`}>
              New sweep
            </ActionLink>
          </div>
        }
      >
        <p class="soft">{title}</p>
      </PageHead>
      <div class="stack">
        <div class="columns">
          <Section isCard id="overview" title="Overview">
            <Facts
              of={[
                ['Version', <code>{version}</code>],
                ['Imported', <Timestamp at={data.importedAt} />],
                ['Rows', formatCount(rows)],
                ['Descriptors', `${formatCount(descriptors)}, ${varies}`],
                ['Groups', groups === null ? 'none' : formatCount(groups)],
                ['Series', series],
                ['Licence', data.licence ?? 'unknown'],
                ['Source', data.source ?? 'unknown'],
              ]}
            />
          </Section>
          <Section isCard id="targets" title="Targets">
            <RecordTable
              labelledBy="targets"
              rows={targets}
              keyOf={(target) => target.name}
              columns={[
                { title: 'Target', header: true, cell: (target) => target.name },
                { title: 'Columns', number: true, cell: (target) => formatCount(target.columns) },
                { title: 'Unit', class: 'nowrap', cell: ({ unit }) => unit ?? '–' },
                { title: 'Energies', class: 'nowrap', cell: (target) => formatAxis(energies[target.name]) },
              ]}
            />
          </Section>
        </div>
        <Sweeps reference={reference} />
        <div class="columns">
          <Section id="descriptors" title="Descriptors">
            <RecordTable
              isTall
              labelledBy="descriptors"
              rows={columns}
              keyOf={(column) => column.name}
              columns={[
                { title: '#', number: true, class: 'slim', cell: (_, i) => i + 1 },
                { title: 'Name', header: true, cell: (column) => column.name },
                { title: 'Unit', cell: ({ unit }) => unit },
              ]}
            />
            {columns.length < descriptors && (
              <p class="pager">
                {formatCount(columns.length)} of {pluralise(descriptors, 'descriptor')} are named
              </p>
            )}
          </Section>
          <Files files={files} />
        </div>
      </div>
    </>
  );
}

function formatAxis(axis: DatasetDetail['energies'][string] | undefined): string {
  if (axis === undefined) return 'none';
  const short = (value: number) => String(Number(value.toPrecision(7)));
  return `${short(axis.from)} to ${short(axis.to)} ${axis.unit}, ${pluralise(axis.points, 'point')}`;
}

function Files({ files }: { readonly files: DatasetDetail['files'] }) {
  const entries = Object.entries(files);
  const table = (
    <RecordTable
      isTall
      label="Files and their hashes"
      rows={entries}
      keyOf={([file]) => file}
      columns={[
        { title: 'File', header: true, cell: ([file]) => file },
        { title: 'SHA-256', cell: ([, hash]) => <code>{hash}</code> },
      ]}
    />
  );
  return (
    <Section id="files" title="Files">
      {entries.length > SHOWN_FILES ? (
        <details>
          <summary>{pluralise(entries.length, 'file')}</summary>
          {table}
        </details>
      ) : (
        table
      )}
    </Section>
  );
}

const SWEEPS: readonly Column<SweepSummary>[] = [
  { title: 'Sweep', header: true, cell: ({ sweepId, name }) => <SweepLink id={sweepId} name={name} /> },
  { title: 'Target', cell: ({ target }) => target },
  { title: 'State', cell: ({ state }) => <StateTag state={state} /> },
  { title: 'Trials', class: 'nowrap', cell: ({ counts }) => progressText(counts) },
  { title: 'Started', cell: ({ startedAt }) => <Timestamp at={startedAt} /> },
];

function Sweeps({ reference }: { readonly reference: string }) {
  const version = useThrottled(revisions.value, REFRESH_MS);
  const sweeps = useJson<Page<SweepSummary>>('/sweeps', { dataset: reference, limit: SHOWN_SWEEPS }, version);
  return (
    <Section id="sweeps" title="Sweeps">
      <Show of={sweeps} what="sweeps" height="6rem">
        {({ items, matched }) =>
          items.length === 0 ? (
            <p class="soft">No sweeps yet.</p>
          ) : (
            <>
              <RecordTable labelledBy="sweeps" rows={items} columns={SWEEPS} keyOf={({ sweepId }) => sweepId} />
              <p class="pager">
                {items.length} of {pluralise(matched, 'sweep')}
                {matched > items.length && <a href={`/?dataset=${encodeURIComponent(reference)}`}>Show all</a>}
              </p>
            </>
          )
        }
      </Show>
    </Section>
  );
}
