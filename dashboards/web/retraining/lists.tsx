/** Runs, shards and notifications of a retraining, newest first. */
import type { RetrainEvent, RetrainRun, Shard } from '../../contract/retraining.ts';
import type { Page } from '../../contract/shared.ts';
import { apiUrl, getJson, type Query } from '../api/http.ts';
import { VersionLink } from '../parts/links.tsx';
import { retrainingPath, runPath } from '../parts/paths.ts';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { Duration, Timestamp } from '../parts/time.tsx';
import { useRetrainingVersion } from '../state/live.ts';
import { type PagedList, usePagedList } from '../state/paged-list.ts';
import { MessageTag, RunTag, ShardTag, VerdictTag } from './tags.tsx';

const PAGE_SIZE = 20;

/** New items appear on the first page, so that others never become stale. */
export function useList<T>(name: string, resource: 'runs' | 'shards' | 'events', filter: Query = {}): PagedList<T> {
  const version = useRetrainingVersion(name);
  const path = `${retrainingPath(name)}/${resource}`;
  const query = { ...filter, limit: PAGE_SIZE };
  return usePagedList<T>(
    apiUrl(path, query),
    (cursor, signal) => getJson<Page<T>>(path, { ...query, cursor }, signal),
    version,
    (_, index) => index === 0,
  );
}

export function RunsTable({ runs, dataset }: { readonly runs: readonly RetrainRun[]; readonly dataset: string }) {
  const columns: readonly Column<RetrainRun>[] = [
    {
      title: 'Started',
      header: true,
      cell: ({ retraining, runId, startedAt }) => (
        <a href={runPath(retraining, runId)}>
          <Timestamp at={startedAt} />
        </a>
      ),
    },
    { title: 'Outcome', cell: ({ outcome }) => <RunTag outcome={outcome} /> },
    { title: 'Drift', cell: ({ verdict }) => <VerdictTag verdict={verdict} /> },
    {
      title: 'Promoted',
      number: true,
      cell: ({ challenged, promoted }) => (challenged === null ? '–' : `${promoted} of ${challenged}`),
    },
    {
      title: 'Data',
      class: 'nowrap',
      cell: ({ toVersion }) => (toVersion === null ? '–' : <VersionLink dataset={dataset} version={toVersion} />),
    },
    { title: 'Duration', number: true, cell: (run) => <Duration seconds={durationOf(run)} /> },
    { title: 'Summary', class: 'wordy', cell: ({ message }) => message },
  ];
  return <RecordTable label="Runs" rows={runs} columns={columns} keyOf={({ runId }) => runId} />;
}

/** Duration in seconds; null while the run is in progress. */
export const durationOf = ({ startedAt, finishedAt }: RetrainRun): number | null =>
  finishedAt === null ? null : (new Date(finishedAt).getTime() - new Date(startedAt).getTime()) / 1000;

export function ShardsTable({ shards, dataset }: { readonly shards: readonly Shard[]; readonly dataset: string }) {
  const columns: readonly Column<Shard>[] = [
    { title: 'Seen', cell: ({ seenAt }) => <Timestamp at={seenAt} /> },
    { title: 'Source', header: true, class: 'anywhere wordy', cell: ({ folder }) => folder },
    { title: 'Outcome', cell: ({ outcome }) => <ShardTag outcome={outcome} /> },
    {
      title: 'Data',
      class: 'nowrap',
      cell: ({ version }) => (version === null ? '–' : <VersionLink dataset={dataset} version={version} />),
    },
    { title: 'Message', class: 'wordy', cell: ({ message }) => message },
  ];
  return <RecordTable label="Shards" rows={shards} columns={columns} keyOf={({ folder, content }) => `${folder} ${content}`} />;
}

const KINDS: Readonly<Record<RetrainEvent['kind'], string>> = {
  'shard-rejected': 'Shard rejected',
  'source-failed': 'Source unavailable',
  'source-recovered': 'Source available again',
  first: 'First champions',
  kept: 'Champions kept',
  promoted: 'Challengers promoted',
  failed: 'Run failed',
  rollback: 'Rolled back',
};

/** `name`: of the retraining, to link to the runs; null on the page of a run itself. */
export function EventList({ events, name }: { readonly events: readonly RetrainEvent[]; readonly name: string | null }) {
  return (
    <ul class="events">
      {events.map(({ eventId, at, kind, runId, text, messages }) => (
        <li key={eventId}>
          <strong>{KINDS[kind]}</strong>{' '}
          {name !== null && runId !== null ? (
            <a class="small" href={runPath(name, runId)}>
              <Timestamp at={at} />
            </a>
          ) : (
            <span class="small">
              <Timestamp at={at} />
            </span>
          )}
          <EventText of={text} />
          {messages.length > 0 && (
            <ul class="messages soft small">
              {messages.map((message) => (
                <li key={message.channel}>
                  {message.channel} <MessageTag state={message.state} /> <Delivery of={message} />
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The first line is the summary; the others are collapsed. */
function EventText({ of }: { readonly of: string }) {
  const [first = '', ...others] = of.split('\n');
  return (
    <>
      <p>{first}</p>
      {others.length > 0 && (
        <details>
          <summary>Full message</summary>
          <p>{others.join('\n')}</p>
        </details>
      )}
    </>
  );
}

/** When a message was delivered, or how often delivery failed. */
function Delivery({ of: { attempts, lastError, deliveredAt } }: { readonly of: RetrainEvent['messages'][number] }) {
  if (deliveredAt !== null) return <Timestamp at={deliveredAt} />;
  if (attempts === 0) return null;
  return (
    <>
      {attempts === 1 ? '1 attempt' : `${attempts} attempts`}
      {lastError !== null && `: ${lastError}`}
    </>
  );
}
