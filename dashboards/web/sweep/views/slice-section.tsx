/** Slice plot: scores against one parameter that varies. */
import { sliceFigure } from '../../../../figures/search/slices.ts';
import { labelOf } from '../../../../search/columns/trial-columns.ts';
import type { SlicePlot, SweepDetail } from '../../../contract/sweeps.ts';
import { getJson } from '../../api/http.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { Show } from '../../parts/load-states.tsx';
import { optionsOf, SelectField } from '../../parts/page.tsx';
import { sweepPath } from '../../parts/paths.ts';
import { useLoad } from '../../state/load.ts';
import { useUrl } from '../../state/url.ts';
import { NewerTrials } from './newer-trials.tsx';
import { NoScores } from './no-scores.tsx';

/** Names of the parameters that take more than one value. */
const varyingNames = ({ parameters }: SweepDetail): string[] =>
  parameters.flatMap(({ name, kind, values }) => (kind === 'constant' || values?.length === 1 ? [] : [name]));

export function SliceSection({ sweep, residual }: { readonly sweep: SweepDetail; readonly residual: boolean }) {
  const { parameters, change } = useUrl();
  const { partition = '0' } = parameters;
  const names = varyingNames(sweep);
  const parameter = names.find((name) => name === parameters.slice) ?? names[0];
  const key = parameter === undefined ? null : `slices ${sweep.sweepId} ${parameter} ${partition} ${sweep.state}`;
  const loaded = useLoad(key, (signal) =>
    getJson<SlicePlot>(`${sweepPath(sweep.sweepId)}/slices`, { parameter: parameter ?? '', partition }, signal),
  );
  if (parameter === undefined) return null;
  const none = { name: sweep.name, parameter, scale: 'linear', categories: null, cells: [] } as const;
  const figure = sliceFigure({ ...(loaded.data ?? none), label: labelOf(parameter) }, { isMissing: residual });
  return (
    <FigureView figure={figure}>
      <div class="toolbar">
        <SelectField
          id="slice-parameter"
          label="Parameter"
          value={parameter}
          options={optionsOf(names, labelOf)}
          onChange={(name) => change({ slice: name })}
        />
        <NewerTrials of={loaded} revision={sweep.revision} />
      </div>
      <Show of={loaded} what="the slice plot" height="20rem">
        {({ cells }) => (cells.length === 0 ? <NoScores /> : <Panels figure={figure} />)}
      </Show>
    </FigureView>
  );
}
