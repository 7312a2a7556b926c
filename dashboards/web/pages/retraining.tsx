/** One retraining: its schedule, what its champions cover as data grow, its runs, what people were told, what its sources brought. */
import '../retraining/retraining.css';
import { useRoute } from 'preact-iso';
import type {
  Champion,
  RetrainEvent,
  RetrainHistory,
  RetrainingDetail,
  RetrainRun,
  RetrainRunDetail,
  Shard,
} from '../../contract/retraining.ts';
import { getJson } from '../api/http.ts';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { Command } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Figure } from '../parts/figure.tsx';
import { formatDuration, pluralise, shortVersion } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { Loading, Show } from '../parts/load-states.tsx';
import { Timestamp } from '../parts/time.tsx';
import { VersionLink } from '../parts/version-link.tsx';
import { RetrainingActions } from '../retraining/actions.tsx';
import { ChampionsTable } from '../retraining/champions-table.tsx';
import { HistoryChart } from '../retraining/history-chart.tsx';
import { EventList, Listed, RunsTable, ShardsTable, useList } from '../retraining/lists.tsx';
import { ScheduleTag } from '../retraining/tags.tsx';
import { historyTable, retrainingPath, runPath } from '../retraining/text.ts';
import { useInterval } from '../state/interval.ts';
import { useRetrainingVersion } from '../state/live.ts';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';

/** Firings to come that are told. */
const FIRINGS = 3;
/** Milliseconds between two looks at a run under way. */
const STAGE_EVERY = 2000;
/** What is not left out of the runs: those that find nothing new say nothing. */
const TELLING = 'running,first,kept,promoted,failed,failed-source';

export default function RetrainingPage() {
  const { params } = useRoute();
  return <OneRetraining key={params.retraining} name={params.retraining ?? ''} />;
}

function OneRetraining({ name }: { readonly name: string }) {
  const news = useRetrainingVersion(name);
  const path = retrainingPath(name);
  const loaded = useLoad(path, (signal) => getJson<RetrainingDetail>(path, {}, signal), news);
  return (
    <>
      {loaded.data === null && <PageTitle window={name}>{name}</PageTitle>}
      <Show of={loaded} what="the retraining" height="60rem">
        {(retraining) => (
          <div class="stack">
            <Head of={retraining} onDone={loaded.reload} />
            <History name={name} news={news} />
            <Runs of={retraining} />
            <Champions name={name} news={news} />
            <Told name={name} />
            <Shards of={retraining} />
            <details>
              <summary>The spec that is trained</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre tabIndex={0}>{retraining.yaml}</pre>
            </details>
          </div>
        )}
      </Show>
    </>
  );
}

function Head({ of, onDone }: { readonly of: RetrainingDetail; readonly onDone: () => void }) {
  const { name, dataset, target, schedule, options, newest, watchDir, url, lastRun } = of;
  return (
    <div>
      <div class="page-head">
        <div>
          <Breadcrumbs of={[['/retrainings', 'Retraining']]} />
          <PageTitle window={name}>
            {name} <ScheduleTag of={schedule} />
          </PageTitle>
          <p>
            <strong>{target}</strong> of {dataset}
            {newest && (
              <>
                {' '}
                <VersionLink dataset={dataset} version={newest.version}>
                  {shortVersion(newest.version)}
                </VersionLink>
                , {pluralise(newest.rows, 'row')}
              </>
            )}
          </p>
        </div>
        <RetrainingActions of={of} onDone={onDone} />
      </div>
      {schedule.state === 'unknown' && (
        <p class="note warn">Temporal does not answer just now: whether it is paused and when it fires next is not known.</p>
      )}
      {schedule.state === 'missing' && (
        <p class="note bad">
          Temporal knows of no schedule of this name. Make it anew: <code>narrows retrain remove</code>, then start it again. The
          champions stay.
        </p>
      )}
      {schedule.state === 'removed' && <p class="note">It was removed and fires no more; its champions and runs stay.</p>}
      {lastRun?.outcome === 'running' && <UnderWay name={name} runId={lastRun.runId} />}
      <div class="columns">
        <Facts
          of={[
            ['Fires', schedule.words],
            ['Next', schedule.next.length === 0 ? null : <Firings key="next" at={schedule.next.slice(0, FIRINGS)} />],
            ['Folder', watchDir],
            ['Archive', url],
            ['Pushed', <Command key="push">{`narrows data append ${dataset} DIR`}</Command>],
          ]}
        />
        <Facts
          of={[
            ['May lose on old rows', `${options.margin} of covered variance`],
            ['False alarms of drift', `${options.alpha * 100} %`],
            ['Trains', options.scope === 'sweep' ? 'the whole sweep as well' : "around the champions' configurations"],
            [
              'Without drift',
              options.onlyOnDrift ? 'new rows are noted, nothing is trained' : 'challengers are trained all the same',
            ],
            ['During a run', options.overlap === 'skip' ? 'a firing is left out' : 'a firing is done afterwards'],
            ['Missed firings', `made up for within ${formatDuration(options.catchUp)}`],
          ]}
        />
      </div>
    </div>
  );
}

