/** Scatter plot of trials: a drawn box brushes both columns, a click picks a trial. */
import { shownTheme } from '../../state/theme.ts';
import './scatter.css';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../../text/methods.ts';
import { type Axis, type Tick, titleOf } from '../../trials/axis.ts';
import type { Brush, Brushes, Selection } from '../../trials/selection.ts';
import type { TrialTable } from '../../trials/table.ts';
import { prepareCanvas, screenScale, strokeOutlined } from '../canvas.ts';
import { type Rgb, resolveRgb, toCss } from '../colours.ts';
import { inPixels, useWidth } from '../size.ts';
import { RangeBrush, type RangeBrushProps } from './range-brush.tsx';
import { applyStamp, createStamp, type Pixels, type Stamp } from './stamps.ts';
import { drawInSlices } from './time-slices.ts';

const HEIGHT = 400;
const MARGIN = { left: 92, right: 28, top: 26, bottom: 90 };
/** Space for the handles of the brushes next to the axes. */
const STRIP = 24;
/** Room for the place of trials without a value. */
const NONE = 24;
/** Rows between two looks at the clock. */
const BLOCK = 10_000;
/** Share of a lane (categories, missing values) that trials spread over, at fixed offsets. */
const LANE = 0.55;
/** A click takes the nearest trial within so many pixels. */
const NEAR = 9;
const CLICK = 4;

export interface ScatterProps {
  readonly table: TrialTable;
  readonly x: Axis;
  readonly y: Axis;
  readonly selection: Selection;
  readonly brushes: Brushes;
  readonly onBrush: (name: string, brush: Brush | null) => void;
  readonly onBrushes: (brushes: readonly (readonly [string, Brush | null])[]) => void;
  readonly colours: () => readonly Rgb[];
  readonly classOf: Uint8Array;
  /** The mark of each trial: that of its method, by its index in METHODS. */
  readonly shapeOf: Uint8Array;
  readonly picked: number | null;
  readonly onPick: (row: number | null) => void;
  /** Tooltip of the trial under the pointer. */
  readonly describe: (row: number) => string;
  readonly label: string;
}

/** In [-0.5, 0.5), the same for a row every time. */
const scattered = (row: number, salt: number): number => (((row + 1) * (salt ? 0x9e3779b1 : 0x85ebca6b)) >>> 0) / 2 ** 32 - 0.5;

