/** The servers behind the pages. */
import type { ComponentChildren } from 'preact';
import { formatBytes } from '../../../text/format.ts';
import type { System } from '../../contract/system.ts';
import { Facts } from '../parts/facts.tsx';
import { formatCount } from '../parts/format.ts';
import { Show } from '../parts/load-states.tsx';
import { PageHead, Section } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { Timestamp } from '../parts/time.tsx';
import { useInterval } from '../state/interval.ts';
import { useJson } from '../state/load.ts';
import './system.css';

const REFRESH_MS = 5000;

export default function SystemPage() {
  const system = useJson<System>('/system', {}, useInterval(REFRESH_MS));
  return (
    <>
      <PageHead title="System">
        <p class="soft small">Refreshed every {REFRESH_MS / 1000} s.</p>
      </PageHead>
      <Show of={system} what="the state of the servers" height="30rem">
        {(current) => <Servers system={current} />}
      </Show>
    </>
  );
}

function Servers({ system: { version, database, temporal, processes, queues, engines } }: { readonly system: System }) {
  return (
    <div class="stack">
      <div class="columns servers">
        <Server name="Database" of={database} impact="Nothing can be shown or started until it is back.">
          <Facts
            of={[
              ['Address', <code>{database.address}</code>],
              ['Postgres', database.version],
              ['Size', database.bytes === null ? null : formatBytes(database.bytes)],
              ['Arrays', `${formatBytes(database.arrays.bytes)} in ${database.arrays.location}`],
              ['Trials', database.trials === null ? null : formatCount(database.trials)],
            ]}
          />
        </Server>
        <Server name="Temporal" of={temporal} impact="Results remain available; sweeps continue once it is back.">
          <Facts
            of={[
              ['Address', <code>{temporal.address}</code>],
              ['Namespace', temporal.namespace],
              ['Version', temporal.version],
              ['Web UI', temporal.url === null ? 'not running' : <ExternalLink href={temporal.url}>{temporal.url}</ExternalLink>],
            ]}
          />
        </Server>
        <section class="card">
          <h2>narrows</h2>
          <Facts
            of={[
              ['Version', version],
              ['API', <ExternalLink href="/openapi.json">openapi.json</ExternalLink>],
              ['Processes', processes.length === 0 ? null : <Processes of={processes} />],
            ]}
          />
        </section>
      </div>
      <Queues queues={queues} isReachable={temporal.reachable} />
      <Section id="engines" title="Recent engines">
        {engines.length === 0 ? (
          <p class="soft">No recent trials.</p>
        ) : (
          <RecordTable
            labelledBy="engines"
            rows={engines}
            columns={ENGINES}
            keyOf={({ engine, build, host }) => `${engine} ${build} ${host}`}
          />
        )}
      </Section>
    </div>
  );
}

const Processes = ({ of: processes }: { readonly of: System['processes'] }) =>
  processes.map(({ name, answers }) => (
    <div key={name}>
      {name} {!answers && <span class="tag bad">not answering</span>}
    </div>
  ));

const ENGINES: readonly Column<System['engines'][number]>[] = [
  { title: 'Engine', header: true, cell: ({ engine }) => engine },
  { title: 'Build', cell: ({ build }) => <code>{build}</code> },
  { title: 'Host', cell: ({ host }) => host },
  { title: 'Trials', number: true, cell: ({ trials }) => formatCount(trials) },
  { title: 'Last trial', cell: ({ lastTrial }) => <Timestamp at={lastTrial} /> },
];

const ExternalLink = ({ href, children }: { readonly href: string; readonly children: string }) => (
  <a href={href} target="_blank" rel="noreferrer">
    {children}
  </a>
);

interface ServerProps {
  readonly name: string;
  readonly of: { readonly address: string; readonly reachable: boolean };
  /** Consequence of an outage. */
  readonly impact: string;
  readonly children: ComponentChildren;
}

function Server({ name, of: { address, reachable }, impact, children }: ServerProps) {
  return (
    <section class="card">
      <h2>
        {name} <span class={`tag ${reachable ? 'good' : 'bad'}`}>{reachable ? 'reachable' : 'unreachable'}</span>
      </h2>
      {!reachable && (
        <p class="note bad">
          No response from {address}. {impact}
        </p>
      )}
      {children}
    </section>
  );
}

function Queues({ queues, isReachable }: { readonly queues: System['queues']; readonly isReachable: boolean }) {
  const columns: readonly Column<System['queues'][number]>[] = [
    { title: 'Queue', header: true, cell: ({ name }) => name },
    { title: 'Role', cell: ({ role }) => role },
    { title: 'Class', cell: ({ class: name, engine }) => [name, engine].filter((part) => part !== null).join(', ') },
    { title: 'Backlog', number: true, cell: ({ backlog }) => (backlog === null ? 'unknown' : formatCount(backlog)) },
    {
      title: 'Workers, last seen',
      cell: ({ workers }) =>
        workers.length === 0 ? (
          <span class="soft">{isReachable ? 'none' : 'unknown'}</span>
        ) : (
          workers.map(({ identity, lastSeen }) => (
            <div key={identity}>
              <code class="anywhere">{identity}</code>{' '}
              <span class="soft">
                <Timestamp at={lastSeen} />
              </span>
            </div>
          ))
        ),
    },
  ];
  return (
    <Section id="queues" title="Task queues">
      {queues.some(({ workers }) => workers.length === 0) && isReachable && (
        <p class="note warn">
          A queue has no worker. <code>narrows up</code> starts workers here, <code>narrows worker</code> on other machines.
        </p>
      )}
      <RecordTable labelledBy="queues" rows={queues} columns={columns} keyOf={({ name, role }) => `${name} ${role}`} />
    </Section>
  );
}
