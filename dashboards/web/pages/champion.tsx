/** One champion: what it is, where it comes from, how to use it, and the way back to the one before. */
import '../retraining/retraining.css';
import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import { formatScore } from '../../../text/names.ts';
import type { Champion, ChampionDetail } from '../../contract/retraining.ts';
import { getJson } from '../api/http.ts';
import { Action } from '../parts/action.tsx';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { Command } from '../parts/command.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Facts } from '../parts/facts.tsx';
import { formatCount, pluralise, shortVersion } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { Tag } from '../parts/labels.tsx';
import { Failed, Show } from '../parts/load-states.tsx';
import { Timestamp } from '../parts/time.tsx';
import { VersionLink } from '../parts/version-link.tsx';
import { Lineage } from '../retraining/lineage.tsx';
import { ORIGIN_LABELS, predictCommand, retrainingPath, runPath, versionAncestry } from '../retraining/text.ts';
import { useRetrainingVersion } from '../state/live.ts';
import { useLoad } from '../state/load.ts';
import { useMutation } from '../state/mutation.ts';

export default function ChampionPage() {
  const { params } = useRoute();
  return <OneChampion key={params.champion} id={params.champion ?? ''} />;
}

function OneChampion({ id }: { readonly id: string }) {
  const path = `/champions/${encodeURIComponent(id)}`;
  const news = useRetrainingVersion(null);
  const loaded = useLoad(path, (signal) => getJson<ChampionDetail>(path, {}, signal), news);
  return (
    <>
      {loaded.data === null && <PageTitle window="A champion">A champion</PageTitle>}
      <Show of={loaded} what="the champion" height="50rem">
        {(champion) => <Shown of={champion} onDone={loaded.reload} />}
      </Show>
    </>
  );
}

function Shown({ of, onDone }: { readonly of: ChampionDetail; readonly onDone: () => void }) {
  const { retraining, dataset, datasetVersion, target, method, k, trialId, sweepId, runId, lineage } = of;
  const inUse = of.until === null;
  const current = lineage.champions.find((one) => one.until === null);
  const ancestry = versionAncestry(of);
  return (
    <div class="stack">
      <div>
        <div class="page-head">
          <div>
            <Breadcrumbs
              of={[
                ['/champions', 'Champions'],
                [retrainingPath(retraining), retraining],
              ]}
            />
            <PageTitle window={`${cellLabel(of)} of ${retraining}`}>
              {cellLabel(of)}{' '}
              {inUse ? <Tag tone="good" sign="tick" word="in use" /> : <Tag tone="" sign="dash" word="of the past" />}
            </PageTitle>
            <p>
              <strong>{target}</strong> of {dataset}, by <a href={retrainingPath(retraining)}>{retraining}</a>
            </p>
          </div>
          {inUse && <RollBack of={of} onDone={onDone} />}
        </div>
        {!inUse && (
          <p class="note">
            {of.endedBy === 'rollback' ? 'It was rolled back' : 'Another was promoted in its place'} at{' '}
            <Timestamp at={of.until} />. {current && <a href={`/champions/${current.championId}`}>The one in use</a>}
          </p>
        )}
        <div class="columns">
          <Facts
            of={[
              [
                'Trial',
                <a key="trial" href={`/trials/${encodeURIComponent(trialId)}`}>
                  {trialId}
                </a>,
              ],
              [
                'Sweep',
                <a key="sweep" href={`/sweeps/${encodeURIComponent(sweepId)}`}>
                  {lineage.sweeps.find((one) => one.sweepId === sweepId)?.name ?? sweepId}
                </a>,
              ],
              [
                'Put in use',
                <span key="since">
                  <Timestamp at={of.since} />, {ORIGIN_LABELS[of.origin]}
                  {runId !== null && (
                    <>
                      {' '}
                      by <a href={runPath(retraining, runId)}>a run</a>
                    </>
                  )}
                </span>,
              ],
              ['Covers on validation', formatScore(of.validation)],
              ['Covers on its test rows', of.test === null ? null : formatScore(of.test)],
            ]}
          />
          <Facts
            of={[
              [
                'Trained on',
                <VersionLink key="data" dataset={dataset} version={datasetVersion}>
                  {dataset}@{shortVersion(datasetVersion)}
                </VersionLink>,
              ],
              [
                'Which grew from',
                ancestry.length < 2
                  ? null
                  : ancestry
                      .map(({ added }) => formatCount(added))
                      .join(' + ')
                      .concat(' rows'),
              ],
              [
                'Began with',
                of.warm === null ? (
                  'drawn weights'
                ) : (
                  <a key="warm" href={`/trials/${encodeURIComponent(of.warm)}`}>
                    those of {of.warm}
                  </a>
                ),
              ],
              ['Seed', String(of.seed)],
              ['narrows', of.codeVersion],
              ['Engine', `${of.engine}, build ${of.engineBuild}`],
            ]}
          />
        </div>
      </div>
      <section aria-labelledby="predict">
        <h2 id="predict">Predict with it</h2>
        <Command>{predictCommand(of)}</Command>
        <p class="soft small">
          {inUse ? 'It' : 'The command'} always takes the model in use for {METHOD_STYLES[method].label} at k = {k}; X.npy holds
          one structure per row, in the descriptors of {dataset}.
        </p>
      </section>
      <Lineage of={of} name={`${retraining}-${method}-${k}-lineage`} />
    </div>
  );
}

function RollBack({ of, onDone }: { readonly of: ChampionDetail; readonly onDone: () => void }) {
  const { championId, method, k, previous, lineage, retraining } = of;
  const { route } = useLocation();
  const [asked, ask] = useState(false);
  const before = lineage.champions.find((one) => one.championId === previous);
  const {
    busy,
    failure,
    mutate: act,
  } = useMutation<'rollback'>(
    (what) => `/champions/${championId}/${what}`,
    () => {
      onDone();
      void goToCurrent();
    },
  );
  /** The page of what is in use now. */
  const goToCurrent = async () => {
    const { items } = await getJson<{ items: Champion[] }>('/champions', { retraining });
    const now = items.find((one) => one.method === method && one.k === k);
    if (now) route(`/champions/${now.championId}`);
  };
  const because = busy ? 'Rolling back …' : previous === null ? 'It is the first: there is none before it.' : null;
  return (
    <div>
      <div class="actions">
        <Action class="danger" because={because} onClick={() => ask(true)}>
          {busy ? 'Rolling back …' : 'Roll back'}
        </Action>
      </div>
      {failure && <Failed failure={failure} />}
      {asked && (
        <Confirm
          title={`Roll back ${cellLabel(of)}?`}
          action="Roll back"
          danger
          onConfirm={() => void act('rollback')}
          onClose={() => ask(false)}
        >
          <p>
            Trial {before?.trialId ?? 'before'} is used again
            {before && (
              <>
                , trained on{' '}
                {pluralise(lineage.versions.find(({ version }) => version === before.datasetVersion)?.rows ?? 0, 'row')}
              </>
            )}
            . This one stays in the records; the next run may promote another.
          </p>
        </Confirm>
      )}
    </div>
  );
}
