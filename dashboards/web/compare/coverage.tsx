/** Covered variance against width, sweep beside sweep on the same scales. */
import { METHODS, type Method } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import { Panel, type Scales } from '../charts/panel.tsx';
import { Figure } from '../parts/figure.tsx';
import { MethodName } from '../parts/labels.tsx';
import { type Compared, coverageTable, sweepLabel } from './reading.ts';

export function CoverageOfAll({ compared }: { readonly compared: readonly Compared[] }) {
  const rows = compared.flatMap(({ comparison }) => comparison?.rows ?? []);
  const widths = [...new Set(rows.map(({ k }) => k))].sort((a, b) => a - b);
  const low = Math.min(0, ...rows.map(({ coveredVariance }) => coveredVariance.low));
  const methods = METHODS.filter((method) => rows.some((row) => row.method === method));
  return (
    <Figure
      title="Covered variance against width"
      name="compare-covered-variance"
      caption="On test rows, mean over the seeds of the best configuration with 95 % intervals; the same scales for all sweeps. Dotted: the full emulator of the sweep."
      table={() => coverageTable(compared)}
    >
      <ul class="legend">
        {methods.map((method) => (
          <li key={method}>
            <MethodName method={method} />
          </li>
        ))}
      </ul>
      <div class="plot-grid" style={{ '--panel': '22rem' }}>
        {compared.map((one) => (
          <SweepPanel key={one.sweep.sweepId} compared={one} widths={widths} low={low} />
        ))}
      </div>
    </Figure>
  );
}

function SweepPanel({
  compared,
  widths,
  low,
}: {
  readonly compared: Compared;
  readonly widths: readonly number[];
  readonly low: number;
}) {
  const { comparison, reason } = compared;
  if (comparison === null) {
    return (
      <div class="note warn">
        <strong>{sweepLabel(compared)}</strong>: {reason}
      </div>
    );
  }
  const emulator = comparison.baselines.find(({ name }) => name === 'emulator');
  const [first, last] = [widths[0] ?? 1, widths.at(-1) ?? 1];
  const told = comparison.rows.map(
    ({ method, k, coveredVariance }) => `${METHOD_STYLES[method].label} k ${k}: ${coveredVariance.mean.toFixed(3)}`,
  );
  return (
    <Panel
      title={sweepLabel(compared)}
      label={`${sweepLabel(compared)}: ${told.join(', ')}`}
      height={280}
      x={{ label: 'bottleneck width k', domain: [first - 0.5, last + 0.5], ticks: Math.min(8, widths.length) }}
      y={{ label: 'covered variance', domain: [low - 0.03, 1.03] }}
    >
      {(scales) => (
        <>
          {emulator && (
            <path
              d={`M${scales.box.left} ${scales.y(emulator.coveredVariance)}H${scales.box.right}`}
              stroke="var(--emulator)"
              stroke-width={1.5}
              stroke-dasharray="1 3"
            />
          )}
          {METHODS.map((method, i) => (
            <MethodLine key={method} method={method} shift={(i - 1) * 5} compared={compared} scales={scales} />
          ))}
        </>
      )}
    </Panel>
  );
}

function MethodLine({
  method,
  shift,
  compared,
  scales: { x, y },
}: {
  readonly method: Method;
  readonly shift: number;
  readonly compared: Compared;
  readonly scales: Scales;
}) {
  const rows = (compared.comparison?.rows ?? []).filter((row) => row.method === method).sort((a, b) => a.k - b.k);
  if (rows.length === 0) return null;
  const colour = `var(--${method})`;
  const at = (k: number) => x(k) + shift;
  return (
    <g stroke={colour} fill="none">
      <path
        d={`M${rows.map(({ k, coveredVariance }) => `${at(k)} ${y(coveredVariance.mean)}`).join('L')}`}
        stroke-width={1.75}
        stroke-dasharray={METHOD_STYLES[method].dash}
      />
      {rows.map(({ k, trials, coveredVariance: { mean, low, high } }) => (
        <g key={k}>
          <path d={`M${at(k)} ${y(low)}V${y(high)}`} stroke-width={2} />
          <path d={METHOD_STYLES[method].mark} transform={`translate(${at(k)} ${y(mean)})`} fill={colour} stroke="none">
            <title>{`${METHOD_STYLES[method].label}, k = ${k}: ${mean.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}], ${trials} seeds`}</title>
          </path>
        </g>
      ))}
    </g>
  );
}
