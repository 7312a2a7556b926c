/** Hyperparameter importance, over all methods or within one. */
import { importanceFigure } from '../../../../figures/importance.ts';
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { labelOf } from '../../../../search/columns/trial-columns.ts';
import { METHOD_STYLES } from '../../../../text/methods.ts';
import type { Importance, SweepDetail } from '../../../contract/sweeps.ts';
import { getJson } from '../../api/http.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { formatCount, pluralise } from '../../parts/format.ts';
import { Empty, Failed, Loading } from '../../parts/load-states.tsx';
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
  const { data: importance, failure, reload } = loaded;
  const figure = importanceFigure(importance, { name: sweep.name, method }, labelOf);
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
      {failure && <Failed failure={failure} retry={reload} />}
      {!importance && !failure && <Loading what="importances" height="16rem" />}
      {importance && importance.parameters.length === 0 && (
        <Empty>
          <p>
            {importance.matched === 0
              ? 'No trial has a covered variance yet.'
              : `${pluralise(importance.matched, 'trial')} with a covered variance: too few, or nothing varies among them.`}
          </p>
        </Empty>
      )}
      {importance && importance.parameters.length > 0 && (
        <>
          <Panels figure={figure} />
          <p>{describeForest(importance.r2)}</p>
          <p class="soft small number">
            Grown on {formatCount(importance.trials)} of {pluralise(importance.matched, 'trial')} with a covered variance.
          </p>
        </>
      )}
    </FigureView>
  );
}
