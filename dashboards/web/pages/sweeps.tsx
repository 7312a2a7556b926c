/** All sweeps, newest first. */
import { useRef } from 'preact/hooks';
import { MOST_COMPARED_SWEEPS } from '../../../models/evaluation/comparison.ts';
import { countFinished, SWEEP_STATES } from '../../../search/states.ts';
import { formatScore } from '../../../text/names.ts';
import type { Page } from '../../contract/shared.ts';
import type { SweepSummary } from '../../contract/sweeps.ts';
import { apiUrl, getJson } from '../api/http.ts';
import { ActionLink } from '../parts/action.tsx';
import { Command } from '../parts/command.tsx';
import { formatCount, formatElapsed } from '../parts/format.ts';
import { MethodName, StateTag } from '../parts/labels.tsx';
import { SweepLink, VersionLink } from '../parts/links.tsx';
import { Empty } from '../parts/load-states.tsx';
import { ALL, DebouncedInput, Listed, optionsOf, PageHead, SelectField } from '../parts/page.tsx';
import { trialPath } from '../parts/paths.ts';
import { Progress } from '../parts/progress.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Timestamp } from '../parts/time.tsx';
import { revisions, useThrottled } from '../state/live.ts';
import { type PagedList, usePagedList } from '../state/paged-list.ts';
import { useUrl } from '../state/url.ts';
import './sweeps.css';

const PAGE_SIZE = 50;
const REFRESH_MS = 2000;
const SEARCH_MS = 250;

const parseList = (text: string | undefined): readonly string[] => (text === undefined || text === '' ? [] : text.split(','));

interface Selection {
  readonly selected: readonly string[];
  readonly select: (id: string, isSelected: boolean) => void;
}

export default function SweepsPage() {
  const { parameters, change } = useUrl();
  const { state = '', search = '', dataset = '' } = parameters;
  const selected = parseList(parameters.chosen);
  const list = useSweeps({ state, search, dataset });
  const select = (id: string, isSelected: boolean) =>
    change({ chosen: (isSelected ? [...selected, id] : selected.filter((one) => one !== id)).join(',') });
  const isFiltered = state !== '' || search !== '' || dataset !== '';
  const isNew = list.items?.length === 0 && list.total === 0 && !isFiltered;
  return (
    <>
      <PageHead
        title="Sweeps"
        actions={
          <div class="actions">
            <ActionLink class="primary" href="/sweeps/new">
              New sweep
            </ActionLink>
          </div>
        }
      />
      {isNew ? (
        <GettingStarted />
      ) : (
        <>
          <div class="toolbar">
            <div class="field wide">
              <label for="search">Search</label>
              <DebouncedInput
                id="search"
                type="search"
                placeholder="Name, dataset, target"
                autocomplete="off"
                spellcheck={false}
                value={search}
                onText={(text) => change({ search: text })}
                milliseconds={SEARCH_MS}
              />
            </div>
            <SelectField
              id="state"
              label="State"
              value={state}
              options={[ALL, ...optionsOf(SWEEP_STATES)]}
              onChange={(value) => change({ state: value })}
            />
            {dataset !== '' && (
              <div class="field">
                <span class="label">Dataset</span>
                <button type="button" onClick={() => change({ dataset: null })} aria-label={`Remove filter: dataset ${dataset}`}>
                  {dataset} <span aria-hidden="true">×</span>
                </button>
              </div>
            )}
            <div class="end actions">
              {selected.length > 0 && (
                <button type="button" class="plain small" onClick={() => change({ chosen: null })}>
                  Clear selection
                </button>
              )}
              <CompareLink selected={selected} />
            </div>
          </div>
          <Listed
            list={list}
            noun="sweep"
            height="24rem"
            empty={
              <Empty>
                <p>No sweep matches the filter.</p>
                <button type="button" onClick={() => change({ state: null, search: null, dataset: null })}>
                  Reset
                </button>
              </Empty>
            }
          >
            {(sweeps) => <List sweeps={sweeps} selected={selected} select={select} />}
          </Listed>
        </>
      )}
    </>
  );
}

function useSweeps(filter: Readonly<Record<'state' | 'search' | 'dataset', string>>): PagedList<SweepSummary> {
  const query = { ...filter, limit: PAGE_SIZE };
  const current = useThrottled(revisions.value, REFRESH_MS);
  /** Revisions when the first page was loaded. */
  const loaded = useRef(current);
  return usePagedList<SweepSummary>(
    apiUrl('/sweeps', query),
    (cursor, signal) => {
      if (cursor === null) loaded.current = current;
      return getJson<Page<SweepSummary>>('/sweeps', { ...query, cursor }, signal);
    },
    current,
    ({ items }, index) => {
      const shown = new Map(items.map(({ sweepId, revision }) => [sweepId, revision]));
      for (const [id, revision] of current) {
        const known = shown.get(id);
        if (known !== undefined && revision > known) return true;
        // A sweep on no page may be new or match the filter by now: reloading the first page finds
        // it.
        if (known === undefined && index === 0 && loaded.current.get(id) !== revision) return true;
      }
      return false;
    },
  );
}

