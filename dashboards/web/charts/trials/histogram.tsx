/** Histogram of one column: all trials, and the selected ones in front. */
import './histogram.css';
import { useRef } from 'preact/hooks';
import type { Axis } from '../../trials/axis.ts';
import type { Brush } from '../../trials/selection.ts';
import { useWidth } from '../size.ts';
import type { Binned } from './bins.ts';
import { RangeBrush, WordToggle } from './range-brush.tsx';

export const HISTOGRAM_BINS = 40;
const HEIGHT = 200;
const MARGIN = { left: 52, right: 12, top: 8, bottom: 44 };
const NONE = 30;

export interface HistogramProps {
  readonly axis: Axis;
  readonly binned: Binned;
  readonly brush: Brush | undefined;
  readonly onBrush: (brush: Brush | null) => void;
  readonly label: string;
}

export function Histogram({ axis, binned, brush, onBrush, label }: HistogramProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { bins, none } = binned;
  const hasNone = none.all > 0;
  const down = HEIGHT - MARGIN.top - MARGIN.bottom;
  const across = Math.max(1, width - MARGIN.left - MARGIN.right - (hasNone ? NONE + 28 : 12));
  const most = Math.max(1, ...bins.map(({ all }) => all));
  const tall = (count: number) => (down * Math.min(count, most)) / most;
  const foot = MARGIN.top + down;
  const isWords = axis.spread === 'categories';
  const noneAt = MARGIN.left + across + 30;
  return (
    <div class="histogram" ref={box} style={{ height: `${HEIGHT}px` }}>
      {width > 0 && (
        <>
          <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
            {[0, 0.5, 1].map((share) => (
              <g key={share}>
                <line class="grid" x1={MARGIN.left} x2={MARGIN.left + across} y1={foot - down * share} y2={foot - down * share} />
                <text class="tick" x={MARGIN.left - 6} y={foot - down * share} dy="0.32em" text-anchor="end">
                  {Math.round(most * share)}
                </text>
              </g>
            ))}
            {bins.map(({ from, to, all, selected, text }) => (
              <g key={from}>
                <title>{`${text}: ${selected} of ${all} trials`}</title>
                <rect
                  class="all"
                  x={MARGIN.left + across * from + 0.5}
                  width={Math.max(1, across * (to - from) - 1)}
                  y={foot - tall(all)}
                  height={tall(all)}
                />
                <rect
                  class="selected"
                  x={MARGIN.left + across * from + 0.5}
                  width={Math.max(1, across * (to - from) - 1)}
                  y={foot - tall(selected)}
                  height={tall(selected)}
                />
              </g>
            ))}
            {hasNone && (
              <g>
                <title>{`no value: ${none.selected} of ${none.all} trials`}</title>
                <rect class="all" x={noneAt} width={NONE - 6} y={foot - tall(none.all)} height={tall(none.all)} />
                <rect class="selected" x={noneAt} width={NONE - 6} y={foot - tall(none.selected)} height={tall(none.selected)} />
                {none.all > most && (
                  <text class="tick" x={noneAt + NONE / 2 - 3} y={MARGIN.top + 10} text-anchor="middle">
                    {none.all}
                  </text>
                )}
              </g>
            )}
            {!isWords &&
              axis.ticks.map(({ at, text }) => (
                <g key={text}>
                  <line class="axis" x1={MARGIN.left + across * at} x2={MARGIN.left + across * at} y1={foot} y2={foot + 4} />
                  <text class="tick" x={MARGIN.left + across * at} y={foot + 16} text-anchor="middle">
                    {text}
                  </text>
                </g>
              ))}
            <line class="axis" x1={MARGIN.left} x2={MARGIN.left + across} y1={foot} y2={foot} />
            <text class="tick name" x={MARGIN.left + across / 2} y={HEIGHT - 4} text-anchor="middle">
              {axis.field.label}
              {axis.field.unit === null ? '' : ` / ${axis.field.unit}`}
              {axis.spread === 'log' ? ' (log)' : ''}
            </text>
          </svg>
          {isWords ? (
            bins.map(({ from, to, text }) => (
              <span
                key={text}
                class="under"
                style={{ left: `${MARGIN.left + (across * (from + to)) / 2}px`, top: `${foot + 2}px` }}
              >
                <WordToggle axis={axis} word={text} brush={brush} onBrush={onBrush}>
                  {text}
                </WordToggle>
              </span>
            ))
          ) : (
            <div
              class="over"
              style={{ left: `${MARGIN.left}px`, top: `${MARGIN.top}px`, width: `${across}px`, height: `${down}px` }}
            >
              <RangeBrush axis={axis} brush={brush} onBrush={onBrush} direction="horizontal" length={across} />
            </div>
          )}
          {hasNone && (
            <span class="under" style={{ left: `${noneAt + NONE / 2 - 3}px`, top: `${foot + 2}px` }}>
              <WordToggle axis={axis} word={null} brush={brush} onBrush={onBrush}>
                none
              </WordToggle>
            </span>
          )}
        </>
      )}
    </div>
  );
}
