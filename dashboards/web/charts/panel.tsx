/** A frame of two axes on common scales, as SVG; what is drawn in it gets the scales. */
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import './charts.css';
import type { Domain } from './scale.ts';
import { useWidth } from './size.ts';

export interface AxisSpec {
  readonly label: string;
  readonly domain: Domain;
  /** Names at whole numbers in place of ticks. */
  readonly names?: readonly string[];
  readonly ticks?: number;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Scales {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly box: Box;
}

export interface PointerPlace {
  readonly px: number;
  readonly py: number;
  /** The pointer is held down. */
  readonly held: boolean;
}

export interface PanelProps {
  /** In place of the picture, for those who do not see it. */
  readonly label: string;
  readonly title?: string;
  readonly height: number;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  readonly children: (scales: Scales) => ComponentChildren;
  /** What is drawn can be operated: it is read aloud one by one, the label as the name of all. */
  readonly hasLinks?: boolean;
  /** Pointers, in the coordinates of the SVG, with the scales to read them by. */
  readonly onPoint?: (at: PointerPlace, scales: Scales, kind: 'move' | 'press' | 'leave') => void;
  /** Beside the SVG, on top of it: tooltips. */
  readonly over?: (scales: Scales) => ComponentChildren;
}

/** A narrower one has no room for its axes, and none is drawn before its first layout. */
const LEAST_WIDTH = 200;

/** Pixels of a letter, on average. */
const LETTER = 6.7;

export function Panel({ label, title, height, x, y, children, hasLinks = false, onPoint, over }: PanelProps) {
  const room = useRef<HTMLDivElement>(null);
  const known = useWidth(room);
  const width = Math.max(LEAST_WIDTH, known);
  const clip = useId();
  const names = y.names ?? [];
  const widest = Math.min(Math.max(0, ...names.map(({ length }) => length)) * LETTER + 12, width * 0.42);
  const box: Box = {
    left: Math.max((names.length > 0 ? 8 : 46) + (y.label === '' ? 0 : 18), widest + (y.label === '' ? 0 : 18)),
    right: width - 12,
    top: title === undefined ? 10 : 28,
    bottom: height - (x.label === '' ? 24 : 42),
  };
  const scales: Scales = {
    x: scaleLinear()
      .domain([...x.domain])
      .range([box.left, box.right]),
    y: scaleLinear()
      .domain([...y.domain])
      .range([box.bottom, box.top]),
    box,
  };
  const across = ticksOf(x, scales.x, Math.max(2, Math.min(x.ticks ?? 6, Math.floor((box.right - box.left) / 70))));
  const up = ticksOf(y, scales.y, Math.max(2, Math.min(y.ticks ?? 6, Math.floor((box.bottom - box.top) / 36))));
  const told = (kind: 'move' | 'press' | 'leave') => (event: PointerEvent) => {
    const frame = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
    const scale = width / frame.width;
    const place = {
      px: (event.clientX - frame.left) * scale,
      py: (event.clientY - frame.top) * scale,
      held: event.buttons === 1,
    };
    onPoint?.(place, scales, kind);
  };
  const letters = Math.floor((box.left - (y.label === '' ? 8 : 26)) / LETTER);
  return (
    <div class="plot" ref={room}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        height={height}
        // Before its first layout: its height would follow from a width that is not its own, and what stands below would move.
        style={known === 0 ? { height: `${height}px` } : undefined}
        role={hasLinks ? 'group' : 'img'}
        aria-label={label}
        {...(onPoint && { onPointerMove: told('move'), onPointerDown: told('press'), onPointerLeave: told('leave') })}
      >
        {title !== undefined && (
          <text class="plot-title" x={box.left} y={16}>
            {title}
          </text>
        )}
        <g class="grid">
          {across.map(({ at }) => (
            <path key={at} d={`M${scales.x(at)} ${box.top}V${box.bottom}`} />
          ))}
          {up.map(({ at }) => (
            <path key={at} d={`M${box.left} ${scales.y(at)}H${box.right}`} />
          ))}
        </g>
        <clipPath id={clip}>
          <rect
            x={box.left}
            y={box.top - 4}
            width={Math.max(0, box.right - box.left + 4)}
            height={Math.max(0, box.bottom - box.top + 4)}
          />
        </clipPath>
        <g clip-path={`url(#${clip})`}>{children(scales)}</g>
        <g class="axis">
          <path d={`M${box.left} ${box.top}V${box.bottom}H${box.right}`} />
          {across.map(({ at, text }) => (
            <text key={at} x={scales.x(at)} y={box.bottom + 16} text-anchor="middle">
              {text}
            </text>
          ))}
          {up.map(({ at, text }) => (
            <text key={at} x={box.left - 6} y={scales.y(at) + 4} text-anchor="end">
              {text.length > letters && y.names ? `${text.slice(0, Math.max(1, letters - 1))}…` : text}
              {y.names && <title>{text}</title>}
            </text>
          ))}
        </g>
        {x.label !== '' && (
          <text x={(box.left + box.right) / 2} y={height - 6} text-anchor="middle">
            {x.label}
          </text>
        )}
        {y.label !== '' && (
          <text transform={`translate(12 ${(box.top + box.bottom) / 2}) rotate(-90)`} text-anchor="middle">
            {y.label}
          </text>
        )}
      </svg>
      {over?.(scales)}
    </div>
  );
}

function ticksOf({ names }: AxisSpec, scale: ScaleLinear<number, number>, count: number): { at: number; text: string }[] {
  if (names) return names.map((text, at) => ({ at, text }));
  const format = scale.tickFormat(count);
  return scale.ticks(count).map((at) => ({ at, text: format(at).replaceAll(',', '') }));
}

export interface Entry {
  readonly label: string;
  readonly colour: string;
  readonly dash?: readonly number[] | undefined;
  readonly mark?: 'line' | 'point' | 'area' | undefined;
}

export function Legend({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <ul class="legend">
      {entries.map(({ label, colour, dash, mark = 'line' }) => (
        <li key={label}>
          <svg class="icon" width="24" height="10" aria-hidden="true">
            {mark === 'line' && (
              <path d="M0 5H24" stroke={colour} stroke-width="2.5" {...(dash && { 'stroke-dasharray': dash.join(' ') })} />
            )}
            {mark === 'point' && <circle cx="12" cy="5" r="4" fill={colour} />}
            {mark === 'area' && <rect x="2" y="0" width="20" height="10" fill={colour} />}
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}

/** What the colours of the rising scale stand for. */
export function ColourScale({ name, low, high }: { readonly name: string; readonly low: string; readonly high: string }) {
  return (
    <div class="colour-scale">
      <span class="name">Colour: {name}</span>
      <span>{low}</span>
      <span class="ramp" role="img" aria-label={`from faint, ${low}, to strong, ${high}`} />
      <span>{high}</span>
    </div>
  );
}
