/** A brush on an axis, dragged by pointer; its edges are sliders, at the ends without a brush. */
import './range-brush.css';
import { useRef, useState } from 'preact/hooks';
import type { Axis } from '../../trials/axis.ts';
import { type Brush, toggleCategory } from '../../trials/selection.ts';

export interface RangeBrushProps {
  readonly axis: Axis;
  readonly brush: Brush | undefined;
  readonly onBrush: (brush: Brush | null) => void;
  readonly direction: 'vertical' | 'horizontal';
  /** Length of the axis, in CSS pixels. */
  readonly length: number;
}

const STEP = 0.01;
const PAGE = 0.1;
/** How far keys move an edge, as a share of the axis. */
const MOVES: Readonly<Record<string, number>> = {
  ArrowUp: STEP,
  ArrowRight: STEP,
  ArrowDown: -STEP,
  ArrowLeft: -STEP,
  PageUp: PAGE,
  PageDown: -PAGE,
  Home: -1,
  End: 1,
};
const CLEARING = ['Escape', 'Delete', 'Backspace'];
/** A drag of less than this many pixels is a click, which takes the brush away. */
const CLICK = 4;

interface Ends {
  readonly low: number;
  readonly high: number;
}

export function RangeBrush({ axis, brush, onBrush, direction, length }: RangeBrushProps) {
  const isVertical = direction === 'vertical';
  const strip = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{
    readonly from: number;
    readonly mode: 'new' | 'low' | 'high' | 'move';
    readonly ends: Ends;
  } | null>(null);
  const { field } = axis;
  const range = brush?.range;
  const ends: Ends | null = range ? { low: axis.position(range[0]), high: axis.position(range[1]) } : null;
  const shown = ends ?? { low: 0, high: 1 };

  const placeOf = (event: PointerEvent): number => {
    const box = (strip.current as HTMLElement).getBoundingClientRect();
    const place = isVertical ? (box.bottom - event.clientY) / box.height : (event.clientX - box.left) / box.width;
    return Math.min(1, Math.max(0, place));
  };
  const set = (low: number, high: number) => {
    if (low <= 0 && high >= 1) onBrush(brush?.none ? { range: null, categories: null, none: true } : null);
    else onBrush({ range: [axis.valueAt(low), axis.valueAt(high)], categories: null, none: brush?.none ?? false });
  };
  const begin = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const place = placeOf(event);
    const held = (event.target as HTMLElement).dataset.edge;
    const isInside = ends !== null && place > ends.low && place < ends.high;
    const mode = held === 'low' || held === 'high' ? held : isInside ? 'move' : 'new';
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    event.preventDefault();
    setDrag({ from: place, mode, ends: shown });
  };
  const move = (event: PointerEvent) => {
    if (!drag) return;
    const place = placeOf(event);
    const { from, mode, ends } = drag;
    if (mode === 'move') {
      const by = Math.min(1 - ends.high, Math.max(-ends.low, place - from));
      set(ends.low + by, ends.high + by);
    } else if (mode !== 'new' || Math.abs(place - from) * length >= CLICK) {
      const fixed = mode === 'new' ? from : mode === 'low' ? ends.high : ends.low;
      set(Math.min(fixed, place), Math.max(fixed, place));
    }
  };
  const end = (event: PointerEvent) => {
    if (!drag) return;
    const isClick = Math.abs(placeOf(event) - drag.from) * length < CLICK;
    if (isClick && drag.mode !== 'low' && drag.mode !== 'high') onBrush(null);
    setDrag(null);
  };

  /** The edge one step on: over values where they are whole and few, else over the axis. */
  const stepped = (place: number, by: number): number => {
    if (field.isWhole && axis.to - axis.from <= 40 && Math.abs(by) === STEP) {
      const value = Math.round(place <= 0 ? axis.from : place >= 1 ? axis.to : (axis.valueAt(place) as number));
      return axis.position(value + Math.sign(by));
    }
    return Math.min(1, Math.max(0, place + by));
  };
  const press = (edge: 'low' | 'high') => (event: KeyboardEvent) => {
    const by = MOVES[event.key];
    if (by === undefined && !CLEARING.includes(event.key)) return;
    event.preventDefault();
    if (by === undefined) return onBrush(null);
    const next = stepped(shown[edge], by);
    if (edge === 'low') set(Math.min(next, shown.high), shown.high);
    else set(shown.low, Math.max(next, shown.low));
  };

  const at = (place: number) => (isVertical ? { bottom: `${100 * place}%` } : { left: `${100 * place}%` });
  const span = isVertical
    ? { bottom: `${100 * shown.low}%`, height: `${100 * (shown.high - shown.low)}%` }
    : { left: `${100 * shown.low}%`, width: `${100 * (shown.high - shown.low)}%` };
  const edge = (which: 'low' | 'high') => {
    const [low, high] = range ?? [axis.from, axis.to];
    return (
      <div
        class={`edge ${which}`}
        data-edge={which}
        role="slider"
        tabIndex={0}
        aria-orientation={direction}
        aria-label={`${field.label}, ${which === 'low' ? 'from' : 'to'}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * shown[which])}
        aria-valuetext={`${axis.format(which === 'low' ? low : high)}${field.unit === null ? '' : ` ${field.unit}`}`}
        style={at(shown[which])}
        onKeyDown={press(which)}
      />
    );
  };
  return (
    <div
      ref={strip}
      class={`range-brush ${direction}${ends ? ' set' : ''}`}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <div class="span" style={span} />
      {edge('low')}
      {edge('high')}
    </div>
  );
}

interface WordToggleProps extends Pick<RangeBrushProps, 'axis' | 'brush' | 'onBrush'> {
  /** null: those without a value. */
  readonly word: string | null;
}

/** A word of an axis, or its place for those without a value: pressed = let through. */
export function WordToggle({ axis: { field }, word, brush, onBrush }: WordToggleProps) {
  const isIn = word === null ? (brush?.none ?? false) : (brush?.categories?.includes(word) ?? false);
  return (
    <button
      type="button"
      class="word"
      aria-pressed={isIn}
      aria-label={`${field.label}: ${word ?? 'none'}`}
      onClick={() => onBrush(toggleCategory(brush, field, word))}
    >
      {word ?? 'none'}
    </button>
  );
}
