/** Champions as a table: what they are, and since when. */

import { formatScore } from '../../../text/names.ts';
import type { Champion } from '../../contract/retraining.ts';
import { MethodName } from '../parts/labels.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { Timestamp } from '../parts/time.tsx';
import { VersionLink } from '../parts/version-link.tsx';
import { ORIGIN_LABELS, retrainingPath } from './text.ts';

/** `of` several retrainings: each names its own. */
export function ChampionsTable({ of, several }: { readonly of: readonly Champion[]; readonly several: boolean }) {
  return (
    <ScrollingTable label="Champions in use">
      <table>
        <thead>
          <tr>
            {several && <th scope="col">Data</th>}
            {several && <th scope="col">Retraining</th>}
            <th scope="col">Champion</th>
            <th scope="col" class="number">
              Validation
            </th>
            <th scope="col">Trained on</th>
            <th scope="col">Trial</th>
            <th scope="col">How</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.championId}>
              {several && (
                <td class="nowrap">
                  {one.target} of {one.dataset}
                </td>
              )}
              {several && (
                <td>
                  <a href={retrainingPath(one.retraining)}>{one.retraining}</a>
                </td>
              )}
              <th scope="row" class="nowrap">
                <MethodName method={one.method} />, <a href={`/champions/${one.championId}`}>k = {one.k}</a>
              </th>
              <td class="number">{formatScore(one.validation)}</td>
              <td>
                <VersionLink dataset={one.dataset} version={one.datasetVersion} />
              </td>
              <td class="nowrap">
                <a href={`/trials/${encodeURIComponent(one.trialId)}`}>{one.trialId}</a>
              </td>
              <td>{ORIGIN_LABELS[one.origin]}</td>
              <td>
                <Timestamp at={one.since} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollingTable>
  );
}
