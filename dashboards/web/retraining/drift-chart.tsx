/** How far each descriptor of the new rows lies from the champion's data. */
import type { Drift } from '../../contract/retraining.ts';
import { Panel } from '../charts/panel.tsx';
import { byShift, chance } from './reading.ts';

/** Of more descriptors only those that have shifted most are drawn. */
export const MOST_DRAWN = 20;
const ROW = 22;

export function DriftChart({ descriptors }: { readonly descriptors: Drift['descriptors'] }) {
  const drawn = byShift(descriptors).slice(0, MOST_DRAWN).reverse();
  const most = Math.max(0.05, ...drawn.map(({ statistic }) => statistic));
  return (
    <div class="retrain-drift">
      <Panel
        label={drawn
          .toReversed()
          .map(
            ({ name, statistic, rate, shifted }) =>
              `${name} ${statistic.toFixed(3)}, q ${chance(rate)}${shifted ? ', shifted' : ''}`,
          )
          .join('; ')}
        height={62 + ROW * drawn.length}
        x={{ label: 'Kolmogorov-Smirnov statistic', domain: [0, Math.min(1.25, 1.35 * most)] }}
        y={{ label: '', domain: [-0.6, drawn.length - 0.4], names: drawn.map(({ name }) => name) }}
      >
        {({ x, y }) =>
          drawn.map(({ name, statistic, rate, shifted }, i) => (
            <g key={name} class={shifted ? 'shifted' : undefined}>
              <rect class="bar" x={x(0)} y={y(i) - 6} width={Math.max(1, x(statistic) - x(0))} height={12} />
              <text x={x(statistic) + 6} y={y(i)} dy="0.32em">
                q {chance(rate)}
                {shifted ? ', shifted' : ''}
              </text>
            </g>
          ))
        }
      </Panel>
    </div>
  );
}
