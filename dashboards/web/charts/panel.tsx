/** One panel of a described figure, as wide as its room; interactive charts draw over it. */
import { type ComponentChild, type ComponentChildren, h } from 'preact';
import { useId, useMemo, useRef } from 'preact/hooks';
import type { Panel } from '../../../figures/model.ts';
import { drawPanel } from '../../../figures/rendering/draw.ts';
import { type Layout, layOut } from '../../../figures/rendering/layout.ts';
import { themePaint } from '../../../figures/rendering/palette.ts';
import type { SvgChild } from '../../../figures/rendering/svg.ts';
import './charts.css';
import { useWidth } from './size.ts';

export interface PointerPlace {
  readonly px: number;
  readonly py: number;
  /** The pointer is held down. */
  readonly held: boolean;
}

export interface PanelViewProps {
  readonly panel: Panel;
  /** Drawn over the marks, in the pixels of the layout. */
  readonly children?: (layout: Layout) => ComponentChildren;
  /** Called with the pointer's place in the pixels of the layout. */
  readonly onPoint?: (at: PointerPlace, layout: Layout, kind: 'move' | 'press' | 'leave') => void;
  /** HTML on top of the SVG: tooltips. */
  readonly over?: (layout: Layout) => ComponentChildren;
}

/** A narrower panel has no room for its axes, and none is drawn before its first layout. */
const LEAST_WIDTH = 200;

export function PanelView({ panel, children, onPoint, over }: PanelViewProps) {
  const room = useRef<HTMLDivElement>(null);
  const known = useWidth(room);
  const width = Math.max(LEAST_WIDTH, known);
  const id = useId();
  const layout = useMemo(() => layOut(panel, width), [panel, width]);
  // The same elements are not compared again while only what is drawn over them moves.
  const drawn = useMemo(() => drawPanel(panel, layout, themePaint, id).map(svgElement), [layout]);
  const hasLinks = panel.marks.some((mark) => mark.kind === 'points' && mark.labels?.some(({ href }) => href !== undefined));
  const pointed = (kind: 'move' | 'press' | 'leave') => (event: PointerEvent) => {
    const frame = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
    const scale = width / frame.width;
    const [px, py] = [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
    onPoint?.({ px, py, held: event.buttons === 1 }, layout, kind);
  };
  return (
    <div class="plot" ref={room}>
      <svg
        viewBox={`0 0 ${width} ${panel.height}`}
        height={panel.height}
        // Before the first layout the height would follow from a wrong width and shift the page.
        style={known === 0 ? { height: `${panel.height}px` } : undefined}
        role={hasLinks ? 'group' : 'img'}
        aria-label={panel.description}
        {...(onPoint && { onPointerMove: pointed('move'), onPointerDown: pointed('press'), onPointerLeave: pointed('leave') })}
      >
        {drawn}
        {children?.(layout)}
      </svg>
      {over?.(layout)}
    </div>
  );
}

/** Turns drawn SVG into elements. Paint is style, as attributes would give way to style sheets. */
export function svgElement(child: SvgChild): ComponentChild {
  if (typeof child === 'string') return child;
  const { fill, stroke, ...rest } = child.attributes;
  const style = { ...(fill !== undefined && { fill }), ...(stroke !== undefined && { stroke }) };
  return h(child.tag, { ...rest, style }, ...child.children.map(svgElement));
}
