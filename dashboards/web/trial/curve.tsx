/** Learning curve of a trial. */
import { learningCurveFigure } from '../../../figures/learning-curve.ts';
import type { Curve, TrialDetail } from '../../contract/trials.ts';
import { FigureView } from '../charts/figure-view.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { trialPath } from '../parts/paths.ts';
import { useJson } from '../state/load.ts';

const HEIGHT = 280;

export function LearningCurve({ trial: { trialId, method, hasCurve } }: { readonly trial: TrialDetail }) {
  const loaded = useJson<Curve>(hasCurve ? `${trialPath(trialId)}/curve` : null);
  const none = <Empty>This trial completed no epoch and has no learning curve.</Empty>;
  if (!hasCurve) return none;
  return (
    <Show of={loaded} what="the learning curve" height={`${HEIGHT + 140}px`}>
      {(curve) => (curve.train.length === 0 ? none : <FigureView figure={learningCurveFigure(curve, method)} />)}
    </Show>
  );
}
