/** Every version of every dataset. */
import type { DatasetVersion } from '../../contract/datasets.ts';
import { getJson } from '../api/http.ts';
import { Command } from '../parts/command.tsx';
import { formatCount, pluralise, shortVersion, versionPath } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { Show } from '../parts/load-states.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { Timestamp } from '../parts/time.tsx';
import { useLoad } from '../state/load.ts';

export default function DatasetsPage() {
  const datasets = useLoad('datasets', (signal) => getJson<{ items: DatasetVersion[] }>('/datasets', {}, signal));
  return (
    <>
      <div class="page-head">
        <div>
          <PageTitle>Datasets</PageTitle>
          <p class="soft small">A version is the hash of what a dataset holds. Versions stay: a sweep names the one it ran on.</p>
        </div>
      </div>
      <Show of={datasets} what="datasets" height="16rem">
        {({ items }) => (items.length === 0 ? <Beginning /> : <Versions of={items} />)}
      </Show>
    </>
  );
}

function Versions({ of }: { readonly of: readonly DatasetVersion[] }) {
  // By name; those of one name stay in the order of the answer, newest first.
  const names = [...new Set(of.map(({ name }) => name))].sort((a, b) => a.localeCompare(b));
  return (
    <>
      <ScrollingTable label="Datasets and their versions">
        <table>
          <thead>
            <tr>
              <th scope="col">Dataset</th>
              <th scope="col">Version</th>
              <th scope="col" class="number">
                Rows
              </th>
              <th scope="col" class="number">
                Descriptors
              </th>
              <th scope="col">Targets</th>
              <th scope="col" class="number">
                Groups
              </th>
              <th scope="col" class="number">
                Sweeps
              </th>
              <th scope="col">Imported</th>
            </tr>
          </thead>
          <tbody>
            {names.flatMap((name) =>
              of
                .filter((one) => one.name === name)
                .map((one, i, versions) => (
                  <tr key={one.version}>
                    {i === 0 && (
                      <th scope="rowgroup" class="wordy" rowSpan={versions.length}>
                        {name}
                        <div class="soft small">{one.title}</div>
                      </th>
                    )}
                    <td class="nowrap">
                      <a href={versionPath(one.name, one.version)}>
                        <code>{shortVersion(one.version)}</code>
                      </a>{' '}
                      {one.newest && versions.length > 1 && <span class="tag">newest</span>}
                    </td>
                    <td class="number">{formatCount(one.rows)}</td>
                    <td class="number">{descriptorsText(one)}</td>
                    <td>{one.targets.map((target) => target.name).join(', ')}</td>
                    <td class="number">{one.groups === null ? '–' : formatCount(one.groups)}</td>
                    <td class="number">
                      {one.sweeps === 0 ? (
                        '0'
                      ) : (
                        <a href={`/?dataset=${encodeURIComponent(name)}@${shortVersion(one.version)}`}>
                          {formatCount(one.sweeps)}
                        </a>
                      )}
                    </td>
                    <td>
                      <Timestamp at={one.importedAt} />
                    </td>
                  </tr>
                )),
            )}
          </tbody>
        </table>
      </ScrollingTable>
      <p class="pager">
        {pluralise(of.length, 'version')} of {pluralise(names.length, 'dataset')}
      </p>
    </>
  );
}

const descriptorsText = ({ descriptors, varying }: DatasetVersion): string =>
  descriptors === varying ? formatCount(descriptors) : `${formatCount(varying)} of ${formatCount(descriptors)} vary`;

function Beginning() {
  return (
    <div class="state">
      <h2>No dataset yet</h2>
      <p>Make a folder with a manifest, put your arrays beside it, and import it:</p>
      <Command>narrows init my-project</Command>
      <Command>narrows data import my-project</Command>
      <p>Or look at the shipped data of water molecules first:</p>
      <Command>narrows demo</Command>
    </div>
  );
}
