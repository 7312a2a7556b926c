/** Hyperparameter importance, over all methods or within one. */
import { importanceFigure } from '../../../../figures/importance.ts';
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { labelOf } from '../../../../search/columns/trial-columns.ts';
import { METHOD_STYLES } from '../../../../text/methods.ts';
import type { Importance, SweepDetail } from '../../../contract/sweeps.ts';
import { getJson } from '../../api/http.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { formatCount, pluralise } from '../../parts/format.ts';
import { Empty, Show } from '../../parts/load-states.tsx';
import { SelectField } from '../../parts/page.tsx';
import { sweepPath } from '../../parts/paths.ts';
import { useLoad } from '../../state/load.ts';
import { useUrl } from '../../state/url.ts';
import { describeForest } from './descriptions.ts';
import { NewerTrials } from './newer-trials.tsx';

export function ImportanceSection({ sweep }: { readonly sweep: SweepDetail }) {
  const { parameters, change } = useUrl();
  const { importance: method = '' } = parameters;
  // The forest is not grown again with every trial: only per state of the sweep, and on request.
  const loaded = useLoad(`importance ${sweep.sweepId} ${method} ${sweep.state}`, (signal) =>
    getJson<Importance>(`${sweepPath(sweep.sweepId)}/importance`, { method }, signal),
  );
  const figure = importanceFigure(loaded.data, { name: sweep.name, method }, labelOf);
  const methods = METHODS.filter((one) => sweep.methods.some((own) => own.method === one));
  return (
    <FigureView figure={figure}>
      <div class="toolbar">
        <SelectField
          id="importance-method"
          label="Trials of"
          value={method}
          options={[
            { value: '', label: 'all methods' },
            ...methods.map((one) => ({ value: one, label: METHOD_STYLES[one].label })),
          ]}
          onChange={(value) => change({ importance: value })}
        />
        <NewerTrials of={loaded} revision={sweep.revision} busy="Growing the forest …" />
      </div>
      <Show of={loaded} what="importances" height="16rem">
        {({ parameters, matched, trials, r2 }) =>
          parameters.length === 0 ? (
            <Empty>
              <p>
                {matched === 0
                  ? 'No trial has a covered variance yet.'
                  : `${pluralise(matched, 'trial')} with a covered variance: too few, or nothing varies among them.`}
              </p>
            </Empty>
          ) : (
            <>
              <Panels figure={figure} />
              <p>{describeForest(r2)}</p>
              <p class="soft small number">
                Grown on {formatCount(trials)} of {pluralise(matched, 'trial')} with a covered variance.
              </p>
            </>
          )
        }
      </Show>
    </FigureView>
  );
}
