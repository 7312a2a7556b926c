/** One champion: provenance, lineage, use and roll-back. */
import '../retraining/retraining.css';
import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { cellLabel } from '../../../text/methods.ts';
import { formatScore } from '../../../text/names.ts';
import type { Champion, ChampionDetail } from '../../contract/retraining.ts';
import { getJson } from '../api/http.ts';
import { Action } from '../parts/action.tsx';
import { Command } from '../parts/command.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Facts } from '../parts/facts.tsx';
import { formatCount, pluralise } from '../parts/format.ts';
import { styledTag } from '../parts/labels.tsx';
import { SweepLink, TrialLink, VersionLink } from '../parts/links.tsx';
import { Failed } from '../parts/load-states.tsx';
import { LoadedPage, PageHead, Section } from '../parts/page.tsx';
import { championPath, retrainingPath, runPath } from '../parts/paths.ts';
import { Timestamp } from '../parts/time.tsx';
import { Lineage } from '../retraining/lineage.tsx';
import { versionAncestry } from '../retraining/lineage-graph.ts';
import { ORIGIN_LABELS, predictCommand } from '../retraining/text.ts';
import { useRetrainingVersion } from '../state/live.ts';
import { useJson } from '../state/load.ts';
import { useMutation } from '../state/mutation.ts';

export default function ChampionPage() {
  const { champion = '' } = useRoute().params;
  const version = useRetrainingVersion(null);
  const loaded = useJson<ChampionDetail>(championPath(champion), {}, version);
  return (
    <LoadedPage of={loaded} title="Champion" what="the champion" height="50rem">
      {(detail) => <Detail of={detail} onDone={loaded.reload} />}
    </LoadedPage>
  );
}

function Detail({ of, onDone }: { readonly of: ChampionDetail; readonly onDone: () => void }) {
  const { retraining, dataset, datasetVersion, target, method, k, trialId, sweepId, runId, lineage } = of;
  const isCurrent = of.until === null;
  const current = lineage.champions.find((one) => one.until === null);
  const ancestry = versionAncestry(of);
  return (
    <div class="stack">
      <div>
        <PageHead
          crumbs={{ '/champions': 'Champions', [retrainingPath(retraining)]: retraining }}
          window={`${cellLabel(of)} of ${retraining}`}
          title={
            <>
              {cellLabel(of)} {styledTag(isCurrent ? ['good', 'tick', 'in use'] : ['', 'dash', 'former'])}
            </>
          }
          actions={isCurrent && <RollBack of={of} onDone={onDone} />}
        >
          <p>
            <strong>{target}</strong> of {dataset}, from <a href={retrainingPath(retraining)}>{retraining}</a>
          </p>
        </PageHead>
        {!isCurrent && (
          <p class="note">
            {of.endedBy === 'rollback' ? 'Rolled back' : 'Replaced by another champion'} at <Timestamp at={of.until} />.{' '}
            {current && <a href={championPath(current.championId)}>Current champion</a>}
          </p>
        )}
        <div class="columns">
          <Facts
            of={[
              ['Trial', <TrialLink id={trialId} />],
              ['Sweep', <SweepLink id={sweepId} name={lineage.sweeps.find((one) => one.sweepId === sweepId)?.name} />],
              [
                'Since',
                <>
                  <Timestamp at={of.since} />, {ORIGIN_LABELS[of.origin]}
                  {runId !== null && (
                    <>
                      {' '}
                      by <a href={runPath(retraining, runId)}>a run</a>
                    </>
                  )}
                </>,
              ],
              ['Validation score', formatScore(of.validation)],
              ['Test score', of.test === null ? null : formatScore(of.test)],
            ]}
          />
          <Facts
            of={[
              ['Trained on', <VersionLink dataset={dataset} version={datasetVersion} isFull />],
              ['Rows', ancestry.length < 2 ? null : ancestry.map(({ added }) => formatCount(added)).join(' + ')],
              ['Initial weights', of.warm === null ? 'random' : <TrialLink id={of.warm}>{`those of ${of.warm}`}</TrialLink>],
              ['Seed', String(of.seed)],
              ['narrows', of.codeVersion],
              ['Engine', `${of.engine}, build ${of.engineBuild}`],
            ]}
          />
        </div>
      </div>
      <Section id="predict" title="Predict">
        <Command>{predictCommand(of)}</Command>
        <p class="soft small">
          Uses the current champion for {cellLabel({ method, k })}. X.npy holds one structure per row, in the descriptors of{' '}
          {dataset}.
        </p>
      </Section>
      <Lineage of={of} name={`${retraining}-${method}-${k}-lineage`} />
    </div>
  );
}

function RollBack({ of, onDone }: { readonly of: ChampionDetail; readonly onDone: () => void }) {
  const { championId, method, k, previous, lineage, retraining } = of;
  const { route } = useLocation();
  const [isAsking, setAsking] = useState(false);
  const before = lineage.champions.find((one) => one.championId === previous);
  const rows = lineage.versions.find(({ version }) => version === before?.datasetVersion)?.rows ?? 0;
  const { busy, failure, mutate } = useMutation<'rollback'>(
    (action) => `${championPath(championId)}/${action}`,
    () => {
      onDone();
      void goToCurrent();
    },
  );
  const goToCurrent = async () => {
    const { items } = await getJson<{ items: Champion[] }>('/champions', { retraining });
    const current = items.find((one) => one.method === method && one.k === k);
    if (current) route(championPath(current.championId));
  };
  const because = busy ? 'Rolling back …' : previous === null ? 'No previous champion.' : null;
  return (
    <div>
      <div class="actions">
        <Action class="danger" because={because} onClick={() => setAsking(true)}>
          {busy ? 'Rolling back …' : 'Roll back'}
        </Action>
      </div>
      {failure && <Failed failure={failure} />}
      {isAsking && (
        <Confirm
          title={`Roll back ${cellLabel(of)}?`}
          action="Roll back"
          danger
          onConfirm={() => void mutate('rollback')}
          onClose={() => setAsking(false)}
        >
          <p>
            Trial {before?.trialId ?? 'before'} becomes the champion again
            {before && `, trained on ${pluralise(rows, 'row')}`}. This champion stays in the records; the next run may promote
            another.
          </p>
        </Confirm>
      )}
    </div>
  );
}
