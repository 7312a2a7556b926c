/** All sweeps, newest first, as they stand. */

import { useRef } from 'preact/hooks';
import { countFinished, SWEEP_STATES } from '../../../search/states.ts';
import { formatScore } from '../../../text/names.ts';
import type { Page } from '../../contract/shared.ts';
import type { SweepSummary } from '../../contract/sweeps.ts';
import { apiUrl, getJson } from '../api/http.ts';
import { ActionLink } from '../parts/action.tsx';
import { Command } from '../parts/command.tsx';
import { formatCount, pluralise, shortVersion } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { MethodName, StateTag } from '../parts/labels.tsx';
import { Failed, Loading, shouldShowFailure } from '../parts/load-states.tsx';
import { Progress } from '../parts/progress.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Duration, Timestamp } from '../parts/time.tsx';
import { VersionLink } from '../parts/version-link.tsx';
import { revisions, useThrottled } from '../state/live.ts';
import { type PagedList, usePagedList } from '../state/paged-list.ts';
import { useDebouncedText } from '../state/typed.ts';
import { useUrl } from '../state/url.ts';
import './sweeps.css';

const PAGE = 50;
/** A list needs no more than that. */
const FRESH_EVERY_MS = 2000;
const SEARCH_RESTS_MS = 250;

const listed = (text: string | undefined): readonly string[] => (text === undefined || text === '' ? [] : text.split(','));

export default function SweepsPage() {
  const { parameters, change } = useUrl();
  const { state = '', search = '', dataset = '' } = parameters;
  const chosen = listed(parameters.chosen);
  const list = useSweeps({ state, search, dataset });
  const isFiltered = state !== '' || search !== '' || dataset !== '';
  const choose = (id: string, isChosen: boolean) =>
    change({ chosen: (isChosen ? [...chosen, id] : chosen.filter((one) => one !== id)).join(',') });
  const isNew = list.items?.length === 0 && list.total === 0 && !isFiltered;
  return (
    <>
      <div class="page-head">
        <PageTitle>Sweeps</PageTitle>
        <div class="actions">
          <ActionLink class="primary" href="/sweeps/new">
            New sweep
          </ActionLink>
        </div>
      </div>
      {isNew ? (
        <Beginning />
      ) : (
        <>
          <div class="toolbar">
            <Search value={search} onChange={(text) => change({ search: text })} />
            <div class="field">
              <label for="state">State</label>
              <select id="state" value={state} onChange={(event) => change({ state: event.currentTarget.value })}>
                <option value="">any</option>
                {SWEEP_STATES.map((one) => (
                  <option key={one} value={one}>
                    {one}
                  </option>
                ))}
              </select>
            </div>
            {dataset !== '' && (
              <div class="field">
                <span class="label">Dataset</span>
                <button type="button" onClick={() => change({ dataset: null })} aria-label={`All datasets, not only ${dataset}`}>
                  {dataset} <span aria-hidden="true">×</span>
                </button>
              </div>
            )}
            <div class="end actions">
              {chosen.length > 0 && (
                <button type="button" class="plain small" onClick={() => change({ chosen: null })}>
                  Choose none
                </button>
              )}
              <CompareLink chosen={chosen} />
            </div>
          </div>
          {shouldShowFailure(list.failure, list.items !== null) && <Failed failure={list.failure} retry={list.reload} />}
          {list.items === null && !list.failure && <Loading what="sweeps" height="24rem" />}
          {list.items?.length === 0 && (
            <div class="state">
              <p>None of {pluralise(list.total, 'sweep')} is like that.</p>
              <button type="button" onClick={() => change({ state: null, search: null, dataset: null })}>
                Show all
              </button>
            </div>
          )}
          {list.items !== null && list.items.length > 0 && (
            <>
              <List sweeps={list.items} chosen={chosen} choose={choose} />
              <Pager list={list} shown={list.items.length} />
            </>
          )}
        </>
      )}
    </>
  );
}

interface Filter {
  readonly state: string;
  readonly search: string;
  readonly dataset: string;
}

function useSweeps(filter: Filter): PagedList<SweepSummary> {
  const query = { ...filter, limit: PAGE };
  const told = useThrottled(revisions.value, FRESH_EVERY_MS);
  const answered = useRef(told);
  return usePagedList<SweepSummary>(
    apiUrl('/sweeps', query),
    (cursor, signal) => {
      if (cursor === null) answered.current = told;
      return getJson<Page<SweepSummary>>('/sweeps', { ...query, cursor }, signal);
    },
    told,
    ({ items }, index) => {
      const shown = new Map(items.map(({ sweepId, revision }) => [sweepId, revision]));
      for (const [id, revision] of told) {
        const before = shown.get(id);
        if (before !== undefined && revision > before) return true;
        // What is not on this page may be new, or satisfy the filter by now: then the list's beginning knows.
        if (before === undefined && index === 0 && answered.current.get(id) !== revision) return true;
      }
      return false;
    },
  );
}

