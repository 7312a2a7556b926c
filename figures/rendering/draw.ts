/** The one renderer of figures: marks, panels, legends and whole figures as SVG. */
import { METHOD_STYLES } from '../../text/methods.ts';
import type { Figure, LegendEntry, Mark, Panel, Point, PointLabel, Style } from '../model.ts';
import { apart, type Layout, LETTER, layOut, leftOf } from './layout.ts';
import { type Paint, paperPaint, RISING } from './palette.ts';
import { type SvgNode, svg, svgText } from './svg.ts';

const FONT = "'DejaVu Sans', Helvetica, Arial, sans-serif";
/** Radius of points, and of the marks of methods as their paths are. */
const RADIUS = 4;
const TITLE = { class: 'panel-title', 'font-weight': 600 } as const;
const BAR = 12;

const round = (value: number): number => Math.round(value * 10) / 10;

/** Draws a panel's axes and marks: the children of an `svg` element. `id`: unique on the page. */
export function drawPanel(panel: Panel, layout: Layout, paint: Paint, id: string): SvgNode[] {
  const { box, x, y, width, height, letters } = layout;
  const grid = svg(
    'g',
    { class: 'grid', stroke: paint('line') },
    ...x.ticks.map(({ at }) => svg('path', { d: `M${round(x(at))} ${box.top}V${box.bottom}` })),
    ...y.ticks.map(({ at }) => svg('path', { d: `M${box.left} ${round(y(at))}H${box.right}` })),
  );
  const clip = svg(
    'clipPath',
    { id },
    svg('rect', { x: box.left - 4, y: box.top - 4, width: box.right - box.left + 8, height: box.bottom - box.top + 8 }),
  );
  const axis = svg(
    'g',
    { class: 'axis' },
    svg('path', { d: `M${box.left} ${box.top}V${box.bottom}H${box.right}`, fill: 'none', stroke: paint('edge') }),
    ...x.ticks.map(({ at, label }) => words(x(at), box.bottom + 16, label, paint('soft'), { 'text-anchor': 'middle' })),
    ...y.ticks.map(({ at, label }) => {
      const name = panel.y.names ? shortened(label, letters) : label;
      const node = words(box.left - 6, y(at) + 4, name, paint('soft'), { 'text-anchor': 'end' });
      return name === label ? node : { ...node, children: [...node.children, svg('title', {}, label)] };
    }),
  );
  const titleLetters = Math.floor((width - box.left) / (LETTER * BOLD));
  const sideways = {
    transform: `translate(12 ${(box.top + box.bottom) / 2}) rotate(-90)`,
    'text-anchor': 'middle',
    fill: paint('ink'),
  };
  return [
    ...(panel.title ? [words(box.left, 16, shortened(panel.title, titleLetters), paint('ink'), TITLE)] : []),
    grid,
    clip,
    svg('g', { 'clip-path': `url(#${id})` }, ...panel.marks.map((mark) => drawMark(mark, layout, paint))),
    axis,
    ...ruleLabels(panel, layout, paint),
    ...(panel.x.label === ''
      ? []
      : [words((box.left + box.right) / 2, height - 6, panel.x.label, paint('ink'), { 'text-anchor': 'middle' })]),
    ...(panel.y.label === '' ? [] : [svg('text', sideways, panel.y.label)]),
  ];
}

function words(x: number, y: number, content: string, fill: string, rest: SvgNode['attributes'] = {}): SvgNode {
  return svg('text', { x: round(x), y: round(y), fill, ...rest }, content);
}

const shortened = (text: string, letters: number): string =>
  text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text;

/** Attributes of a stroke. */
const stroke = ({ colour, width = 2, dash, opacity, role }: Style, paint: Paint): SvgNode['attributes'] => ({
  class: role,
  fill: 'none',
  stroke: paint(colour),
  'stroke-width': width,
  'stroke-dasharray': dash,
  opacity,
});

