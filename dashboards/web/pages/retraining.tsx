/** One retraining: schedule, history of its champions, runs, notifications and shards. */
import '../retraining/retraining.css';
import { useRoute } from 'preact-iso';
import { championPanels } from '../../../figures/champions.ts';
import type {
  Champion,
  RetrainEvent,
  RetrainHistory,
  RetrainingDetail,
  RetrainRun,
  RetrainRunDetail,
  Shard,
} from '../../contract/retraining.ts';
import { Panels } from '../charts/figure-view.tsx';
import { Command } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Figure } from '../parts/figure.tsx';
import { formatDuration, pluralise } from '../parts/format.ts';
import { VersionLink } from '../parts/links.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { Listed, LoadedPage, PageHead, Section } from '../parts/page.tsx';
import { retrainingPath, runPath } from '../parts/paths.ts';
import { Timestamp } from '../parts/time.tsx';
import { RetrainingActions } from '../retraining/actions.tsx';
import { ChampionsTable } from '../retraining/champions-table.tsx';
import { EventList, RunsTable, ShardsTable, useList } from '../retraining/lists.tsx';
import { ScheduleTag } from '../retraining/tags.tsx';
import { championsData, historyTable } from '../retraining/text.ts';
import { useInterval } from '../state/interval.ts';
import { useRetrainingVersion } from '../state/live.ts';
import { useJson } from '../state/load.ts';
import { useUrl } from '../state/url.ts';

/** Number of upcoming runs that are shown. */
const UPCOMING = 3;
/** Refresh interval of a run in progress, in milliseconds. */
const STAGE_MS = 2000;
/** Outcomes of runs except nothing-new. */
const NOTABLE_OUTCOMES = 'running,first,kept,promoted,failed,failed-source';
const LIST_HEIGHT = '10rem';

export default function RetrainingPage() {
  const { retraining = '' } = useRoute().params;
  return <Loader key={retraining} name={retraining} />;
}

function Loader({ name }: { readonly name: string }) {
  const version = useRetrainingVersion(name);
  const loaded = useJson<RetrainingDetail>(retrainingPath(name), {}, version);
  return (
    <LoadedPage of={loaded} title={name} what="the retraining" height="60rem">
      {(retraining) => (
        <div class="stack">
          <Head of={retraining} onDone={loaded.reload} />
          <History name={name} version={version} />
          <Runs of={retraining} />
          <Champions name={name} version={version} />
          <Notifications name={name} />
          <Shards of={retraining} />
          <details>
            <summary>Sweep spec</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre tabIndex={0}>{retraining.yaml}</pre>
          </details>
        </div>
      )}
    </LoadedPage>
  );
}

function Head({ of, onDone }: { readonly of: RetrainingDetail; readonly onDone: () => void }) {
  const { name, dataset, target, schedule, options, newest, watchDir, url, lastRun } = of;
  const upcoming = schedule.next.slice(0, UPCOMING).flatMap((at, i) => [i > 0 && ', ', <Timestamp key={at} at={at} />]);
  return (
    <div>
      <PageHead
        crumbs={{ '/retrainings': 'Retraining' }}
        window={name}
        title={
          <>
            {name} <ScheduleTag of={schedule} />
          </>
        }
        actions={<RetrainingActions of={of} onDone={onDone} />}
      >
        <p>
          <strong>{target}</strong> of {dataset}
          {newest && (
            <>
              {' '}
              <VersionLink dataset={dataset} version={newest.version} />, {pluralise(newest.rows, 'row')}
            </>
          )}
        </p>
      </PageHead>
      {schedule.state === 'unknown' && (
        <p class="note warn">Temporal does not respond: the state of the schedule and the next run are unknown.</p>
      )}
      {schedule.state === 'missing' && (
        <p class="note bad">
          Temporal has no schedule of this name. Run <code>narrows retrain remove</code>, then start it again. The champions are
          kept.
        </p>
      )}
      {schedule.state === 'removed' && <p class="note">The schedule was removed. Champions and runs are kept.</p>}
      {lastRun?.outcome === 'running' && <RunInProgress name={name} runId={lastRun.runId} />}
      <div class="columns">
        <Facts
          of={[
            ['Schedule', schedule.words],
            ['Next runs', upcoming.length === 0 ? null : upcoming],
            ['Folder', watchDir],
            ['Archive', url],
            ['Push', <Command>{`narrows data append ${dataset} DIR`}</Command>],
          ]}
        />
        <Facts
          of={[
            ['Margin on old rows', `${options.margin} of covered variance`],
            ['False alarm rate of drift', `${options.alpha * 100} %`],
            ['Scope', options.scope === 'sweep' ? 'the whole sweep' : "neighbourhood of the champions' configurations"],
            ['Without drift', options.onlyOnDrift ? 'new rows are recorded, nothing is trained' : 'challengers are trained'],
            ['Overlapping runs', options.overlap === 'skip' ? 'skipped' : 'queued'],
            ['Catch-up window', formatDuration(options.catchUp)],
          ]}
        />
      </div>
    </div>
  );
}

