/** What a trial makes of structures that it has not seen: the best, the median and the worst of them. */
import { formatScore } from '../../../text/names.ts';
import type { Spectra, TrialDetail } from '../../contract/trials.ts';
import { getJson } from '../api/http.ts';
import { measured, withUnit } from '../charts/scale.ts';
import { residualOf, SPECTRA_HEIGHT, SpectraOverlay } from '../charts/spectra.tsx';
import { Figure, type Table } from '../parts/figure.tsx';
import { Show } from '../parts/load-states.tsx';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from './choice.tsx';

const WHICH = ['best', 'median', 'worst'] as const;

export function TrialSpectra({ trial, k, split }: { readonly trial: TrialDetail; readonly k: number; readonly split: string }) {
  const { parameters, change } = useUrl();
  const loaded = useLoad(`spectra ${trial.trialId} ${k} ${split}`, (signal) =>
    getJson<Spectra>(`/trials/${encodeURIComponent(trial.trialId)}/spectra`, { k, split }, signal),
  );
  const which = WHICH.find((one) => one === parameters.structure) ?? 'median';
  return (
    <Show of={loaded} what="spectra" height={`${SPECTRA_HEIGHT + 160}px`}>
      {(spectra) => {
        const shown = spectra.shown.find((one) => one.which === which) ?? spectra.shown[0];
        if (!shown) return null;
        return (
          <Figure
            title="Known and predicted"
            name={`trial-${trial.trialId}-k${k}-${which}`}
            caption={`Of ${spectra.rows} ${split} structures the one with the ${which} residual: row ${shown.row}${shown.id === null ? '' : `, ${shown.id}`}; root mean square ${measured(shown.error, spectra.unit, 3)}. All ${spectra.rows} together: covered variance ${formatScore(spectra.coveredVariance)} at k = ${k}; below, the same energy by energy.`}
            table={() => tableOf(spectra, shown)}
          >
            <Choice
              name="structure"
              label="Structure"
              value={which}
              options={WHICH.map((one) => ({ value: one, label: one }))}
              onChange={(value) => change({ structure: value === 'median' ? null : value })}
            />
            <SpectraOverlay
              target={spectra}
              method={trial.method}
              known={shown.known}
              predicted={shown.predicted}
              coveredVarianceByEnergy={spectra.coveredVarianceByEnergy}
              shared={spectra.shown}
            />
          </Figure>
        );
      }}
    </Show>
  );
}

function tableOf(spectra: Spectra, { known, predicted }: Spectra['shown'][number]): Table {
  const residual = residualOf(known, predicted);
  const { energies, energyUnit, columns, unit } = spectra;
  return {
    head: [
      energies ? withUnit('energy', energyUnit) : 'column',
      withUnit('known', unit),
      withUnit('predicted', unit),
      withUnit('residual', unit),
      'covered variance',
    ],
    rows: known.map((value, i) => [
      energies ? (energies[i] as number) : (columns?.[i] ?? String(i)),
      value,
      predicted[i] as number,
      residual[i] as number,
      spectra.coveredVarianceByEnergy[i] ?? null,
    ]),
  };
}
