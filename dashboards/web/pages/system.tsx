/** The servers behind the pages, as they are now. */
import type { ComponentChildren } from 'preact';
import type { System } from '../../contract/system.ts';
import { getJson } from '../api/http.ts';
import { Facts } from '../parts/facts.tsx';
import { formatBytes, formatCount } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { Show } from '../parts/load-states.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { Timestamp } from '../parts/time.tsx';
import { useInterval } from '../state/interval.ts';
import { useLoad } from '../state/load.ts';
import './system.css';

const EVERY_MS = 5000;

export default function SystemPage() {
  const system = useLoad('system', (signal) => getJson<System>('/system', {}, signal), useInterval(EVERY_MS));
  return (
    <>
      <div class="page-head">
        <div>
          <PageTitle>System</PageTitle>
          <p class="soft small">Looked at every {EVERY_MS / 1000} s while this page is seen.</p>
        </div>
      </div>
      <Show of={system} what="the servers' state" height="30rem">
        {(now) => <Parts system={now} />}
      </Show>
    </>
  );
}

function Parts({ system: { version, database, temporal, queues, engines } }: { readonly system: System }) {
  return (
    <div class="stack">
      <div class="columns servers">
        <Server
          name="Database"
          address={database.address}
          isReachable={database.reachable}
          lost="Nothing can be shown or started until it is back."
        >
          <Facts
            of={[
              ['Address', <code>{database.address}</code>],
              ['Postgres', database.version],
              ['Size', database.bytes === null ? null : formatBytes(database.bytes)],
              ['Trials', database.trials === null ? null : formatCount(database.trials)],
            ]}
          />
        </Server>
        <Server
          name="Temporal"
          address={temporal.address}
          isReachable={temporal.reachable}
          lost="Results are here; sweeps rest until it is back, and go on then."
        >
          <Facts
            of={[
              ['Address', <code>{temporal.address}</code>],
              ['Namespace', temporal.namespace],
              ['Version', temporal.version],
              [
                'Its own pages',
                temporal.url === null ? (
                  'not served'
                ) : (
                  <a href={temporal.url} target="_blank" rel="noreferrer">
                    {temporal.url}
                  </a>
                ),
              ],
            ]}
          />
        </Server>
        <section class="card">
          <h2>narrows</h2>
          <Facts
            of={[
              ['Version', version],
              [
                'API',
                <a href="/openapi.json" target="_blank" rel="noopener">
                  openapi.json
                </a>,
              ],
            ]}
          />
        </section>
      </div>
      <Queues queues={queues} isReachable={temporal.reachable} />
      <Engines engines={engines} />
    </div>
  );
}

function Server({
  name,
  address,
  isReachable,
  lost,
  children,
}: {
  readonly name: string;
  readonly address: string;
  readonly isReachable: boolean;
  /** What it means that it is away. */
  readonly lost: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="card">
      <h2>
        {name} <span class={`tag ${isReachable ? 'good' : 'bad'}`}>{isReachable ? 'reachable' : 'unreachable'}</span>
      </h2>
      {!isReachable && (
        <p class="note bad">
          Nobody answers at {address}. {lost}
        </p>
      )}
      {children}
    </section>
  );
}

function Queues({ queues, isReachable }: { readonly queues: System['queues']; readonly isReachable: boolean }) {
  return (
    <section>
      <h2 id="queues">Queues and their workers</h2>
      {queues.some(({ workers }) => workers.length === 0) && isReachable && (
        <p class="note warn">
          A queue without a worker is not worked on. <code>narrows up</code> starts workers here, <code>narrows worker</code> on
          other machines.
        </p>
      )}
      <ScrollingTable labelledBy="queues">
        <table>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col">Work</th>
              <th scope="col" class="number">
                Waiting
              </th>
              <th scope="col">Workers, last seen</th>
            </tr>
          </thead>
          <tbody>
            {queues.map(({ name, role, backlog, workers }) => (
              <tr key={`${name} ${role}`}>
                <th scope="row">{name}</th>
                <td>{role}</td>
                <td class="number">{backlog === null ? 'unknown' : formatCount(backlog)}</td>
                <td>
                  {workers.length === 0 && <span class="soft">{isReachable ? 'none' : 'unknown'}</span>}
                  {workers.map(({ identity, lastSeen }) => (
                    <div key={identity}>
                      <code class="anywhere">{identity}</code>{' '}
                      <span class="soft">
                        <Timestamp at={lastSeen} />
                      </span>
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollingTable>
    </section>
  );
}

function Engines({ engines }: { readonly engines: System['engines'] }) {
  return (
    <section>
      <h2 id="engines">Engines of the last days</h2>
      {engines.length === 0 ? (
        <p class="soft">No trial was trained in the last days.</p>
      ) : (
        <ScrollingTable labelledBy="engines">
          <table>
            <thead>
              <tr>
                <th scope="col">Engine</th>
                <th scope="col">Build</th>
                <th scope="col">Host</th>
                <th scope="col" class="number">
                  Trials
                </th>
                <th scope="col">Last trial</th>
              </tr>
            </thead>
            <tbody>
              {engines.map(({ engine, build, host, trials, lastTrial }) => (
                <tr key={`${engine} ${build} ${host}`}>
                  <th scope="row">{engine}</th>
                  <td>
                    <code>{build}</code>
                  </td>
                  <td>{host}</td>
                  <td class="number">{formatCount(trials)}</td>
                  <td>
                    <Timestamp at={lastTrial} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollingTable>
      )}
    </section>
  );
}
