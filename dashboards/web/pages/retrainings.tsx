/** Every retraining: when it fires next, and what its last run came to. */
import type { Retraining } from '../../contract/retraining.ts';
import { getJson } from '../api/http.ts';
import { Command } from '../parts/command.tsx';
import { formatCount, pluralise } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { Show } from '../parts/load-states.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { Timestamp } from '../parts/time.tsx';
import { VersionLink } from '../parts/version-link.tsx';
import { RunTag, ScheduleTag } from '../retraining/tags.tsx';
import { retrainingPath, runPath } from '../retraining/text.ts';
import { useRetrainingVersion } from '../state/live.ts';
import { useLoad } from '../state/load.ts';

export default function RetrainingsPage() {
  const news = useRetrainingVersion(null);
  const list = useLoad('retrainings', (signal) => getJson<{ items: Retraining[] }>('/retrainings', {}, signal), news);
  return (
    <>
      <div class="page-head">
        <div>
          <PageTitle>Retraining</PageTitle>
          <p class="soft small">
            As data arrive, models in use are held against them, and replaced where a challenger covers more.
          </p>
        </div>
      </div>
      <Show of={list} what="retrainings" height="16rem">
        {({ items }) => (items.length === 0 ? <Beginning /> : <List of={items} />)}
      </Show>
    </>
  );
}

function List({ of }: { readonly of: readonly Retraining[] }) {
  return (
    <>
      <ScrollingTable label="Retrainings">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Data</th>
              <th scope="col">Schedule</th>
              <th scope="col">Next</th>
              <th scope="col" class="number">
                Champions
              </th>
              <th scope="col">Last run</th>
            </tr>
          </thead>
          <tbody>
            {of.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  <a href={retrainingPath(one.name)}>{one.name}</a>
                </th>
                <td>
                  {one.target} of {one.dataset}
                  {one.newest && (
                    <div class="soft small">
                      <VersionLink dataset={one.dataset} version={one.newest.version} />, {pluralise(one.newest.rows, 'row')}
                    </div>
                  )}
                </td>
                <td class="nowrap">
                  {one.schedule.words} <ScheduleTag of={one.schedule} />
                </td>
                <td>
                  <Timestamp at={one.schedule.next[0] ?? null} />
                </td>
                <td class="number">
                  {one.champions === 0 ? (
                    '0'
                  ) : (
                    <a href={`/champions?retraining=${encodeURIComponent(one.name)}`}>{formatCount(one.champions)}</a>
                  )}
                </td>
                <td class="nowrap">
                  {one.lastRun === null ? (
                    'none yet'
                  ) : (
                    <>
                      <RunTag outcome={one.lastRun.outcome} />{' '}
                      <a href={runPath(one.name, one.lastRun.runId)}>
                        <Timestamp at={one.lastRun.startedAt} />
                      </a>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollingTable>
      <p class="pager">{pluralise(of.length, 'retraining')}</p>
    </>
  );
}

function Beginning() {
  return (
    <div class="state">
      <h2>Nothing is retrained yet</h2>
      <p>A sweep's spec, a schedule, and a folder that new data are put in are all it takes:</p>
      <Command>narrows retrain start sweep.yaml --every 1h --watch-dir incoming</Command>
      <p>Or see it happen in two minutes, on the shipped data of water molecules:</p>
      <Command>narrows demo-retrain</Command>
    </div>
  );
}