function Firings({ at }: { readonly at: readonly string[] }) {
  return (
    <>
      {at.map((one, i) => (
        <span key={one}>
          {i > 0 && ', '}
          <Timestamp at={one} />
        </span>
      ))}
    </>
  );
}

function UnderWay({ name, runId }: { readonly name: string; readonly runId: string }) {
  const path = runPath(name, runId);
  const tick = useInterval(STAGE_EVERY);
  const run = useLoad(path, (signal) => getJson<RetrainRunDetail>(path, {}, signal), tick);
  return (
    <p class="note" role="status">
      <a href={path}>A run is under way</a>
      {run.data?.stage ? `: ${run.data.stage}` : ''}
    </p>
  );
}

function History({ name, news }: { readonly name: string; readonly news: number }) {
  const path = `${retrainingPath(name)}/history`;
  const history = useLoad(path, (signal) => getJson<RetrainHistory>(path, {}, signal), news);
  return (
    <Show of={history} what="what its champions cover" height="26rem">
      {(of) =>
        of.cells.every(({ points }) => points.length === 0) ? (
          <div class="state">
            <h2>No champion yet</h2>
            <p>The first run trains the whole sweep; the best trial of each method and width becomes its champion.</p>
          </div>
        ) : (
          <Figure
            title="What the champions cover as data grow"
            name={`${name}-history`}
            caption="Covered variance of the model in use on all hold-out rows of each version of the data, one step per run that dealt with new data; each panel has an axis of its own. Marks lead to the champions."
            table={() => historyTable(of)}
          >
            <HistoryChart history={of} />
          </Figure>
        )
      }
    </Show>
  );
}

function Runs({ of: { name, dataset } }: { readonly of: RetrainingDetail }) {
  const { parameters, change } = useUrl();
  const isAll = parameters.runs === 'all';
  const list = useList<RetrainRun>(name, 'runs', isAll ? {} : { outcome: TELLING });
  return (
    <section aria-labelledby="runs">
      <div class="figure-head">
        <h2 id="runs">Runs</h2>
        <label class="small">
          <input type="checkbox" checked={isAll} onChange={() => change({ runs: isAll ? null : 'all' })} />
          also those that found nothing new
        </label>
      </div>
      <Listed list={list} what="runs" none={isAll ? 'It has not run yet.' : 'No run has found anything yet.'}>
        {(runs) => <RunsTable runs={runs} dataset={dataset} />}
      </Listed>
    </section>
  );
}

function Champions({ name, news }: { readonly name: string; readonly news: number }) {
  const champions = useLoad(
    `champions of ${name}`,
    (signal) => getJson<{ items: Champion[] }>('/champions', { retraining: name }, signal),
    news,
  );
  return (
    <section aria-labelledby="champions">
      <h2 id="champions">Champions in use</h2>
      {champions.data === null && champions.failure === null ? (
        <Loading what="champions" height="10rem" />
      ) : (
        <Show of={champions} what="champions">
          {({ items }) =>
            items.length === 0 ? <p class="soft small">None yet.</p> : <ChampionsTable of={items} several={false} />
          }
        </Show>
      )}
    </section>
  );
}

function Told({ name }: { readonly name: string }) {
  const list = useList<RetrainEvent>(name, 'events');
  return (
    <section aria-labelledby="told">
      <h2 id="told">What people were told</h2>
      <Listed list={list} what="events" none="Nothing yet.">
        {(events) => <EventList events={events} name={name} />}
      </Listed>
    </section>
  );
}

function Shards({ of: { name, dataset, watchDir, url } }: { readonly of: RetrainingDetail }) {
  const list = useList<Shard>(name, 'shards');
  const none =
    watchDir === null && url === null
      ? 'It has no source: rows come in by being appended.'
      : 'Its sources have brought nothing yet.';
  return (
    <section aria-labelledby="shards">
      <h2 id="shards">What its sources brought</h2>
      <Listed list={list} what="shards" none={none}>
        {(shards) => <ShardsTable shards={shards} dataset={dataset} />}
      </Listed>
    </section>
  );
}
