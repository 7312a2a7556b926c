/** One trial: what it was, how it learned, what it predicts, what its latents are made of, and how to have it again. */

import { useEffect } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { ranksOf } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { TrialDetail } from '../../contract/trials.ts';
import { getBytes, getJson } from '../api/http.ts';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { DataTable } from '../parts/figure.tsx';
import { PageTitle } from '../parts/frame.tsx';
import { MethodName, OutcomeTag } from '../parts/labels.tsx';
import { Failed, Show } from '../parts/load-states.tsx';
import { useRevision } from '../state/live.ts';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from '../trial/choice.tsx';
import { TrialComponents } from '../trial/components.tsx';
import { LearningCurve } from '../trial/curve.tsx';
import { TrialLatents } from '../trial/latents.tsx';
import { Configuration, Provenance, Reproduce } from '../trial/provenance.tsx';
import { TrialSpectra } from '../trial/spectra.tsx';
import '../trial/trial.css';
import { rankAsked, trialName, withoutWeights } from '../trial/words.ts';

export default function TrialPage() {
  const { params } = useRoute();
  const id = params.trial ?? '';
  const first = useLoad(`trial ${id}`, (signal) => getJson<TrialDetail>(`/trials/${encodeURIComponent(id)}`, {}, signal));
  const revision = useRevision(first.data?.sweepId ?? '', 3000);
  // Test figures come when the sweep ends.
  useEffect(() => {
    if (revision > 0 && first.data) first.reload();
  }, [revision]);
  if (first.data === null) {
    return (
      <>
        <PageTitle>Trial</PageTitle>
        <Show of={first} what="the trial" height="60rem">
          {() => null}
        </Show>
      </>
    );
  }
  return (
    <>
      {first.failure && <Failed failure={first.failure} retry={first.reload} />}
      <Trial key={id} trial={first.data} />
    </>
  );
}

function Trial({ trial }: { readonly trial: TrialDetail }) {
  const { parameters, change } = useUrl();
  const k = rankAsked(trial, parameters.k);
  const ranks = ranksOf({ method: trial.method, k: trial.config.k });
  const hasTest = trial.figures.some(({ split }) => split === 'test');
  // On the way nobody looks at test rows: selection reads validation rows only.
  const split = hasTest ? 'test' : 'validation';
  const deviations = useLoad(trial.hasModel && trial.components ? `deviations ${trial.trialId}` : null, async (signal) => {
    const [bytes, { unpackModel }] = await Promise.all([
      getBytes(`/trials/${encodeURIComponent(trial.trialId)}/model`, {}, signal),
      import('../../../models/stored/model-file.ts'),
    ]);
    return [...unpackModel(bytes).scaling.x.deviation];
  });
  const address = encodeURIComponent(trial.trialId);
  return (
    <>
      <div class="page-head">
        <div>
          <Breadcrumbs
            of={[
              ['/', 'Sweeps'],
              [`/sweeps/${encodeURIComponent(trial.sweepName)}`, trial.sweepName],
            ]}
          />
          <PageTitle>{trialName(trial)}</PageTitle>
          <p class="small">
            <OutcomeTag outcome={trial.outcome} /> <MethodName method={trial.method} /> · seed {trial.seed} · {trial.target} of{' '}
            {trial.dataset.name}
          </p>
        </div>
        <div class="actions">
          {trial.hasModel && (
            <a class="button primary" href={`/trials/${address}/explore?k=${k}`}>
              Explore its latents
            </a>
          )}
          {trial.hasModel && (
            <a class="button" href={`/api/trials/${address}/model`} download={`${trial.trialId}.nrw`}>
              Model file
            </a>
          )}
          <a class="button" href={`/sweeps/${encodeURIComponent(trial.sweepName)}/interpretation?method=${trial.method}&k=${k}`}>
            Interpretation
          </a>
        </div>
      </div>
      {trial.message !== null && (
        <p class={`note ${trial.outcome === 'failed' ? 'bad' : 'warn'}`}>
          {trial.message}
          {trial.failureCode !== null && (
            <>
              {' '}
              (<code>{trial.failureCode}</code>)
            </>
          )}
        </p>
      )}
      {!trial.hasModel && <p class="note">{withoutWeights(trial)}</p>}
      <div class="stack">
        <div class="columns" style={{ '--column': '20rem' }}>
          <Figures trial={trial} hasTest={hasTest} />
          <Configuration trial={trial} />
          <Provenance trial={trial} />
        </div>
        <LearningCurve trial={trial} />
        {trial.hasModel && ranks.length > 1 && (
          <Choice
            name="k"
            label={`Rank that is looked through (${METHOD_STYLES[trial.method].label} fits all at once)`}
            value={String(k)}
            options={ranks.map((rank) => ({ value: String(rank), label: `k = ${rank}` }))}
            onChange={(value) => change({ k: value === String(ranks.at(-1)) ? null : value, x: null, y: null })}
          />
        )}
        {trial.hasModel && <TrialSpectra trial={trial} k={k} split={split} />}
        {trial.outcome === 'completed' && <TrialLatents trial={trial} k={k} split={split} />}
        <TrialComponents trial={trial} k={k} deviations={deviations.data} />
        <Reproduce trial={trial} />
      </div>
    </>
  );
}

function Figures({ trial: { figures }, hasTest }: { readonly trial: TrialDetail; readonly hasTest: boolean }) {
  const isStructural = figures.some(({ structureCoveredVariance }) => structureCoveredVariance !== null);
  return (
    <section class="card" aria-labelledby="figures">
      <h2 id="figures">Figures</h2>
      {figures.length === 0 ? (
        <p class="small">It has no covered variance: it ended before it could be measured.</p>
      ) : (
        <DataTable
          caption="Covered variance by split and k"
          head={['split', 'k', 'covered variance', ...(isStructural ? ['of the structure'] : [])]}
          rows={figures.map(({ split, k, coveredVariance, structureCoveredVariance }) => [
            split,
            k,
            coveredVariance,
            ...(isStructural ? [structureCoveredVariance] : []),
          ])}
        />
      )}
      {!hasTest && figures.length > 0 && (
        <p class="small soft">
          Test figures come when the sweep has ended: until then they are not looked at, so that nothing is chosen by them.
        </p>
      )}
    </section>
  );
}