/** Pixels beyond a panel at which marks end: what is far outside would enlarge the picture. */
const BEYOND = 500;
const near = (pixel: number, low: number, high: number): number => Math.min(high + BEYOND, Math.max(low - BEYOND, pixel));

function drawMark(mark: Mark, { x, y, box }: Layout, paint: Paint): SvgNode {
  const { shift = 0, role, colour, opacity } = mark;
  const across = (value: number) => round(near(x(value) + shift, box.left, box.right));
  const up = (value: number) => round(near(y(value), box.top, box.bottom));
  switch (mark.kind) {
    case 'line': {
      const end = mark.isClosed ? 'Z' : '';
      const d = mark.runs.map((run) => `M${run.map(([a, b]) => `${across(a)} ${up(b)}`).join('L')}${end}`).join('');
      return svg('path', { ...stroke(mark, paint), d, fill: mark.fill === undefined ? 'none' : paint(mark.fill) });
    }
    case 'points': {
      const places = mark.points.map(([a, b]): Point => [across(a), up(b)]);
      return drawPoints(mark, places, paint);
    }
    case 'intervals': {
      const d = mark.spans.map(([at, low, high]) => {
        const isAcross = mark.along === 'x';
        return isAcross ? `M${across(low)} ${up(at)}H${across(high)}` : `M${across(at)} ${up(low)}V${up(high)}`;
      });
      return svg('path', { ...stroke(mark, paint), d: d.join('') });
    }
    case 'bars':
      return svg(
        'g',
        { class: role, fill: paint(colour), opacity },
        ...mark.spans.map(([at, value], i) =>
          named(
            svg('rect', {
              x: Math.min(across(0), across(value)),
              y: round(up(at) - BAR / 2),
              width: Math.max(1, round(Math.abs(x(value) - x(0)))),
              height: BAR,
            }),
            mark.labels?.[i],
          ),
        ),
      );
    case 'band':
      return svg('rect', {
        class: role,
        x: box.left,
        width: box.right - box.left,
        y: up(mark.high),
        height: Math.max(1, round(y(mark.low) - y(mark.high))),
        fill: paint(colour),
        opacity: opacity ?? 0.2,
      });
    case 'rule': {
      const [from, to] = mark.between ?? [];
      const d =
        mark.axis === 'x'
          ? `M${across(mark.at)} ${from === undefined ? box.top : up(from)}V${to === undefined ? box.bottom : up(to)}`
          : `M${from === undefined ? box.left : across(from)} ${up(mark.at)}H${to === undefined ? box.right : across(to)}`;
      return svg('path', { ...stroke(mark, paint), d });
    }
    case 'text':
      return words(across(mark.at[0]) + 6, up(mark.at[1]) + 4, mark.text, paint(colour), {
        class: role,
        'font-weight': mark.isStrong ? 600 : undefined,
      });
  }
}

/** Width of bold letters relative to others. */
const BOLD = 1.1;

/** Labels of rules: horizontal ones at the right if there is room, vertical ones at the foot. */
function ruleLabels({ marks, labelRoom = 0 }: Panel, { box, x, y, width }: Layout, paint: Paint): SvgNode[] {
  const labelled = marks.flatMap((mark) =>
    mark.kind === 'rule' && mark.label !== undefined ? [{ ...mark, label: mark.label }] : [],
  );
  const upright = labelled.filter(({ axis }) => axis === 'x');
  const flat = width - box.right >= labelRoom ? labelled.filter(({ axis }) => axis === 'y') : [];
  const wanted = flat.map(({ at }) => y(at));
  const places = apart(wanted, 14);
  return [
    ...flat.map(({ label }, i) => words(box.right + 6, (places[i] ?? 0) + 4, label, paint('soft'))),
    ...upright.map(({ at, label, colour }) => {
      const room = label.length * LETTER * BOLD;
      const middle = (box.left + box.right) / 2;
      const [isRight, place] = [x(at) + 6 + room > box.right, x(at)];
      const fits = isRight ? place - 6 - room >= box.left : true;
      return words(fits ? place + (isRight ? -6 : 6) : middle, box.bottom - 10, label, paint(colour), {
        class: 'rule-label',
        'text-anchor': fits ? (isRight ? 'end' : 'start') : 'middle',
        'font-weight': 600,
        stroke: paint('page'),
        'stroke-width': 4,
        'paint-order': 'stroke',
      });
    }),
  ];
}

