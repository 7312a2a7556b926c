/** Optimisation history of each method and width. */
import { historyFigure } from '../../../../figures/search/history.ts';
import type { OptimisationHistory, SweepDetail } from '../../../contract/sweeps.ts';
import { getJson } from '../../api/http.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { Show } from '../../parts/load-states.tsx';
import { sweepPath, trialPath } from '../../parts/paths.ts';
import { useLoad } from '../../state/load.ts';
import { useUrl } from '../../state/url.ts';
import { NewerTrials } from './newer-trials.tsx';
import { NoScores } from './no-scores.tsx';

export function HistorySection({ sweep, residual }: { readonly sweep: SweepDetail; readonly residual: boolean }) {
  const { partition = '0' } = useUrl().parameters;
  const loaded = useLoad(`history ${sweep.sweepId} ${partition} ${sweep.state}`, (signal) =>
    getJson<OptimisationHistory>(`${sweepPath(sweep.sweepId)}/history`, { partition }, signal),
  );
  const figure = historyFigure(loaded.data ?? { name: sweep.name, startup: null, cells: [] }, {
    isMissing: residual,
    hrefOf: trialPath,
  });
  return (
    <FigureView figure={figure}>
      <NewerTrials of={loaded} revision={sweep.revision} />
      <Show of={loaded} what="the history" height="26rem">
        {({ cells }) => (cells.length === 0 ? <NoScores /> : <Panels figure={figure} />)}
      </Show>
    </FigureView>
  );
}