export function Scatter(props: ScatterProps) {
  const { table, x, y, selection, brushes, onBrush, onBrushes, colours, classOf, shapeOf, picked, onPick, describe, label } =
    props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const theme = shownTheme.value;
  const [drag, setDrag] = useState<{ readonly x: number; readonly y: number; readonly toX: number; readonly toY: number } | null>(
    null,
  );
  const [under, setUnder] = useState<number | null>(null);
  const looking = useRef(0);
  const plot = useMemo(() => plotOf(x, y, width), [x, y, width]);
  const version = table.version;

  useLayoutEffect(() => {
    const at = canvas.current;
    if (!at || width === 0) return;
    function* steps() {
      const scale = screenScale();
      const image = document.createElement('canvas');
      image.width = Math.round(width * scale);
      image.height = Math.round(HEIGHT * scale);
      const context = image.getContext('2d') as CanvasRenderingContext2D;
      const pixels = context.createImageData(image.width, image.height);
      const [none] = resolveRgb(['--none']);
      if (!selection.isEverything)
        yield* stampAll(pixels, plot, scale, selection.mask, 0, { radius: 1.5, opacity: 0.22 }, () => none, shapeOf);
      const shades = colours();
      const many = selection.count;
      const mark =
        many > 20_000
          ? { radius: 1.5, opacity: 0.45 }
          : many > 3000
            ? { radius: 2.2, opacity: 0.6 }
            : { radius: 3.6, opacity: 0.8 };
      yield* stampAll(pixels, plot, scale, selection.mask, 1, mark, (row) => shades[classOf[row] as number] as Rgb, shapeOf);
      context.putImageData(pixels, 0, 0);
      const to = prepareCanvas(at as HTMLCanvasElement, width, HEIGHT);
      to.drawImage(image, 0, 0, width, HEIGHT);
      frame(to, plot, x, y);
      if (picked !== null) strokeOutlined(to, 2, () => to.arc(plot.xOf(picked), plot.yOf(picked), 8, 0, 2 * Math.PI));
    }
    return drawInSlices('scatter', table, steps());
  }, [table, version, plot, selection, classOf, picked, theme]);

  const pointOf = (event: PointerEvent) => {
    const frameOf = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { x: event.clientX - frameOf.left, y: event.clientY - frameOf.top };
  };
  // Once a frame: it passes over all trials.
  const look = (atX: number, atY: number) => {
    cancelAnimationFrame(looking.current);
    looking.current = requestAnimationFrame(() => setUnder(nearest(plot, selection.mask, atX, atY)));
  };
  const end = (event: PointerEvent) => {
    if (!drag) return;
    const to = pointOf(event);
    setDrag(null);
    if (Math.hypot(to.x - drag.x, to.y - drag.y) < CLICK) {
      onPick(nearest(plot, selection.mask, to.x, to.y));
      return;
    }
    const across = [drag.x, to.x].sort((a, b) => a - b).map((at) => (at - plot.left) / plot.across) as [number, number];
    const down = [drag.y, to.y].map((at) => 1 - (at - MARGIN.top) / plot.down).sort((a, b) => a - b) as [number, number];
    const of = (axis: Axis, [low, high]: [number, number]) => [axis.field.name, brushBetween(axis, low, high)] as const;
    onBrushes(x.field.name === y.field.name ? [of(y, down)] : [of(x, across), of(y, down)]);
  };
  const rubber = drag && {
    left: Math.min(drag.x, drag.toX),
    top: Math.min(drag.y, drag.toY),
    width: Math.abs(drag.toX - drag.x),
    height: Math.abs(drag.toY - drag.y),
  };
  const brushOn = (axis: Axis, direction: RangeBrushProps['direction'], place: Readonly<Record<string, number>>) =>
    width > 0 &&
    axis.spread !== 'categories' && (
      <div class={`side ${direction === 'vertical' ? 'left' : 'foot'}`} style={inPixels(place)}>
        <RangeBrush
          axis={axis}
          brush={brushes.get(axis.field.name)}
          onBrush={(brush) => onBrush(axis.field.name, brush)}
          direction={direction}
          length={direction === 'vertical' ? plot.down : plot.across}
        />
      </div>
    );
  return (
    <div class="scatter" ref={box} style={{ height: `${HEIGHT}px` }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        style={{ width: `${width}px`, height: `${HEIGHT}px` }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
          const at = pointOf(event);
          setDrag({ ...at, toX: at.x, toY: at.y });
        }}
        onPointerMove={(event) => {
          const at = pointOf(event);
          if (drag) setDrag({ ...drag, toX: at.x, toY: at.y });
          else look(at.x, at.y);
        }}
        onPointerLeave={() => {
          cancelAnimationFrame(looking.current);
          setUnder(null);
        }}
        onPointerUp={end}
        onPointerCancel={() => setDrag(null)}
      />
      {rubber && <div class="rubber" style={inPixels(rubber)} />}
      {under !== null && !drag && under < table.rows && (
        <div class="tooltip" style={tooltipAt(plot.xOf(under), plot.yOf(under), width)}>
          {describe(under)}
        </div>
      )}
      {brushOn(y, 'vertical', { left: plot.left - 16, top: MARGIN.top, height: plot.down })}
      {brushOn(x, 'horizontal', { left: plot.left, top: MARGIN.top + plot.down + NONE, width: plot.across })}
    </div>
  );
}

/** Returns the brush between two positions of an axis; a category counts by its lane's middle. */
function brushBetween(axis: Axis, low: number, high: number): Brush | null {
  if (axis.spread !== 'categories') {
    if (high <= 0) return { range: null, categories: null, none: true };
    return {
      range: [axis.valueAt(Math.max(0, low)), axis.valueAt(Math.min(1, high))],
      categories: null,
      none: low < -0.02 && axis.field.missing > 0,
    };
  }
  const categories = axis.ticks.flatMap(({ text }, i) => {
    const at = tickAt(axis, i);
    return at >= low && at <= high ? [text] : [];
  });
  return categories.length > 0 ? { range: null, categories, none: false } : null;
}

/** Position of a tick: of a category the middle of its lane, as lanes share the axis evenly. */
const tickAt = ({ spread, ticks }: Axis, i: number): number =>
  spread === 'categories' ? (i + 0.5) / ticks.length : (ticks[i] as Tick).at;

interface Plot {
  readonly left: number;
  readonly across: number;
  readonly down: number;
  /** Position of a row, in CSS pixels. */
  readonly xOf: (row: number) => number;
  readonly yOf: (row: number) => number;
}