function RunInProgress({ name, runId }: { readonly name: string; readonly runId: string }) {
  const path = runPath(name, runId);
  const run = useJson<RetrainRunDetail>(path, {}, useInterval(STAGE_MS));
  return (
    <p class="note" role="status">
      <a href={path}>Run in progress</a>
      {run.data?.stage ? `: ${run.data.stage}` : ''}
    </p>
  );
}

function History({ name, version }: { readonly name: string; readonly version: number }) {
  const history = useJson<RetrainHistory>(`${retrainingPath(name)}/history`, {}, version);
  return (
    <Show of={history} what="the history of champions" height="26rem">
      {(of) =>
        of.cells.every(({ points }) => points.length === 0) ? (
          <Empty title="No champions yet">
            <p>The first run trains the whole sweep; the best trial of each method and width becomes its champion.</p>
          </Empty>
        ) : (
          <Figure
            title="Champions by data version"
            name={`${name}-history`}
            caption="Covered variance of the champion on all hold-out rows of each data version, one step per run with new data. Each panel has its own axis. Marks link to the champions."
            table={() => historyTable(of)}
          >
            <Panels figure={championPanels(championsData(of))} />
          </Figure>
        )
      }
    </Show>
  );
}

const None = ({ children }: { readonly children: string }) => <p class="soft small">{children}</p>;

function Runs({ of: { name, dataset } }: { readonly of: RetrainingDetail }) {
  const { parameters, change } = useUrl();
  const isAll = parameters.runs === 'all';
  const list = useList<RetrainRun>(name, 'runs', isAll ? {} : { outcome: NOTABLE_OUTCOMES });
  return (
    <section aria-labelledby="runs">
      <div class="figure-head">
        <h2 id="runs">Runs</h2>
        <label class="small">
          <input type="checkbox" checked={isAll} onChange={() => change({ runs: isAll ? null : 'all' })} />
          Include runs without new data
        </label>
      </div>
      <Listed list={list} noun="run" height={LIST_HEIGHT} empty={<None>No runs yet.</None>}>
        {(runs) => <RunsTable runs={runs} dataset={dataset} />}
      </Listed>
    </section>
  );
}

function Champions({ name, version }: { readonly name: string; readonly version: number }) {
  const champions = useJson<{ items: Champion[] }>('/champions', { retraining: name }, version);
  return (
    <Section id="champions" title="Current champions">
      <Show of={champions} what="champions" height={LIST_HEIGHT}>
        {({ items }) => (items.length === 0 ? <None>No champions yet.</None> : <ChampionsTable of={items} />)}
      </Show>
    </Section>
  );
}

function Notifications({ name }: { readonly name: string }) {
  const list = useList<RetrainEvent>(name, 'events');
  return (
    <Section id="notifications" title="Notifications">
      <Listed list={list} noun="notification" height={LIST_HEIGHT} empty={<None>No notifications yet.</None>}>
        {(events) => <EventList events={events} name={name} />}
      </Listed>
    </Section>
  );
}

function Shards({ of: { name, dataset, watchDir, url } }: { readonly of: RetrainingDetail }) {
  const list = useList<Shard>(name, 'shards');
  const hasSource = watchDir !== null || url !== null;
  return (
    <Section id="shards" title="Shards">
      <Listed
        list={list}
        noun="shard"
        height={LIST_HEIGHT}
        empty={<None>{hasSource ? 'No shards yet.' : 'No source is configured: rows are pushed.'}</None>}
      >
        {(shards) => <ShardsTable shards={shards} dataset={dataset} />}
      </Listed>
    </Section>
  );
}
