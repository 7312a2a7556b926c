/** One trial: scores, configuration, learning curve, predictions, latents, reproducing spec. */
import { useEffect } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { TrialDetail } from '../../contract/trials.ts';
import { getBytes } from '../api/http.ts';
import { MethodName, OutcomeTag } from '../parts/labels.tsx';
import { LoadedPage, PageHead, Section } from '../parts/page.tsx';
import { sweepPath, trialPath } from '../parts/paths.ts';
import { DataTable } from '../parts/record-table.tsx';
import { useRevision } from '../state/live.ts';
import { useJson, useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from '../trial/choice.tsx';
import { TrialComponents } from '../trial/components.tsx';
import { LearningCurve } from '../trial/curve.tsx';
import { TrialLatents } from '../trial/latents.tsx';
import { Configuration, Provenance, Reproduce } from '../trial/provenance.tsx';
import { TrialSpectra } from '../trial/spectra.tsx';
import '../trial/trial.css';
import { chooseRank, explainMissingLatents, explainMissingWeights, rankOptions, trialName } from '../trial/text.ts';

export default function TrialPage() {
  const { trial: id = '' } = useRoute().params;
  const loaded = useJson<TrialDetail>(trialPath(id));
  const revision = useRevision(loaded.data?.sweepId ?? '', 3000);
  // Test scores become available when the sweep finishes.
  useEffect(() => {
    if (revision > 0 && loaded.data) loaded.reload();
  }, [revision]);
  return (
    <LoadedPage of={loaded} title="Trial" what="the trial" height="60rem">
      {(trial) => <Trial key={id} trial={trial} />}
    </LoadedPage>
  );
}

function Trial({ trial }: { readonly trial: TrialDetail }) {
  const { parameters, change } = useUrl();
  const k = chooseRank(trial, parameters.k);
  const ranks = rankOptions(trial);
  const path = trialPath(trial.trialId);
  const hasTest = trial.figures.some(({ split }) => split === 'test');
  // Until the sweep has finished, test rows stay unseen: selection reads validation rows only.
  const split = hasTest ? 'test' : 'validation';
  const deviations = useLoad(trial.hasModel && trial.components ? `deviations ${trial.trialId}` : null, async (signal) => {
    const [bytes, { unpackModel }] = await Promise.all([
      getBytes(`${path}/model`, {}, signal),
      import('../../../models/stored/model-file.ts'),
    ]);
    return [...unpackModel(bytes).scaling.x.deviation];
  });
  return (
    <>
      <PageHead
        crumbs={{ '/': 'Sweeps', [sweepPath(trial.sweepName)]: trial.sweepName }}
        title={trialName(trial)}
        actions={
          <div class="actions">
            {trial.hasModel && trial.hasLatents && (
              <a class="button primary" href={`${path}/explore?k=${k}`}>
                Explore latents
              </a>
            )}
            {trial.hasModel && (
              <a class="button" href={`/api${path}/model`} download={`${trial.trialId}.nrw`}>
                Model file
              </a>
            )}
            <a class="button" href={`${sweepPath(trial.sweepName)}/interpretation?method=${trial.method}&k=${k}`}>
              Interpretation
            </a>
          </div>
        }
      >
        <p class="small">
          <OutcomeTag outcome={trial.outcome} /> <MethodName method={trial.method} /> · seed {trial.seed} · {trial.target} of{' '}
          {trial.dataset.name}
        </p>
      </PageHead>
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
      {!trial.hasModel && <p class="note">{explainMissingWeights(trial)}</p>}
      <div class="stack">
        <div class="columns" style={{ '--column': '20rem' }}>
          <Scores trial={trial} hasTest={hasTest} />
          <Configuration trial={trial} />
          <Provenance trial={trial} />
        </div>
        <LearningCurve trial={trial} />
        {trial.hasModel && (
          <Choice
            name="k"
            label={`Rank (${METHOD_STYLES[trial.method].label} fits all ranks at once)`}
            value={String(k)}
            options={ranks}
            onChange={(value) => change({ k: value === ranks.at(-1)?.value ? null : value, x: null, y: null })}
          />
        )}
        {trial.hasModel && <TrialSpectra trial={trial} k={k} split={split} />}
        {trial.hasLatents && <TrialLatents trial={trial} k={k} split={split} />}
        {trial.outcome === 'completed' && !trial.hasLatents && <p class="note">{explainMissingLatents(trial)}</p>}
        <TrialComponents trial={trial} k={k} deviations={deviations.data} />
        <Reproduce trial={trial} />
      </div>
    </>
  );
}

function Scores({ trial: { figures }, hasTest }: { readonly trial: TrialDetail; readonly hasTest: boolean }) {
  const isStructural = figures.some(({ structureCoveredVariance }) => structureCoveredVariance !== null);
  return (
    <Section isCard id="scores" title="Scores">
      {figures.length === 0 ? (
        <p class="small">No scores: the trial ended before they could be computed.</p>
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
        <p class="small soft">Test scores are computed when the sweep has finished, so that no selection depends on them.</p>
      )}
    </Section>
  );
}