function CompareLink({ selected }: Pick<Selection, 'selected'>) {
  const text = selected.length === 0 ? 'Compare' : `Compare ${selected.length}`;
  const isFew = selected.length < 2;
  if (isFew || selected.length > MOST_COMPARED_SWEEPS) {
    const what = isFew ? 'at least two sweeps' : `at most ${MOST_COMPARED_SWEEPS} sweeps`;
    return (
      <button type="button" aria-disabled="true" title={`Select ${what}`}>
        {text}
        <span class="unseen">{isFew ? `: select ${what} first` : `: select ${what}`}</span>
      </button>
    );
  }
  return (
    <a class="button" href={`/compare?sweeps=${selected.map(encodeURIComponent).join(',')}`}>
      {text}
    </a>
  );
}

function List({ sweeps, selected, select }: Selection & { readonly sweeps: readonly SweepSummary[] }) {
  return (
    <div class="sweeps">
      <div class="sweeps-head" aria-hidden="true">
        {['', 'Sweep', 'State', 'Trials', 'Best trial', 'Throughput', 'Started'].map((title) => (
          <span key={title}>{title}</span>
        ))}
      </div>
      <ul>
        {sweeps.map((sweep) => (
          <Row key={sweep.sweepId} sweep={sweep} isSelected={selected.includes(sweep.sweepId)} select={select} />
        ))}
      </ul>
    </div>
  );
}

type RowProps = Pick<Selection, 'select'> & { readonly sweep: SweepSummary; readonly isSelected: boolean };

function Row({ sweep, isSelected, select }: RowProps) {
  const { sweepId, name, state, counts, dataset, target, best } = sweep;
  return (
    <li class={isSelected ? 'chosen' : undefined}>
      <label class="choose" title="Select to compare">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={isSelected}
          onChange={(event) => select(sweepId, event.currentTarget.checked)}
        />
      </label>
      <div class="what">
        <SweepLink id={sweepId} name={name} />
        <div class="soft anywhere">
          {target} of <VersionLink dataset={dataset.name} version={dataset.version} isFull />
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
          <span class="soft">no completed trials yet</span>
        ) : (
          <ul class="best" aria-label="Best validation score">
            {best.map(({ method, k, trialId, validation }) => (
              <li key={method}>
                <MethodName method={method} />
                <a class="number" href={trialPath(trialId)}>
                  {formatScore(validation)}
                </a>
                <span class="soft number">k = {k}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="pace">
        <Sparkline values={sweep.pace} label={describeThroughput(sweep)} />
        <span class="soft number">{formatThroughput(sweep)}</span>
      </div>
      <div class="when">
        <Timestamp at={sweep.startedAt} />
        <span class="soft">
          {sweep.finishedAt === null ? 'running for ' : 'took '}
          <span class="number">{formatElapsed(sweep)}</span>
          {sweep.finishedAt !== null && (
            <>
              , finished <Timestamp at={sweep.finishedAt} />
            </>
          )}
        </span>
      </div>
    </li>
  );
}

/** Returns the mean throughput while the sweep ran. */
function formatThroughput({ counts, secondsElapsed, secondsIdle }: SweepSummary): string {
  const finished = countFinished(counts);
  const seconds = secondsElapsed - secondsIdle;
  if (finished === 0 || seconds <= 0) return '–';
  const rate = (60 * finished) / seconds;
  return `${rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1)} trials/min`;
}

function describeThroughput({ pace, secondsElapsed }: SweepSummary): string {
  if (pace.length === 0) return 'Throughput: no finished trials yet';
  const minutes = secondsElapsed / pace.length / 60;
  const perMinute = (trials: number) => (minutes > 0 ? (trials / minutes).toFixed(1) : '0');
  return `Throughput: at most ${perMinute(Math.max(...pace))}, at the end ${perMinute(pace.at(-1) ?? 0)} trials/min`;
}

function GettingStarted() {
  return (
    <div class="columns beginning">
      <section class="card">
        <h2>Try the demo</h2>
        <p>It sweeps all three methods over shipped data of water molecules: 98 trials within a minute.</p>
        <Command>narrows demo</Command>
      </section>
      <section class="card">
        <h2>Use your own data</h2>
        <ol>
          <li>
            Create a project folder, and describe your arrays in its <code>dataset.yaml</code>:
            <Command>narrows init my-project</Command>
          </li>
          <li>
            Import them:
            <Command>narrows data import my-project</Command>
          </li>
          <li>
            Start a <a href="/sweeps/new">new sweep</a> here, or from a file:
            <Command>narrows sweep start my-project/sweep.yaml</Command>
          </li>
        </ol>
      </section>
    </div>
  );
}
