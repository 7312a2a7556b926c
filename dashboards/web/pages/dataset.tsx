/** One version of a dataset: what it holds, where it comes from, and the sweeps on it. */
import { useRoute } from 'preact-iso';
import type { DatasetDetail } from '../../contract/datasets.ts';
import type { Page } from '../../contract/shared.ts';
import type { SweepSummary } from '../../contract/sweeps.ts';
import { getJson } from '../api/http.ts';
import { ActionLink } from '../parts/action.tsx';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { Facts } from '../parts/facts.tsx';
import { formatCount, pluralise, shortVersion, versionPath } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { StateTag } from '../parts/labels.tsx';
import { Show } from '../parts/load-states.tsx';
import { progressText } from '../parts/progress.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { Timestamp } from '../parts/time.tsx';
import { revisions, useThrottled } from '../state/live.ts';
import { useLoad } from '../state/load.ts';

const SHOWN_SWEEPS = 20;
const FRESH_EVERY_MS = 2000;
/** Files beyond that are folded away. */
const MANY_FILES = 12;

export default function DatasetPage() {
  const { name = '', version = '' } = useRoute().params;
  const place = versionPath(name, version);
  const dataset = useLoad(place, (signal) => getJson<DatasetDetail>(place, {}, signal));
  return (
    <>
      <Breadcrumbs of={[['/datasets', 'Datasets']]} />
      {dataset.data === null && <PageTitle window={name}>{name}</PageTitle>}
      <Show of={dataset} what="the dataset" height="40rem">
        {(data) => <Detail data={data} />}
      </Show>
    </>
  );
}

function Detail({ data }: { readonly data: DatasetDetail }) {
  const { name, version, newest, title, rows, descriptors, varying, groups, series, targets, energies, columns, files } = data;
  const reference = `${name}@${shortVersion(version)}`;
  return (
    <>
      <div class="page-head">
        <div>
          <PageTitle window={reference}>{name}</PageTitle>
          <p class="soft">{title}</p>
        </div>
        <div class="actions">
          {!newest && (
            <a href={versionPath(name, 'newest')} class="small">
              There is a newer version
            </a>
          )}
          <ActionLink class="primary" href={`/sweeps/new?dataset=${encodeURIComponent(reference)}`}>
            Start a sweep on it
          </ActionLink>
        </div>
      </div>
      <div class="stack">
        <div class="columns">
          <section class="card">
            <h2>What it is</h2>
            <Facts
              of={[
                ['Version', <code>{version}</code>],
                ['Imported', <Timestamp at={data.importedAt} />],
                ['Rows', formatCount(rows)],
                [
                  'Descriptors',
                  varying === descriptors
                    ? `${formatCount(descriptors)}, all vary`
                    : `${formatCount(descriptors)}, of which ${formatCount(varying)} vary`,
                ],
                ['Groups', groups === null ? 'none named' : formatCount(groups)],
                ['Series', series],
                ['Licence', data.licence ?? 'not named'],
                ['Source', data.source ?? 'not named'],
              ]}
            />
          </section>
          <section class="card">
            <h2 id="targets">Targets</h2>
            <ScrollingTable labelledBy="targets">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Target</th>
                    <th scope="col" class="number">
                      Columns
                    </th>
                    <th scope="col">Unit</th>
                    <th scope="col">Energies</th>
                  </tr>
                </thead>
                <tbody>
                  {targets.map((target) => (
                    <tr key={target.name}>
                      <th scope="row">{target.name}</th>
                      <td class="number">{formatCount(target.columns)}</td>
                      <td class="nowrap">{target.unit ?? '–'}</td>
                      <td class="nowrap">{energiesText(energies[target.name])}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollingTable>
          </section>
        </div>
        <Sweeps reference={reference} of={data} />
        <div class="columns">
          <section>
            <h2 id="descriptors">Descriptors</h2>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <section class="table tall" tabIndex={0} aria-labelledby="descriptors">
              <table>
                <thead>
                  <tr>
                    <th scope="col" class="number slim">
                      #
                    </th>
                    <th scope="col">Name</th>
                    <th scope="col">Unit</th>
                  </tr>
                </thead>
                <tbody>
                  {columns.map((column, i) => (
                    <tr key={column.name}>
                      <td class="number">{i + 1}</td>
                      <th scope="row">{column.name}</th>
                      <td>{column.unit}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
            {columns.length < descriptors && (
              <p class="pager">
                {formatCount(columns.length)} of {pluralise(descriptors, 'descriptor')} have a name of their own
              </p>
            )}
          </section>
          <Files files={files} />
        </div>
      </div>
    </>
  );
}

function energiesText(of: DatasetDetail['energies'][string] | undefined): string {
  if (of === undefined) return 'none: no spectrum';
  const short = (value: number) => String(Number(value.toPrecision(7)));
  return `${short(of.from)} to ${short(of.to)} ${of.unit}, ${pluralise(of.points, 'point')}`;
}

function Files({ files }: { readonly files: DatasetDetail['files'] }) {
  const entries = Object.entries(files);
  const table = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table tall" tabIndex={0} aria-label="Files and their hashes">
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(([file, hash]) => (
            <tr key={file}>
              <th scope="row">{file}</th>
              <td>
                <code>{hash}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
  return (
    <section>
      <h2>Files it was made from</h2>
      {entries.length > MANY_FILES ? (
        <details>
          <summary>{pluralise(entries.length, 'file')}</summary>
          {table}
        </details>
      ) : (
        table
      )}
    </section>
  );
}

function Sweeps({ reference, of }: { readonly reference: string; readonly of: DatasetDetail }) {
  const query = { dataset: reference, limit: SHOWN_SWEEPS };
  const told = useThrottled(revisions.value, FRESH_EVERY_MS);
  const sweeps = useLoad(reference, (signal) => getJson<Page<SweepSummary>>('/sweeps', query, signal), told);
  return (
    <section>
      <h2 id="sweeps">Sweeps on it</h2>
      {of.sweeps === 0 && sweeps.data?.items.length === 0 ? (
        <p class="soft">None yet.</p>
      ) : (
        <Show of={sweeps} what="its sweeps" height="6rem">
          {({ items, matched }) => (
            <>
              <ScrollingTable labelledBy="sweeps">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Sweep</th>
                      <th scope="col">Target</th>
                      <th scope="col">State</th>
                      <th scope="col">Trials</th>
                      <th scope="col">Started</th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map(({ sweepId, name, target, state, counts, startedAt }) => (
                      <tr key={sweepId}>
                        <th scope="row">
                          <a href={`/sweeps/${encodeURIComponent(sweepId)}`}>{name}</a>
                        </th>
                        <td>{target}</td>
                        <td>
                          <StateTag state={state} />
                        </td>
                        <td class="nowrap">{progressText(counts)}</td>
                        <td>
                          <Timestamp at={startedAt} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </ScrollingTable>
              <p class="pager">
                {items.length} of {pluralise(matched, 'sweep')}
                {matched > items.length && <a href={`/?dataset=${encodeURIComponent(reference)}`}>All of them</a>}
              </p>
            </>
          )}
        </Show>
      )}
    </section>
  );
}
