/** Comparison of sweeps: scores, contrasts between methods, and agreement of latents. */
import { contrastSentence, contrastsFigure } from '../../../figures/contrasts.ts';
import { sweepsCoverageFigure } from '../../../figures/covered-variance.ts';
import { findFailedEmulator } from '../../../models/evaluation/comparison.ts';
import { describeComparison } from '../../../text/comparison.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { Compare } from '../../contract/compare.ts';
import { FigureView } from '../charts/figure-view.tsx';
import { Choose } from '../compare/choose.tsx';
import '../compare/compare.css';
import { agreementTable, baselineTable, differenceSentence, parseSweeps, sweepLabel } from '../compare/text.ts';
import { Empty, Show } from '../parts/load-states.tsx';
import { PageHead, Section } from '../parts/page.tsx';
import { DataTable } from '../parts/record-table.tsx';
import { useJson } from '../state/load.ts';
import { useUrl } from '../state/url.ts';

export default function ComparePage() {
  const { parameters, change } = useUrl();
  const chosen = parseSweeps(parameters.sweeps);
  const loaded = useJson<Compare>(chosen.length === 0 ? null : '/compare', { sweeps: chosen.join(',') });
  const nameOf = (idOrName: string) =>
    loaded.data?.comparisons.find(({ sweep }) => sweep.sweepId === idOrName || sweep.name === idOrName)?.sweep.name ?? idOrName;
  return (
    <>
      <PageHead title="Compare">
        <p class="small">Sweeps compared on test rows.</p>
      </PageHead>
      <div class="stack">
        <Choose
          chosen={chosen}
          nameOf={nameOf}
          onChange={(next) => change({ sweeps: next.length === 0 ? null : next.join(',') }, { push: true })}
        />
        {chosen.length === 0 ? (
          <Empty>Select sweeps to compare.</Empty>
        ) : (
          <Show of={loaded} what="the comparison" height="40rem">
            {(compare) => <Comparison compare={compare} nameOf={nameOf} />}
          </Show>
        )}
      </div>
    </>
  );
}

function Comparison({ compare, nameOf }: { readonly compare: Compare; readonly nameOf: (idOrName: string) => string }) {
  const { comparisons, pooled, reason, warnings, contrasts, figures, agreement } = compare;
  const isSeveral = comparisons.length > 1;
  const shared = figures.filter(({ sweeps }) => sweeps.length > 1);
  const apart = agreement.filter(({ reason: why }) => why !== null);
  const found = agreementTable(agreement, nameOf);
  const baselines = baselineTable(comparisons);
  return (
    <>
      {isSeveral && (
        <p class={`note ${pooled ? 'good' : 'warn'}`}>
          {pooled
            ? 'All sweeps were scored on the same rows: their trials are pooled for contrasts between methods.'
            : `The sweeps cannot be pooled: ${reason ?? 'they were not scored on the same rows'}. Scores are listed, not subtracted.`}
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} class="note warn">
          {warning}
        </p>
      ))}
      <FigureView
        figure={sweepsCoverageFigure(
          comparisons.map((one) => ({ label: sweepLabel(one), name: one.sweep.name, comparison: one.comparison })),
        )}
        below={comparisons
          .filter(({ comparison }) => comparison === null)
          .map((one) => (
            <div key={one.sweep.sweepId} class="note warn">
              <strong>{sweepLabel(one)}</strong>: {one.reason}
            </div>
          ))}
      />
      {pooled && (
        <Section isCard id="findings" title="Findings">
          {describeComparison(pooled)
            .split('\n')
            .map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
        </Section>
      )}
      {pooled && !findFailedEmulator(pooled.baselines) && (
        <Contrasts
          contrasts={contrasts}
          of={isSeveral ? 'all sweeps together' : (comparisons[0]?.sweep.name ?? '')}
          name="contrasts"
        />
      )}
      {!pooled &&
        comparisons.map((one) => (
          <Contrasts
            key={one.sweep.sweepId}
            contrasts={one.comparison?.contrasts ?? []}
            of={sweepLabel(one)}
            name={`contrasts-${one.sweep.name}`}
          />
        ))}
      {isSeveral && shared.length > 0 && (
        <Section isCard id="between" title="Scores by sweep">
          <DataTable
            caption="Covered variance by method, width and sweep"
            head={['method', 'k', 'sweep', 'data', 'seeds', 'mean', 'low', 'high']}
            rows={shared.flatMap(({ method, k, sweeps }) =>
              sweeps.map(({ sweepId, dataset, trials, coveredVariance: { mean, low, high } }) => [
                ...[METHOD_STYLES[method].label, k, nameOf(sweepId), dataset, trials, mean, low, high],
              ]),
            )}
          />
          <ul class="small">
            {shared.map((one) => (
              <li key={`${one.method} ${one.k}`}>{differenceSentence(one, nameOf)}</li>
            ))}
          </ul>
        </Section>
      )}
      {isSeveral && (
        <Section isCard id="same" title="Agreement between sweeps">
          <p class="small soft">
            Best models on the test structures of the first sweep: principal angles between the subspaces of the components for
            ECA and NNCA (0° is the same subspace); for EDNN, linear CKA and mutual R² of the latents.
          </p>
          {found.rows.length > 0 && <DataTable caption="Agreement between sweeps" {...found} />}
          {apart.map(({ sweeps, reason: why }) => (
            <p key={sweeps.join()} class="note">
              {sweeps.map(nameOf).join(' and ')}: {why}
            </p>
          ))}
        </Section>
      )}
      {baselines.rows.length > 0 && (
        <Section isCard id="baselines" title="Baselines">
          <DataTable caption="Covered variance of the baselines" {...baselines} />
        </Section>
      )}
    </>
  );
}

interface ContrastsProps {
  readonly contrasts: Compare['contrasts'];
  readonly of: string;
  readonly name: string;
}

/** Differences between methods on the same seeds, as a figure and in sentences. */
function Contrasts({ contrasts, of, name }: ContrastsProps) {
  if (contrasts.length === 0) return null;
  return (
    <FigureView
      figure={contrastsFigure(contrasts, of, name)}
      below={
        <ul class="small">
          {contrasts.map((contrast) => (
            <li key={`${contrast.k} ${contrast.a} ${contrast.b}`}>{contrastSentence(contrast)}</li>
          ))}
        </ul>
      }
    />
  );
}
