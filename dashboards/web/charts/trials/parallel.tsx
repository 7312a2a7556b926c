/** Parallel coordinates: an axis per column, a line per trial; thousands of lines as densities. */
import { shownTheme } from '../../state/theme.ts';
import './parallel.css';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { rowsOf } from '../../../../search/columns/column.ts';
import { type Axis, assignBins } from '../../trials/axis.ts';
import type { Brush, Brushes, Selection } from '../../trials/selection.ts';
import type { TrialTable } from '../../trials/table.ts';
import { prepareCanvas, screenScale, strokeOutlined } from '../canvas.ts';
import { type Rgb, resolveRgb, toCss } from '../colours.ts';
import { useWidth } from '../size.ts';
import {
  addBundles,
  addLines,
  type Colours,
  type Density,
  type Edges,
  emptyDensity,
  type Gap,
  type PlaceOf,
  paint,
  type Side,
  sumUp,
} from './density.ts';
import { RangeBrush, WordToggle } from './range-brush.tsx';
import { drawInSlices } from './time-slices.ts';

/** Up to so many lines are drawn one by one. */
export const MOST_LINES = 2000;

/** Bins of a numeric axis; finer ones are indistinguishable between two axes. */
const BINS = 48;
const TOP = 64;
const PLOT = 280;
/** From the foot of the axes to the place of trials without a value. */
const NONE_AT = PLOT + 40;
const NONE_SIZE = 12;
const HEIGHT = TOP + NONE_AT + 18;
const SIDE = 52;
const LEAST_GAP = 92;

export interface ParallelProps {
  readonly table: TrialTable;
  readonly axes: readonly Axis[];
  readonly selection: Selection;
  readonly brushes: Brushes;
  readonly onBrush: (name: string, brush: Brush | null) => void;
  readonly onMove: (name: string, by: -1 | 1) => void;
  /** Colours of the classes, computed again when the theme changes. */
  readonly colours: () => readonly Rgb[];
  readonly classOf: Uint8Array;
  /** The trial that is drawn over all others. */
  readonly picked: number | null;
  readonly label: string;
}

