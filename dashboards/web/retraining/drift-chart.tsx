/** Shift of each descriptor between the champion's data and the new rows. */
import type { Drift } from '../../contract/retraining.ts';
import { Panel } from '../charts/panel.tsx';
import { formatProbability, sortByShift } from './text.ts';

/** Maximum number of descriptors, those with the largest shift. */
export const MAX_DRAWN = 20;
const ROW = 22;
/** Length of the axis relative to the longest bar, with space for the label. */
const AXIS_RATIO = 1.55;

export function DriftChart({ descriptors }: { readonly descriptors: Drift['descriptors'] }) {
  const drawn = sortByShift(descriptors).slice(0, MAX_DRAWN).reverse();
  const most = Math.max(0.05, ...drawn.map(({ statistic }) => statistic));
  return (
    <div class="retrain-drift">
      <ul class="legend">
        <BarItem name="shifted" isShifted />
        <BarItem name="not shifted" />
      </ul>
      <Panel
        label={drawn
          .toReversed()
          .map(
            ({ name, statistic, rate, shifted }) =>
              `${name} ${statistic.toFixed(3)}, q ${formatProbability(rate)}${shifted ? ', shifted' : ''}`,
          )
          .join('; ')}
        height={62 + ROW * drawn.length}
        x={{ label: 'Kolmogorov-Smirnov statistic', domain: [0, AXIS_RATIO * most] }}
        y={{ label: '', domain: [-0.6, drawn.length - 0.4], names: drawn.map(({ name }) => name) }}
      >
        {({ x, y }) =>
          drawn.map(({ name, statistic, rate, shifted }, i) => (
            <g key={name} class={shifted ? 'shifted' : undefined}>
              <rect class="bar" x={x(0)} y={y(i) - 6} width={Math.max(1, x(statistic) - x(0))} height={12} />
              <text x={x(statistic) + 6} y={y(i)} dy="0.32em">
                q {formatProbability(rate)}
              </text>
            </g>
          ))
        }
      </Panel>
    </div>
  );
}

function BarItem({ name, isShifted = false }: { readonly name: string; readonly isShifted?: boolean }) {
  return (
    <li>
      <svg class="icon" viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">
        <g class={isShifted ? 'shifted' : undefined}>
          <rect class="bar" x={1} y={1} width={22} height={10} />
        </g>
      </svg>
      {name}
    </li>
  );
}
