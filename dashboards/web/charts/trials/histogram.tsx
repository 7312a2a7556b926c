/** Histogram of one column: all trials, and the selected ones in front. */
import './histogram.css';
import { useMemo, useRef } from 'preact/hooks';
import { type Axis, titleOf } from '../../trials/axis.ts';
import type { Brush, Selection } from '../../trials/selection.ts';
import { inPixels, useWidth } from '../size.ts';
import { type Counted, countBins } from './bins.ts';
import { RangeBrush, WordToggle } from './range-brush.tsx';

export const HISTOGRAM_BINS = 40;
const HEIGHT = 200;
const MARGIN = { left: 52, right: 12, top: 8, bottom: 44 };
const NONE = 30;

export interface HistogramProps {
  readonly axis: Axis;
  readonly selection: Selection;
  readonly brush: Brush | undefined;
  readonly onBrush: (brush: Brush | null) => void;
  readonly label: string;
}

export function Histogram({ axis, selection, brush, onBrush, label }: HistogramProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { bins, none } = useMemo(() => countBins(axis, HISTOGRAM_BINS, selection.mask), [axis, selection]);
  const hasNone = none.all > 0;
  const down = HEIGHT - MARGIN.top - MARGIN.bottom;
  const across = Math.max(1, width - MARGIN.left - MARGIN.right - (hasNone ? NONE + 28 : 12));
  const most = Math.max(1, ...bins.map(({ all }) => all));
  const tall = (count: number) => (down * Math.min(count, most)) / most;
  const foot = MARGIN.top + down;
  const isWords = axis.spread === 'categories';
  const noneAt = MARGIN.left + across + 30;
  const bars = (text: string, counted: Counted, x: number, size: number) => (
    <>
      <title>{`${text}: ${counted.selected} of ${counted.all} trials`}</title>
      {(['all', 'selected'] as const).map((kind) => (
        <rect key={kind} class={kind} x={x} width={size} y={foot - tall(counted[kind])} height={tall(counted[kind])} />
      ))}
    </>
  );
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
            {bins.map(({ from, to, text, ...counted }) => (
              <g key={from}>{bars(text, counted, MARGIN.left + across * from + 0.5, Math.max(1, across * (to - from) - 1))}</g>
            ))}
            {hasNone && (
              <g>
                {bars('no value', none, noneAt, NONE - 6)}
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
              {titleOf(axis)}
            </text>
          </svg>
          {isWords ? (
            bins.map(({ from, to, text }) => (
              <span key={text} class="under" style={inPixels({ left: MARGIN.left + (across * (from + to)) / 2, top: foot + 2 })}>
                <WordToggle axis={axis} word={text} brush={brush} onBrush={onBrush} />
              </span>
            ))
          ) : (
            <div class="over" style={inPixels({ left: MARGIN.left, top: MARGIN.top, width: across, height: down })}>
              <RangeBrush axis={axis} brush={brush} onBrush={onBrush} direction="horizontal" length={across} />
            </div>
          )}
          {hasNone && (
            <span class="under" style={inPixels({ left: noneAt + NONE / 2 - 3, top: foot + 2 })}>
              <WordToggle axis={axis} word={null} brush={brush} onBrush={onBrush} />
            </span>
          )}
        </>
      )}
    </div>
  );
}