type PointsMark = Extract<Mark, { kind: 'points' }>;

/** Points without a symbol or labels are one path, however many they are. */
function drawPoints(mark: PointsMark, places: readonly Point[], paint: Paint): SvgNode {
  const { colour, radius = RADIUS, symbol, fill = 'full', isRinged, labels, opacity, role } = mark;
  if (!symbol && !labels && fill === 'full') {
    // A stroke without length and with round ends is a dot.
    const d = places.map(([px, py]) => `M${px} ${py}h0`).join('');
    const dots = { d, fill: 'none', stroke: paint(colour), 'stroke-width': 2 * radius, 'stroke-linecap': 'round' };
    return svg('path', { class: role, ...dots, opacity: opacity ?? 0.85 });
  }
  const width = mark.width ?? (fill === 'full' ? 1 : 2);
  const edge = paint(fill === 'full' ? 'page' : colour);
  return svg(
    'g',
    { class: role, opacity },
    ...places.map(([px, py], i) => {
      const label = labels?.[i];
      const shape = svg('path', {
        class: 'mark',
        transform: `scale(${round((10 * radius) / RADIUS) / 10})`,
        d: symbol ? METHOD_STYLES[symbol].mark : DISC,
        fill: paint(fill === 'full' ? colour : 'page'),
        stroke: edge,
        'stroke-width': width,
      });
      const parts = [
        ...(label?.href === undefined ? [] : [svg('circle', { class: 'reach', r: 12, fill: 'transparent' })]),
        ...(isRinged ? [svg('circle', { class: 'ring', r: 8, fill: 'none', stroke: paint(colour), 'stroke-width': 1.75 })] : []),
        shape,
        ...(fill === 'half' ? [svg('path', { d: HALF, fill: paint(colour), transform: `scale(${radius / RADIUS})` })] : []),
      ];
      return named(svg('g', { transform: `translate(${px} ${py})` }, ...parts), label);
    }),
  );
}

const DISC = 'M4 0a4 4 0 1 1-8 0a4 4 0 1 1 8 0z';
const HALF = 'M0-4A4 4 0 0 0 0 4Z';

/** Gives an element its tooltip, and its link where it has one. */
function named(node: SvgNode, label: PointLabel | undefined): SvgNode {
  if (label === undefined) return node;
  const titled = { ...node, children: [svg('title', {}, label.text), ...node.children] };
  return label.href === undefined ? titled : svg('a', { class: 'point', href: label.href, 'aria-label': label.text }, titled);
}

/** Width and height of a legend's sample. */
export const SAMPLE = { width: 34, height: 16 } as const;

/** Draws the sample of an entry of a legend, within SAMPLE. */
export function drawSample(entry: Extract<LegendEntry, { kind: 'sample' }>, paint: Paint): SvgNode[] {
  const { shape, dash, ...rest } = entry;
  const [left, right, middle] = [1, SAMPLE.width - 1, SAMPLE.height / 2];
  const centre: Point = [SAMPLE.width / 2, middle];
  const style = { ...rest, ...(dash && { dash }) };
  const line = svg('path', {
    ...stroke(style, paint),
    d: shape === 'upright' ? `M${centre[0]} 0V${SAMPLE.height}` : `M${left} ${middle}H${right}`,
  });
  if (shape === 'upright') return [line];
  if (shape === 'bar')
    return [svg('rect', { x: left, y: 3, width: right - left, height: 10, fill: paint(entry.colour), opacity: entry.opacity })];
  const point = drawPoints({ ...style, kind: 'points', points: [centre] }, [centre], paint);
  if (shape === 'point') return [point];
  return entry.symbol ? [line, point] : [line];
}

