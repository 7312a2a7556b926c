/** Rungs of a sweep: which trials were stopped where. */
import { rungsFigure } from '../../../../figures/search/rungs.ts';
import type { RungCounts, SweepDetail } from '../../../contract/sweeps.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { Show } from '../../parts/load-states.tsx';
import { sweepPath } from '../../parts/paths.ts';
import { useRevision } from '../../state/live.ts';
import { useJson } from '../../state/load.ts';

/** Most trials stay on their rung for longer. */
const INTERVAL_MS = 5000;

export function RungsSection({ sweep }: { readonly sweep: SweepDetail }) {
  const revision = useRevision(sweep.sweepId, INTERVAL_MS, sweep.revision);
  const hasRungs = (sweep.spec.halving ?? sweep.spec.stopping ?? null) !== null;
  const loaded = useJson<RungCounts>(hasRungs ? `${sweepPath(sweep.sweepId)}/rungs` : null, {}, revision);
  if (!hasRungs) return null;
  const figure = rungsFigure(loaded.data ?? { name: sweep.name, epochs: [], cells: [] });
  return (
    <FigureView figure={figure}>
      <Show of={loaded} what="the rungs" height="16rem">
        {() => <Panels figure={figure} />}
      </Show>
    </FigureView>
  );
}
