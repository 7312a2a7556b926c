/** Lines over one axis, on a canvas: spectra and learning curves. New values are drawn without building anything anew, fast enough for a slider. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { shownTheme } from '../state/theme.ts';
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { resolved } from './colours.ts';
import type { Domain } from './scale.ts';
import { short } from './scale.ts';
import { useWidth } from './size.ts';

export type Values = ArrayLike<number | null>;

export interface Line {
  readonly label: string;
  /** A gap where there is no number. */
  readonly values: Values;
  /** A CSS colour; variables follow light and dark. */
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly width?: number;
}

export interface LinePlotProps {
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  readonly height: number;
  /** Where left out, what the lines need. */
  readonly yDomain?: Domain;
  /** Upright lines at values of x, with a word. */
  readonly marks?: readonly { readonly at: number; readonly label: string }[];
  /** Plots of one group share the place of the pointer. */
  readonly group?: string;
  /** Values at the pointer are written below. */
  readonly readout?: boolean;
}

/** A plot narrower than that has no room for its axis. */
const widthOf = (room: number): number => Math.max(200, room);

const aligned = (x: ArrayLike<number>, lines: readonly Line[]): uPlot.AlignedData => [
  Array.from(x),
  ...lines.map(({ values }) => Array.from(values, (value) => (value === null || !Number.isFinite(value) ? null : value))),
];

export function LinePlot(props: LinePlotProps) {
  const { label, x, lines, height, readout = true } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const isLaidOut = width > 0;
  const text = useRef<HTMLParagraphElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = shownTheme.value;
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([
    lines.map(({ label: name, colour, dash, width: thick }) => [name, colour, dash, thick]),
    props.xLabel,
    props.yLabel,
    props.group,
    height,
    theme,
  ]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !isLaidOut) return;
    const made = new uPlot(optionsOf(latest, width, text), aligned(latest.current.x, latest.current.lines), element);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [shape, isLaidOut]);
  useEffect(() => {
    if (plot.current && plot.current.width !== widthOf(width)) plot.current.setSize({ width: widthOf(width), height });
  }, [width, height, shape]);
  const drawn = useRef(shape);
  useLayoutEffect(() => {
    // A plot that was just built holds these values already.
    if (drawn.current === shape) plot.current?.setData(aligned(x, lines));
    drawn.current = shape;
  }, [x, ...lines.map(({ values }) => values), props.yDomain?.[0], props.yDomain?.[1], JSON.stringify(props.marks)]);

  return (
    <>
      <div class="line-plot" ref={box} role="img" aria-label={label} style={{ height: `${height}px` }} />
      {readout && <p class="readout" ref={text} aria-hidden="true" />}
    </>
  );
}

function optionsOf(
  latest: { readonly current: LinePlotProps },
  width: number,
  text: { readonly current: HTMLParagraphElement | null },
): uPlot.Options {
  const { xLabel, yLabel, lines, height, group } = latest.current;
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const [soft, faint, ink] = [resolved('var(--soft)'), resolved('var(--line)'), resolved('var(--ink)')];
  const axis = {
    stroke: soft,
    font,
    labelFont: font,
    grid: { stroke: faint, width: 1 },
    ticks: { stroke: faint, width: 1, size: 5 },
  };
  return {
    width: widthOf(width),
    height,
    // No dates, whatever x is; no legend, as every figure here has its own.
    scales: {
      x: { time: false },
      y: {
        range: (_, low, high) => {
          const fixed = latest.current.yDomain;
          if (fixed) return [fixed[0], fixed[1]];
          if (low === null || high === null) return [0, 1];
          const pad = (high - low || Math.abs(high) || 1) * 0.06;
          return [low - pad, high + pad];
        },
      },
    },
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 7 },
      ...(group !== undefined && { sync: { key: group } }),
    },
    axes: [
      {
        ...axis,
        ...(xLabel === '' ? { size: 26 } : { label: xLabel, labelSize: 20, size: 30 }),
        values: (_, splits) => splits.map((value) => short(value, 8)),
      },
      {
        ...axis,
        label: yLabel,
        labelSize: 20,
        size: 52,
        values: (_, splits) => splits.map((value) => short(value, 6)),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, dash, width: thick = 1.75 }) => ({
        label,
        stroke: resolved(colour),
        width: thick,
        ...(dash && { dash: [...dash] }),
        points: { show: (self: uPlot) => (self.data[0]?.length ?? 0) < 3 },
      })),
    ],
    hooks: {
      draw: [(self) => drawMarks(self, latest.current.marks ?? [], ink, font)],
      setCursor: [
        (self) => {
          if (!text.current) return;
          const at = self.cursor.idx;
          text.current.textContent = at === null || at === undefined ? '' : readAt(latest.current, at);
        },
      ],
    },
  };
}

function readAt({ x, xLabel, lines }: LinePlotProps, at: number): string {
  const values = lines.flatMap(({ label, values: all }) => {
    const value = all[at];
    return value === null || value === undefined || !Number.isFinite(value) ? [] : [`${label} ${short(value, 4)}`];
  });
  return `${xLabel}: ${short(x[at] as number, 6)} · ${values.join(' · ')}`;
}

function drawMarks(self: uPlot, marks: NonNullable<LinePlotProps['marks']>, colour: string, font: string): void {
  const { ctx, bbox } = self;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.font = font.replace('12px', `${12 * devicePixelRatio}px`);
  for (const { at, label } of marks) {
    const px = self.valToPos(at, 'x', true);
    ctx.beginPath();
    ctx.moveTo(px, bbox.top);
    ctx.lineTo(px, bbox.top + bbox.height);
    ctx.stroke();
    const onLeft = px > bbox.left + bbox.width * 0.7;
    ctx.textAlign = onLeft ? 'right' : 'left';
    ctx.fillText(label, px + (onLeft ? -6 : 6) * devicePixelRatio, bbox.top + 14 * devicePixelRatio);
  }
  ctx.restore();
}
