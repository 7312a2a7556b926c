/** Components of a trial over their descriptors, with slopes per physical unit. */
import { componentsFigure } from '../../../figures/components.ts';
import type { TrialDetail } from '../../contract/trials.ts';
import { FigureView } from '../charts/figure-view.tsx';

interface TrialComponentsProps {
  readonly trial: TrialDetail;
  readonly k: number;
  /** Standard deviations of the training rows, by varying descriptor, in its unit. */
  readonly deviations: readonly number[] | null;
}

export function TrialComponents({ trial, k, deviations }: TrialComponentsProps) {
  const own = trial.components?.slice(0, k);
  if (!own || own.length === 0) return null;
  const { trialId, method, descriptors, dropped } = trial;
  const figure = componentsFigure({
    id: `trial-${trialId}-components`,
    title: 'Components',
    method,
    descriptors: descriptors.map((descriptor, d) => ({ ...descriptor, deviation: deviations?.[d] ?? null })),
    components: own.map((coefficients) => ({ coefficients })),
    remarks:
      dropped.length === 0
        ? []
        : [
            `${dropped.length} constant ${dropped.length === 1 ? 'descriptor is' : 'descriptors are'} seen by no method: ${listed(dropped)}.`,
          ],
  });
  return <FigureView figure={figure} />;
}

const NAMED = 8;
const listed = (names: readonly string[]): string =>
  names.length <= NAMED ? names.join(', ') : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