export function Parallel({ table, axes, selection, brushes, onBrush, onMove, colours, classOf, picked, label }: ParallelProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const context = useRef<{ readonly of: object; readonly image: HTMLCanvasElement } | null>(null);
  const across = useWidth(box);
  const width = Math.max(across, 2 * SIDE + (axes.length - 1) * LEAST_GAP);
  const theme = shownTheme.value;
  const places = axes.map((_, i) => (axes.length === 1 ? width / 2 : SIDE + (i * (width - 2 * SIDE)) / (axes.length - 1)));

  // All trials, behind the selection: drawn again only when they change.
  const ground = useMemo(() => ({}), [table, table.version, axes, width, theme]);
  const density = useRef<Density | null>(null);
  const images = useRef<{ readonly all: HTMLCanvasElement; readonly selected: HTMLCanvasElement } | null>(null);

  useLayoutEffect(() => {
    const at = canvas.current;
    if (!at || across === 0) return;
    const scale = screenScale();
    function* steps() {
      const bins: Uint16Array[] = [];
      for (const axis of axes) {
        bins.push(assignBins(axis, BINS));
        yield;
      }
      density.current = emptyDensity(Math.round(width * scale), Math.round((HEIGHT - TOP) * scale), density.current);
      images.current ??= { all: document.createElement('canvas'), selected: document.createElement('canvas') };
      const shared = { axes, places, scale, bins, density: density.current };
      const [soft] = resolveRgb(['--none']);
      if (!selection.isEverything && context.current?.of !== ground) {
        const plain = { classes: [soft], classOf: new Uint8Array(table.rows) };
        const image = yield* bundles(images.current.all, shared, null, plain, { least: 0.05, most: 0.45 });
        context.current = { of: ground, image };
        emptyDensity(density.current.width, density.current.height, density.current);
      }
      const shades = { classes: colours(), classOf };
      const image =
        selection.count <= MOST_LINES
          ? yield* lines(images.current.selected, shared, rowsOf(selection.mask), shades)
          : yield* bundles(images.current.selected, shared, selection.mask, shades, { least: 0.1, most: 0.95 });
      const to = prepareCanvas(at as HTMLCanvasElement, width, HEIGHT);
      if (!selection.isEverything && context.current) to.drawImage(context.current.image, 0, TOP, width, HEIGHT - TOP);
      to.drawImage(image, 0, TOP, width, HEIGHT - TOP);
      if (picked !== null) follow(to, axes, places, picked);
      frame(to, axes, places);
    }
    return drawInSlices('parallel', table, steps());
  }, [ground, selection, classOf, across, picked]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="parallel" ref={box} tabIndex={0} aria-label="Axes and their brushes">
      <div class="parallel-inner" style={{ width: `${width}px`, height: `${HEIGHT + 30}px` }}>
        <canvas ref={canvas} role="img" aria-label={label} style={{ width: `${width}px`, height: `${HEIGHT}px` }} />
        {axes.map((axis, i) => {
          const { field } = axis;
          const brush = brushes.get(field.name);
          const set = (next: Brush | null) => onBrush(field.name, next);
          return (
            <div key={field.name} class="parallel-axis" style={{ left: `${places[i]}px`, top: `${TOP}px`, height: `${PLOT}px` }}>
              {axis.spread === 'categories' ? (
                axis.ticks.map(({ at, text }) => (
                  <span key={text} class="place" style={{ bottom: `${100 * at}%` }}>
                    <WordToggle axis={axis} word={text} brush={brush} onBrush={set} />
                  </span>
                ))
              ) : (
                <RangeBrush axis={axis} brush={brush} onBrush={set} direction="vertical" length={PLOT} />
              )}
              {field.missing > 0 && (
                <span class="place" style={{ top: `${NONE_AT}px` }}>
                  <WordToggle axis={axis} word={null} brush={brush} onBrush={set} />
                </span>
              )}
              <span class="move" style={{ top: `${NONE_AT + 18}px` }}>
                {(
                  [
                    [-1, 'left', '‹', i === 0],
                    [1, 'right', '›', i === axes.length - 1],
                  ] as const
                ).map(([by, side, sign, isEnd]) => (
                  <button
                    key={side}
                    type="button"
                    aria-label={`${field.label}: to the ${side}`}
                    disabled={isEnd}
                    onClick={() => onMove(field.name, by)}
                  >
                    {sign}
                  </button>
                ))}
              </span>
            </div>
          );
        })}
      </div>
    </section>
  );
}

interface Shared {
  readonly axes: readonly Axis[];
  /** Positions of the axes, in CSS pixels. */
  readonly places: readonly number[];
  readonly scale: number;
  readonly bins: readonly Uint16Array[];
  /** Empty. */
  readonly density: Density;
}

const gapOf = ({ places, scale }: Shared, i: number): Gap => ({
  from: Math.round((places[i] as number) * scale),
  to: Math.round((places[i + 1] as number) * scale),
});

function* bundles(
  into: HTMLCanvasElement,
  shared: Shared,
  mask: Uint8Array | null,
  colours: Colours,
  opacity: { readonly least: number; readonly most: number },
): Generator<void, HTMLCanvasElement> {
  const { axes, scale, bins, density } = shared;
  const sides = axes.map((axis, i): Side => ({ bins: bins[i] as Uint16Array, edges: edgesOf(axis, scale) }));
  for (let i = 0; i + 1 < axes.length; i++) {
    addBundles(density, gapOf(shared, i), sides[i] as Side, sides[i + 1] as Side, mask, colours);
    yield;
  }
  const full = sumUp(density);
  yield;
  return picture(into, density, { ...opacity, full });
}

function* lines(
  into: HTMLCanvasElement,
  shared: Shared,
  rows: Uint32Array,
  colours: Colours,
): Generator<void, HTMLCanvasElement> {
  const { axes, scale, density } = shared;
  const at = axes.map(
    (axis): PlaceOf =>
      (row) =>
        scale * depthOf(axis, row),
  );
  for (let i = 0; i + 1 < axes.length; i++) {
    addLines(density, gapOf(shared, i), [at[i] as PlaceOf, at[i + 1] as PlaceOf], rows, 1.5 * scale, colours);
    yield;
  }
  const full = sumUp(density);
  yield;
  // A few lines are drawn full; of many, one is faint.
  const least = Math.min(0.9, Math.max(0.15, 6.5 / Math.sqrt(rows.length + 1)));
  return picture(into, density, { least, most: 0.95, full });
}