const GAP = 16;

/** A figure's file: all panels in rows of at most three, with title, caption and legend. */
export function figureSvg(figure: Figure, paint: Paint = paperPaint): string {
  const { panels, title, caption } = figure;
  const across = Math.max(1, Math.min(3, panels.length, Math.floor(1080 / figure.panelWidth)));
  const left = Math.max(...panels.map(leftOf));
  const cell = { width: figure.panelWidth + Math.max(0, left - 64), height: Math.max(...panels.map(({ height }) => height)) };
  const width = Math.max(480, across * cell.width + (across - 1) * GAP + 2 * GAP);
  const captionLines = wrapped(caption, Math.floor((width - 2 * GAP) / (LETTER * 0.95)));
  const legend = legendRows(figure.legend, width - 2 * GAP, paint);
  const top = 44 + 17 * captionLines.length;
  const below = top + (legend.rows > 0 ? 10 + 22 * legend.rows : 0) + 8;
  const height = below + Math.ceil(panels.length / across) * (cell.height + GAP);
  const cells = panels.map((panel, i) => {
    const [column, row] = [i % across, Math.floor(i / across)];
    const place = `translate(${GAP + column * (cell.width + GAP)} ${below + row * (cell.height + GAP)})`;
    return svg('g', { transform: place }, ...drawPanel(panel, layOut(panel, cell.width, left), paint, `${figure.id}-p${i}`));
  });
  const whole = svg(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      'font-family': FONT,
      'font-size': 12,
      role: 'img',
      'aria-labelledby': `${figure.id}-t ${figure.id}-d`,
    },
    svg('title', { id: `${figure.id}-t` }, title),
    svg('desc', { id: `${figure.id}-d` }, panels.map(({ description }) => description).join('; ')),
    svg('rect', { width, height, fill: paint('page') }),
    words(GAP, 26, title, paint('ink'), { 'font-size': 16, 'font-weight': 'bold' }),
    ...captionLines.map((line, i) => words(GAP, 46 + 17 * i, line, paint('soft'))),
    svg('g', { transform: `translate(${GAP} ${top + 4})` }, ...legend.nodes),
    ...cells,
  );
  return `${svgText(whole)}\n`;
}

/** Entries of a legend in as many rows as they need. */
function legendRows(entries: readonly LegendEntry[], room: number, paint: Paint): { nodes: SvgNode[]; rows: number } {
  let [x, row] = [0, 0];
  const nodes = entries.map((entry) => {
    const text = entry.kind === 'ramp' ? `${entry.label}: ${entry.low} to ${entry.high}` : entry.label;
    const needed = SAMPLE.width + 24 + text.length * LETTER;
    if (x > 0 && x + needed > room) [x, row] = [0, row + 1];
    const sample = entry.kind === 'ramp' ? drawRamp(paint) : drawSample(entry, paint);
    const node = svg(
      'g',
      { transform: `translate(${round(x)} ${22 * row})` },
      ...sample,
      words(SAMPLE.width + 6, 12, text, paint('ink')),
    );
    x += needed;
    return node;
  });
  return { nodes, rows: entries.length === 0 ? 0 : row + 1 };
}

/** The scale of rising values, as many small rectangles: no ids. */
function drawRamp(paint: Paint): SvgNode[] {
  const parts = 4 * (RISING.length - 1);
  const width = SAMPLE.width / parts;
  return Array.from({ length: parts }, (_, i) =>
    svg('rect', { x: round(i * width), y: 3, width: round(width + 0.3), height: 10, fill: paint(i / (parts - 1)) }),
  );
}

/** Breaks a text into lines of at most so many letters. */
function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
