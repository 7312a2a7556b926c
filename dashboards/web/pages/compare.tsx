/** Sweeps beside one another: what each covers, what is resolved between methods, and whether they find the same. */
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { Compare } from '../../contract/compare.ts';
import { getJson } from '../api/http.ts';
import { Choose } from '../compare/choose.tsx';
import '../compare/compare.css';
import { Contrasts } from '../compare/contrasts.tsx';
import { CoverageOfAll } from '../compare/coverage.tsx';
import { agreementTable, baselineTable, chosenFrom, differenceSentence, sweepLabel } from '../compare/reading.ts';
import { DataTable } from '../parts/figure.tsx';
import { shortVersion } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';

export default function ComparePage() {
  const { parameters, change } = useUrl();
  const chosen = chosenFrom(parameters.sweeps);
  const key = chosen.join(',');
  const loaded = useLoad(chosen.length === 0 ? null : `compare ${key}`, (signal) =>
    getJson<Compare>('/compare', { sweeps: key }, signal),
  );
  const nameOf = (idOrName: string) =>
    loaded.data?.comparisons.find(({ sweep }) => sweep.sweepId === idOrName || sweep.name === idOrName)?.sweep.name ?? idOrName;
  return (
    <>
      <div class="page-head">
        <div>
          <PageTitle>Compare</PageTitle>
          <p class="small">Sweeps beside one another, on test rows.</p>
        </div>
      </div>
      <div class="stack">
        <Choose
          chosen={chosen}
          nameOf={nameOf}
          onChange={(next) => change({ sweeps: next.length === 0 ? null : next.join(',') }, { push: true })}
        />
        {chosen.length === 0 ? (
          <Empty>Choose a sweep to see its figures, and more of them to hold them beside one another.</Empty>
        ) : (
          <Show of={loaded} what="the comparison" height="40rem">
            {(compare) => <Found compare={compare} nameOf={nameOf} />}
          </Show>
        )}
      </div>
    </>
  );
}

function Found({ compare, nameOf }: { readonly compare: Compare; readonly nameOf: (idOrName: string) => string }) {
  const { comparisons, pooled, reason, contrasts, figures, agreement } = compare;
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
            ? 'All of them were scored on the same rows: their trials are pooled for the differences between methods.'
            : `They cannot be pooled: ${reason ?? 'they were not scored on the same rows'}. Each stands for itself; figures are beside one another, not subtracted.`}
        </p>
      )}
      <CoverageOfAll compared={comparisons} />
      {pooled ? (
        <Contrasts
          contrasts={contrasts}
          of={isSeveral ? 'all sweeps together' : (comparisons[0]?.sweep.name ?? '')}
          name="contrasts"
        />
      ) : (
        comparisons.map((one) => (
          <Contrasts
            key={one.sweep.sweepId}
            contrasts={one.comparison?.contrasts ?? []}
            of={sweepLabel(one)}
            name={`contrasts-${one.sweep.name}`}
          />
        ))
      )}
      {isSeveral && shared.length > 0 && (
        <section class="card" aria-labelledby="between">
          <h2 id="between">The same method and width in each sweep</h2>
          <DataTable
            caption="Covered variance by method, width and sweep"
            head={['method', 'k', 'sweep', 'data', 'seeds', 'mean', 'low', 'high']}
            rows={shared.flatMap(({ method, k, sweeps }) =>
              sweeps.map(({ sweepId, dataset, trials, coveredVariance: { mean, low, high } }) => [
                METHOD_STYLES[method].label,
                k,
                nameOf(sweepId),
                shortDataset(dataset),
                trials,
                mean,
                low,
                high,
              ]),
            )}
          />
          <ul class="small">
            {shared.map((one) => (
              <li key={`${one.method} ${one.k}`}>{differenceSentence(one, nameOf)}</li>
            ))}
          </ul>
        </section>
      )}
      {isSeveral && (
        <section class="card" aria-labelledby="same">
          <h2 id="same">Do they find the same?</h2>
          <p class="small soft">
            Their best models on the test structures of the first: principal angles between the subspaces of ECA's and NNCA's
            components (0° is the same subspace); for EDNN, linear CKA of the latents and how much of one set another tells.
          </p>
          {found.rows.length > 0 && <DataTable caption="Agreement between sweeps" {...found} />}
          {apart.map(({ sweeps, reason: why }) => (
            <p key={sweeps.join()} class="note">
              {sweeps.map(nameOf).join(' and ')}: {why}
            </p>
          ))}
        </section>
      )}
      {baselines.rows.length > 0 && (
        <section class="card" aria-labelledby="baselines">
          <h2 id="baselines">Baselines</h2>
          <DataTable caption="Covered variance of the baselines" {...baselines} />
        </section>
      )}
    </>
  );
}

const shortDataset = (dataset: string): string => {
  const [name, version] = dataset.split('@');
  return version === undefined ? dataset : `${name}@${shortVersion(version)}`;
};
