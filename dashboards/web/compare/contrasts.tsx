/** Differences between methods on the same seeds, with their intervals about nothing. */
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { Compare } from '../../contract/compare.ts';
import { Panel } from '../charts/panel.tsx';
import { domainOf } from '../charts/scale.ts';
import { Figure } from '../parts/figure.tsx';
import { contrastSentence, contrastTable, isResolved } from './reading.ts';

export function Contrasts({
  contrasts,
  of,
  name,
}: {
  readonly contrasts: Compare['contrasts'];
  readonly of: string;
  readonly name: string;
}) {
  if (contrasts.length === 0) return null;
  const shown = [...contrasts].reverse();
  return (
    <Figure
      title={`Differences between methods: ${of}`}
      name={name}
      caption="Covered variance of one method less that of another on the same seeds, each at its best configuration, with 95 % intervals. An interval that holds 0 resolves nothing."
      table={() => contrastTable(contrasts)}
    >
      <Panel
        label={contrasts.map(contrastSentence).join(' ')}
        height={70 + 24 * shown.length}
        x={{
          label: 'difference in covered variance',
          domain: domainOf([0, ...contrasts.flatMap(({ difference }) => [difference.low, difference.high])], 0.08),
        }}
        y={{
          label: '',
          domain: [-0.6, shown.length - 0.4],
          names: shown.map(({ k, a, b }) => `k = ${k}: ${METHOD_STYLES[a].label} − ${METHOD_STYLES[b].label}`),
        }}
      >
        {({ x, y, box }) => (
          <>
            <path d={`M${x(0)} ${box.top}V${box.bottom}`} stroke="var(--ink)" />
            {shown.map((contrast, i) => {
              const { mean, low, high } = contrast.difference;
              const colour = isResolved(contrast) ? 'var(--accent)' : 'var(--soft)';
              return (
                <g key={i}>
                  <path d={`M${x(low)} ${y(i)}H${x(high)}`} stroke={colour} stroke-width={2.5} />
                  <circle
                    cx={x(mean)}
                    cy={y(i)}
                    r={5}
                    fill={isResolved(contrast) ? colour : 'var(--page)'}
                    stroke={colour}
                    stroke-width={2}
                  />
                </g>
              );
            })}
          </>
        )}
      </Panel>
      <ul class="small">
        {contrasts.map((contrast) => (
          <li key={`${contrast.k} ${contrast.a} ${contrast.b}`}>{contrastSentence(contrast)}</li>
        ))}
      </ul>
    </Figure>
  );
}
