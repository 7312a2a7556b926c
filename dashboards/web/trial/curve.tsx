/** Learning curve of a trial. */
import { learningCurveFigure } from '../../../figures/learning-curve.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import type { Curve, TrialDetail } from '../../contract/trials.ts';
import { FigureView } from '../charts/figure-view.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { trialPath } from '../parts/paths.ts';
import { useJson } from '../state/load.ts';

const HEIGHT = 280;

export function LearningCurve({ trial: { trialId, method, hasCurve } }: { readonly trial: TrialDetail }) {
  const loaded = useJson<Curve>(hasCurve ? `${trialPath(trialId)}/curve` : null);
  if (!hasCurve) return <None />;
  return (
    <Show of={loaded} what="the learning curve" height={`${HEIGHT + 140}px`}>
      {(curve) => <Drawn curve={curve} method={method} />}
    </Show>
  );
}

const None = () => <Empty>This trial completed no epoch and has no learning curve.</Empty>;

function Drawn({ curve, method }: { readonly curve: Curve; readonly method: Method }) {
  return curve.train.length === 0 ? <None /> : <FigureView figure={learningCurveFigure(curve, method)} />;
}