function placeOn(axis: Axis, salt: number): (row: number) => number {
  const { values } = axis.field;
  if (axis.spread === 'categories') {
    const size = 1 / axis.ticks.length;
    return (row) => {
      const value = values[row] as number;
      return Number.isNaN(value) ? Number.NaN : (value + 0.5 + LANE * scattered(row, salt)) * size;
    };
  }
  const { position: place } = axis;
  return (row) => place(values[row] as number);
}

function plotOf(x: Axis, y: Axis, width: number): Plot {
  const left = MARGIN.left + (x.field.missing > 0 ? NONE : 0);
  const across = Math.max(1, width - left - MARGIN.right);
  const down = HEIGHT - MARGIN.top - MARGIN.bottom;
  const [onX, onY] = [placeOn(x, 0), placeOn(y, 1)];
  const spread = LANE * NONE;
  return {
    left,
    across,
    down,
    xOf: (row) => {
      const place = onX(row);
      return Number.isNaN(place) ? left - STRIP - NONE / 2 + spread * scattered(row, 0) : left + across * place;
    },
    yOf: (row) => {
      const place = onY(row);
      return Number.isNaN(place) ? MARGIN.top + down + NONE / 2 + spread * scattered(row, 1) : MARGIN.top + down * (1 - place);
    },
  };
}

function* stampAll(
  pixels: Pixels,
  { xOf, yOf }: Plot,
  scale: number,
  mask: Uint8Array,
  which: 0 | 1,
  { radius, opacity }: { readonly radius: number; readonly opacity: number },
  colourOf: (row: number) => Rgb,
  shapeOf: Uint8Array,
): Generator<void> {
  const stamps = METHODS.map((method) => createStamp(METHOD_STYLES[method].covers, radius * scale));
  for (let row = 0; row < mask.length; row++) {
    if (row % BLOCK === BLOCK - 1) yield;
    if (mask[row] !== which) continue;
    applyStamp(pixels, stamps[shapeOf[row] as number] as Stamp, xOf(row) * scale, yOf(row) * scale, colourOf(row), opacity);
  }
}

/** Positions the tooltip on the side of the point that has space. */
const tooltipAt = (x: number, y: number, width: number) => ({
  top: `${y + 12}px`,
  ...(x < width / 2 ? { left: `${x + 12}px` } : { right: `${width - x + 12}px` }),
});

function nearest({ xOf, yOf }: Plot, mask: Uint8Array, x: number, y: number): number | null {
  let best: number | null = null;
  let least = NEAR * NEAR;
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue;
    const distance = (xOf(row) - x) ** 2 + (yOf(row) - y) ** 2;
    if (distance < least) [best, least] = [row, distance];
  }
  return best;
}

function frame(context: CanvasRenderingContext2D, { left, across, down }: Plot, x: Axis, y: Axis): void {
  const [ink, soft] = resolveRgb(['--ink', '--soft']);
  const family = getComputedStyle(document.body).fontFamily;
  const foot = MARGIN.top + down;
  context.strokeStyle = toCss(soft);
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, MARGIN.top + 0.5, across - 1, down - 1);
  context.fillStyle = toCss(ink);
  context.font = `11px ${family}`;
  const under = foot + NONE + STRIP;
  context.textBaseline = 'top';
  context.textAlign = 'center';
  for (const [i, { text }] of x.ticks.entries())
    context.fillText(text, left + across * tickAt(x, i), under + 4, across / Math.max(1, x.ticks.length));
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const labelX = left - STRIP - (x.field.missing > 0 ? NONE : 0) - 6;
  for (const [i, { text }] of y.ticks.entries()) context.fillText(text, labelX, foot - down * tickAt(y, i));
  context.fillStyle = toCss(soft);
  if (y.field.missing > 0) context.fillText('none', labelX, foot + NONE / 2);
  context.textAlign = 'center';
  if (x.field.missing > 0) context.fillText('none', left - STRIP - NONE / 2, under + 10);
  context.fillStyle = toCss(ink);
  context.font = `600 12px ${family}`;
  context.textBaseline = 'bottom';
  context.fillText(titleOf(x), left + across / 2, HEIGHT - 4);
  context.save();
  context.translate(13, MARGIN.top + down / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'middle';
  context.fillText(titleOf(y), 0, 0, down);
  context.restore();
}