/** The text as it is typed; told once the typing rests. */
function Search({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useDebouncedText(value, onChange, SEARCH_RESTS_MS);
  return (
    <div class="field wide">
      <label for="search">Search</label>
      <input
        id="search"
        type="search"
        placeholder="Name, target, dataset"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}

function CompareLink({ chosen }: { readonly chosen: readonly string[] }) {
  const text = chosen.length === 0 ? 'Compare' : `Compare ${chosen.length}`;
  if (chosen.length < 2)
    return (
      <button type="button" aria-disabled="true" title="Choose two sweeps or more">
        {text}
        <span class="unseen">: choose two sweeps or more first</span>
      </button>
    );
  return (
    <a class="button" href={`/compare?sweeps=${chosen.map(encodeURIComponent).join(',')}`}>
      {text}
    </a>
  );
}

function Pager({ list, shown }: { readonly list: PagedList<SweepSummary>; readonly shown: number }) {
  return (
    <div class="pager">
      <span role="status">
        {formatCount(shown)} of {pluralise(list.matched, 'sweep')}
        {list.matched !== list.total && ` that match, of ${formatCount(list.total)} in all`}
      </span>
      {list.hasMore && (
        <button type="button" onClick={list.loadMore}>
          More
        </button>
      )}
    </div>
  );
}

function List({
  sweeps,
  chosen,
  choose,
}: {
  readonly sweeps: readonly SweepSummary[];
  readonly chosen: readonly string[];
  readonly choose: (id: string, isChosen: boolean) => void;
}) {
  return (
    <div class="sweeps">
      <div class="sweeps-head" aria-hidden="true">
        <span />
        <span>Sweep</span>
        <span>State</span>
        <span>Trials</span>
        <span>Best on validation</span>
        <span>Pace</span>
        <span>Started</span>
      </div>
      <ul>
        {sweeps.map((sweep) => (
          <Row key={sweep.sweepId} sweep={sweep} isChosen={chosen.includes(sweep.sweepId)} choose={choose} />
        ))}
      </ul>
    </div>
  );
}

function Row({
  sweep,
  isChosen,
  choose,
}: {
  readonly sweep: SweepSummary;
  readonly isChosen: boolean;
  readonly choose: (id: string, isChosen: boolean) => void;
}) {
  const { sweepId, name, state, counts, dataset, target, best } = sweep;
  return (
    <li class={isChosen ? 'chosen' : undefined}>
      <label class="choose" title="Choose it for a comparison">
        <input
          type="checkbox"
          aria-label={`Choose ${name} for a comparison`}
          checked={isChosen}
          onChange={(event) => choose(sweepId, event.currentTarget.checked)}
        />
      </label>
      <div class="what">
        <a href={`/sweeps/${encodeURIComponent(sweepId)}`}>{name}</a>
        <div class="soft anywhere">
          {target} of{' '}
          <VersionLink dataset={dataset.name} version={dataset.version}>
            {dataset.name}@{shortVersion(dataset.version)}
          </VersionLink>
        </div>
      </div>
      <div>
        <StateTag state={state} />
      </div>
      <div>
        <Progress counts={counts} secondsLeft={state === 'running' ? sweep.secondsLeft : null} />
      </div>
      <div>
        {best.length === 0 ? (
          <span class="soft">no completed trial yet</span>
        ) : (
          <ul class="best" aria-label="Best covered variance on validation">
            {best.map(({ method, k, trialId, validation }) => (
              <li key={method}>
                <MethodName method={method} />
                <a class="number" href={`/trials/${encodeURIComponent(trialId)}`}>
                  {formatScore(validation)}
                </a>
                <span class="soft number">k = {k}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="pace">
        <Sparkline values={sweep.pace} label={paceText(sweep)} />
        <span class="soft number">{rateText(sweep)}</span>
      </div>
      <div class="when">
        <Timestamp at={sweep.startedAt} />
        <span class="soft">
          {sweep.finishedAt === null ? 'for ' : 'took '}
          <Duration seconds={sweep.secondsElapsed} />
          {sweep.finishedAt !== null && (
            <>
              , until <Timestamp at={sweep.finishedAt} />
            </>
          )}
        </span>
      </div>
    </li>
  );
}

/** Trials in a minute, over the whole of it. */
function rateText({ counts, secondsElapsed }: SweepSummary): string {
  const ended = countFinished(counts);
  if (ended === 0 || secondsElapsed <= 0) return '–';
  const rate = (60 * ended) / secondsElapsed;
  return `${rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1)} a minute`;
}

function paceText({ pace, secondsElapsed }: SweepSummary): string {
  if (pace.length === 0) return 'Pace: nothing ended yet';
  const minutes = secondsElapsed / pace.length / 60;
  const perMinute = (trials: number) => (minutes > 0 ? (trials / minutes).toFixed(1) : '0');
  return `Trials that ended in a minute: ${perMinute(Math.max(...pace))} at most, ${perMinute(pace.at(-1) ?? 0)} at the end`;
}

/** For somebody who has nothing here yet. */
function Beginning() {
  return (
    <div class="columns beginning">
      <section class="card">
        <h2>See it at work</h2>
        <p>The demo sweeps all three methods over shipped data of water molecules: 98 trials, within a minute.</p>
        <Command>narrows demo</Command>
      </section>
      <section class="card">
        <h2>Bring your own data</h2>
        <ol>
          <li>
            Make a project folder, and describe your arrays in its <code>dataset.yaml</code>:
            <Command>narrows init my-project</Command>
          </li>
          <li>
            Check and store them:
            <Command>narrows data import my-project</Command>
          </li>
          <li>
            Start a <a href="/sweeps/new">new sweep</a> in these pages, or from a file:
            <Command>narrows sweep start my-project/sweep.yaml</Command>
          </li>
        </ol>
      </section>
    </div>
  );
}
