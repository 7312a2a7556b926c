/** Which parameters matter to covered variance: shares of a forest's explanation, each with its interval. */
import './importance.css';
import { useRef } from 'preact/hooks';
import { labelOf } from '../../../search/columns/trial-columns.ts';
import type { Importance } from '../../contract/sweeps.ts';
import { useWidth } from './size.ts';

const ROW = 30;
const MARGIN = { left: 118, right: 60, top: 6, bottom: 34 };

export function ImportanceChart({ importance, label }: { readonly importance: Importance; readonly label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const parameters = importance.parameters.toSorted((a, b) => b.importance - a.importance);
  const height = MARGIN.top + MARGIN.bottom + ROW * parameters.length;
  const most = Math.max(1e-9, ...parameters.map(({ high }) => high), ...parameters.map((one) => one.importance));
  const across = Math.max(1, width - MARGIN.left - MARGIN.right);
  const x = (value: number) => MARGIN.left + (across * Math.max(0, value)) / most;
  const foot = height - MARGIN.bottom;
  return (
    <div class="importance" ref={box} style={{ minHeight: `${height}px` }}>
      {width > 0 && (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
          <line class="base" x1={MARGIN.left} x2={MARGIN.left} y1={MARGIN.top} y2={foot} />
          {parameters.map(({ name, importance: value, low, high }, i) => {
            const middle = MARGIN.top + ROW * (i + 0.5);
            return (
              <g key={name}>
                <title>{`${labelOf(name)}: ${value.toFixed(3)} (95 % ${low.toFixed(3)} to ${high.toFixed(3)})`}</title>
                <text x={MARGIN.left - 8} y={middle} dy="0.32em" text-anchor="end">
                  {labelOf(name)}
                </text>
                <rect class="bar-of" x={MARGIN.left} y={middle - 9} width={Math.max(0, x(value) - MARGIN.left)} height={18} />
                <line class="whisker" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
                <line class="whisker" x1={x(low)} x2={x(low)} y1={middle - 4} y2={middle + 4} />
                <line class="whisker" x1={x(high)} x2={x(high)} y1={middle - 4} y2={middle + 4} />
                <text class="value" x={x(Math.max(value, high)) + 8} y={middle} dy="0.32em">
                  {value.toFixed(2)}
                </text>
              </g>
            );
          })}
          <text class="value" x={MARGIN.left + across / 2} y={height - 8} text-anchor="middle">
            importance, 95 % interval
          </text>
        </svg>
      )}
    </div>
  );
}
