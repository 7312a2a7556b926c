/** Optimisation history of each method and width. */
import { historyFigure } from '../../../../figures/search/history.ts';
import type { OptimisationHistory, SweepDetail } from '../../../contract/sweeps.ts';
import { getJson } from '../../api/http.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { Empty, Failed, Loading } from '../../parts/load-states.tsx';
import { sweepPath, trialPath } from '../../parts/paths.ts';
import { useLoad } from '../../state/load.ts';
import { useUrl } from '../../state/url.ts';
import { NewerTrials } from './newer-trials.tsx';

export function HistorySection({ sweep, residual }: { readonly sweep: SweepDetail; readonly residual: boolean }) {
  const { partition = '0' } = useUrl().parameters;
  const loaded = useLoad(`history ${sweep.sweepId} ${partition} ${sweep.state}`, (signal) =>
    getJson<OptimisationHistory>(`${sweepPath(sweep.sweepId)}/history`, { partition }, signal),
  );
  const { data: history, failure, reload } = loaded;
  const figure = historyFigure(history ?? { name: sweep.name, startup: null, cells: [] }, {
    isMissing: residual,
    hrefOf: trialPath,
  });
  return (
    <FigureView figure={figure}>
      <NewerTrials of={loaded} revision={sweep.revision} />
      {failure && <Failed failure={failure} retry={reload} />}
      {!history && !failure && <Loading what="the history" height="26rem" />}
      {history && history.cells.length === 0 && (
        <Empty>
          <p>No configuration has a validation score yet.</p>
        </Empty>
      )}
      {history && history.cells.length > 0 && <Panels figure={figure} />}
    </FigureView>
  );
}