/** Returns how far a trial is below the top of an axis, in CSS pixels. */
function depthOf({ field, position }: Axis, row: number): number {
  const value = field.values[row] as number;
  return Number.isNaN(value) ? NONE_AT : PLOT * (1 - position(value));
}

function picture(into: HTMLCanvasElement, density: Density, opacity: Parameters<typeof paint>[1]): HTMLCanvasElement {
  const { width, height } = density;
  if (into.width !== width || into.height !== height) Object.assign(into, { width, height });
  const context = into.getContext('2d') as CanvasRenderingContext2D;
  const pixels = context.createImageData(width, height);
  paint(density, opacity, pixels.data);
  context.putImageData(pixels, 0, 0);
  return into;
}

/** Returns the edges of each bin and of the missing values, in pixels of the image. */
function edgesOf({ spread, ticks, field, from, to }: Axis, scale: number): Edges[] {
  const around = (centre: number): Edges => [scale * Math.max(0, centre - NONE_SIZE / 2), scale * (centre + NONE_SIZE / 2)];
  const edges = Array.from({ length: BINS }, (_, bin): Edges => {
    const top = PLOT * (1 - (bin + 1) / BINS);
    return [scale * top, scale * (top + PLOT / BINS)];
  });
  // Bins of few whole numbers and of categories narrow to their value.
  if (spread === 'categories' || ticks.length <= 2 || (field.isWhole && to - from < BINS / 4))
    for (const { at } of ticks) edges[Math.min(BINS - 1, (at * BINS) | 0)] = around(PLOT * (1 - at));
  return [...edges, around(NONE_AT)];
}

/** Draws one line, plainly. */
function follow(context: CanvasRenderingContext2D, axes: readonly Axis[], places: readonly number[], row: number): void {
  context.lineJoin = 'round';
  strokeOutlined(context, 2.5, () => {
    for (const [i, axis] of axes.entries()) context.lineTo(places[i] as number, TOP + depthOf(axis, row));
  });
}

/** Axes, their names and marks: on the canvas, so that a saved picture has them. */
function frame(context: CanvasRenderingContext2D, axes: readonly Axis[], places: readonly number[]): void {
  const [ink, soft, page] = resolveRgb(['--ink', '--soft', '--page']);
  const family = getComputedStyle(document.body).fontFamily;
  context.textAlign = 'center';
  axes.forEach((axis, i) => {
    const x = places[i] as number;
    context.strokeStyle = toCss(ink, 0.8);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, TOP);
    context.lineTo(x, TOP + PLOT);
    context.stroke();
    context.fillStyle = toCss(ink);
    context.font = `600 12px ${family}`;
    context.textBaseline = 'bottom';
    const named = linesOf(axis.field.label + (axis.spread === 'log' ? ' (log)' : ''));
    named.forEach((words, line) => {
      context.fillText(words, x, TOP - 28 - 14 * (named.length - 1 - line), LEAST_GAP - 4);
    });
    context.font = `11px ${family}`;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    for (const { at, text } of axis.ticks) {
      const y = TOP + PLOT * (1 - at);
      const isWord = axis.spread === 'categories';
      context.textAlign = isWord ? 'center' : 'left';
      if (!isWord) {
        context.beginPath();
        context.moveTo(x, y);
        context.lineTo(x + 4, y);
        context.stroke();
      }
      context.strokeStyle = toCss(page, 0.85);
      context.lineWidth = 3;
      context.strokeText(text, x + (isWord ? 0 : 12), y);
      context.fillStyle = toCss(ink);
      context.fillText(text, x + (isWord ? 0 : 12), y);
      context.strokeStyle = toCss(ink, 0.8);
      context.lineWidth = 1;
    }
    context.textAlign = 'center';
    if (axis.field.missing > 0) {
      context.fillStyle = toCss(soft);
      context.fillText('none', x, TOP + NONE_AT);
    }
  });
}

/** A name over at most two lines. */
function linesOf(name: string): string[] {
  if (name.length <= 14) return [name];
  const words = name.split(' ');
  let first = '';
  while (words.length > 1 && `${first} ${words[0]}`.length <= 17) first = `${first} ${words.shift()}`.trim();
  return first === '' ? [name] : [first, words.join(' ')];
}
