/** A retraining's runs, shards and events, newest first and page by page. */
import type { ComponentChildren } from 'preact';
import type { RetrainEvent, RetrainRun, Shard } from '../../contract/retraining.ts';
import type { Page } from '../../contract/shared.ts';
import { apiUrl, getJson, type Query } from '../api/http.ts';
import { formatCount } from '../parts/format.ts';
import { Failed, Loading, shouldShowFailure } from '../parts/load-states.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { Duration, Timestamp } from '../parts/time.tsx';
import { VersionLink } from '../parts/version-link.tsx';
import { useRetrainingVersion } from '../state/live.ts';
import { type PagedList, usePagedList } from '../state/paged-list.ts';
import { MessageTag, RunTag, ShardTag, VerdictTag } from './tags.tsx';
import { retrainingPath, runPath } from './text.ts';

const PAGE = 20;

/** What is new stands on the first page. */
export function useList<T>(name: string, what: 'runs' | 'shards' | 'events', query: Query = {}): PagedList<T> {
  const news = useRetrainingVersion(name);
  const path = `${retrainingPath(name)}/${what}`;
  const asked = { ...query, limit: PAGE };
  return usePagedList<T>(
    apiUrl(path, asked),
    (cursor, signal) => getJson<Page<T>>(path, { ...asked, cursor }, signal),
    news,
    (_, index) => index === 0,
  );
}

/** A list with what stands in its place, and its end. `none`: said where there is nothing. */
export function Listed<T>({
  list,
  what,
  none,
  children,
}: {
  readonly list: PagedList<T>;
  readonly what: string;
  readonly none: ComponentChildren;
  readonly children: (items: readonly T[]) => ComponentChildren;
}) {
  const { items, failure, matched, total, hasMore, loading } = list;
  return (
    <>
      {shouldShowFailure(failure, items !== null) && <Failed failure={failure} retry={list.reload} />}
      {items === null && !failure && <Loading what={what} height="10rem" />}
      {items?.length === 0 && <p class="soft small">{none}</p>}
      {items !== null && items.length > 0 && (
        <>
          {children(items)}
          <p class="pager">
            <span>
              {formatCount(items.length)} of {formatCount(matched)} {what}
              {matched < total && <> ({formatCount(total)} in all)</>}
            </span>
            {hasMore && (
              <button type="button" disabled={loading} onClick={list.loadMore}>
                More
              </button>
            )}
          </p>
        </>
      )}
    </>
  );
}

export function RunsTable({ runs, dataset }: { readonly runs: readonly RetrainRun[]; readonly dataset: string }) {
  return (
    <ScrollingTable label="Runs">
      <table>
        <thead>
          <tr>
            <th scope="col">Begun</th>
            <th scope="col">Outcome</th>
            <th scope="col">Drift</th>
            <th scope="col" class="number">
              Replaced
            </th>
            <th scope="col">Data</th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col" class="wordy">
              In words
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.runId}>
              <th scope="row">
                <a href={runPath(run.retraining, run.runId)}>
                  <Timestamp at={run.startedAt} />
                </a>
              </th>
              <td>
                <RunTag outcome={run.outcome} />
              </td>
              <td>
                <VerdictTag verdict={run.verdict} />
              </td>
              <td class="number">{run.challenged === null ? '–' : `${run.promoted} of ${run.challenged}`}</td>
              <td class="nowrap">{run.toVersion === null ? '–' : <VersionLink dataset={dataset} version={run.toVersion} />}</td>
              <td class="number">
                <Duration seconds={secondsOf(run)} />
              </td>
              <td>{run.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollingTable>
  );
}

export const secondsOf = ({ startedAt, finishedAt }: RetrainRun): number | null =>
  finishedAt === null ? null : (new Date(finishedAt).getTime() - new Date(startedAt).getTime()) / 1000;

export function ShardsTable({ shards, dataset }: { readonly shards: readonly Shard[]; readonly dataset: string }) {
  return (
    <ScrollingTable label="Shards">
      <table>
        <thead>
          <tr>
            <th scope="col">Seen</th>
            <th scope="col">Where</th>
            <th scope="col">Outcome</th>
            <th scope="col">Data</th>
            <th scope="col" class="wordy">
              In words
            </th>
          </tr>
        </thead>
        <tbody>
          {shards.map(({ folder, content, outcome, version, message, seenAt }) => (
            <tr key={`${folder} ${content}`}>
              <td>
                <Timestamp at={seenAt} />
              </td>
              <th scope="row" class="anywhere wordy">
                {folder}
              </th>
              <td>
                <ShardTag outcome={outcome} />
              </td>
              <td class="nowrap">{version === null ? '–' : <VersionLink dataset={dataset} version={version} />}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollingTable>
  );
}

const KINDS: Readonly<Record<RetrainEvent['kind'], string>> = {
  'shard-rejected': 'a shard was not taken',
  'source-failed': 'a source was lost',
  'source-recovered': 'a source is back',
  first: 'first champions',
  kept: 'champions stay',
  promoted: 'champions replaced',
  failed: 'a run failed',
  rollback: 'rolled back',
};

/** `name`: of the retraining, to lead to the runs; null on the page of a run itself. */
export function EventList({ events, name }: { readonly events: readonly RetrainEvent[]; readonly name: string | null }) {
  return (
    <ul class="told">
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
          <Text of={text} />
          {messages.length > 0 && (
            <ul class="messages soft small">
              {messages.map((message) => (
                <li key={message.channel}>
                  {message.channel} <MessageTag state={message.state} /> <Way of={message} />
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The first line says what happened; the others why. */
function Text({ of }: { readonly of: string }) {
  const [first = '', ...others] = of.split('\n');
  return (
    <>
      <p>{first}</p>
      {others.length > 0 && (
        <details>
          <summary>All that was told</summary>
          <p>{others.join('\n')}</p>
        </details>
      )}
    </>
  );
}

/** How far a message has come. */
function Way({ of: { attempts, lastError, deliveredAt } }: { readonly of: RetrainEvent['messages'][number] }) {
  if (deliveredAt !== null) return <Timestamp at={deliveredAt} />;
  if (attempts === 0) return null;
  return (
    <>
      tried {attempts}×{lastError !== null && `: ${lastError}`}
    </>
  );
}
