/** Known and predicted spectra of unseen structures: the best, the median and the worst. */
import { SPECTRA_HEIGHT, spectraFigure } from '../../../figures/spectra.ts';
import type { Spectra, TrialDetail } from '../../contract/trials.ts';
import { FigureView } from '../charts/figure-view.tsx';
import { Show } from '../parts/load-states.tsx';
import { optionsOf } from '../parts/page.tsx';
import { trialPath } from '../parts/paths.ts';
import { useJson } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from './choice.tsx';

const WHICH = ['best', 'median', 'worst'] as const;

export function TrialSpectra({ trial, k, split }: { readonly trial: TrialDetail; readonly k: number; readonly split: string }) {
  const { parameters, change } = useUrl();
  const loaded = useJson<Spectra>(`${trialPath(trial.trialId)}/spectra`, { k, split });
  const which = WHICH.find((one) => one === parameters.structure) ?? 'median';
  return (
    <Show of={loaded} what="spectra" height={`${SPECTRA_HEIGHT + 160}px`}>
      {(spectra) => {
        const shown = spectra.shown.find((one) => one.which === which) ?? spectra.shown[0];
        if (!shown) return null;
        return (
          <div class="spectra">
            <FigureView
              figure={spectraFigure(spectra, shown, trial.method)}
              above={
                <Choice
                  name="structure"
                  label="Structure"
                  value={which}
                  options={optionsOf(WHICH)}
                  onChange={(value) => change({ structure: value === 'median' ? null : value })}
                />
              }
            />
          </div>
        );
      }}
    </Show>
  );
}
