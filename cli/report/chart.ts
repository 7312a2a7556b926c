/** Small charts as SVG: panels of axes, lines, points, bars and intervals on common scales. What a figure shows is said in data, never in coordinates. */
import { scaleLinear } from 'd3-scale';
import { escapeXml } from '../plot/coverage.ts';

export interface AxisSpec {
  readonly label: string;
  readonly domain: readonly [number, number];
  /** Names at whole numbers in place of ticks. */
  readonly names?: readonly string[];
}

export type Point = readonly [number, number];

export type Mark =
  | {
      readonly kind: 'line';
      readonly points: readonly Point[];
      readonly color: string;
      readonly width?: number;
      readonly dash?: string;
    }
  | { readonly kind: 'points'; readonly points: readonly Point[]; readonly color: string; readonly radius?: number }
  /** low to high along the given axis at a place on the other one. */
  | {
      readonly kind: 'intervals';
      readonly along: 'x' | 'y';
      readonly spans: readonly (readonly [number, number, number])[];
      readonly color: string;
      readonly width?: number;
    }
  | {
      readonly kind: 'path';
      readonly d: (x: (value: number) => number, y: (value: number) => number) => string;
      readonly color: string;
      readonly fill?: string;
    };

export interface PanelSpec {
  readonly title: string;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  readonly marks: readonly Mark[];
}

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly dash?: string;
  /** Drawn as a point, not as a line. */
  readonly point?: true;
}

export interface ChartSpec {
  readonly title: string;
  /** For those who cannot see it. */
  readonly description: string;
  readonly panels: readonly PanelSpec[];
  readonly legend?: readonly LegendEntry[];
  /** Panels in a row, 3 by default. */
  readonly columns?: number;
  readonly panelHeight?: number;
  /** Pixels of a panel beside the names of its y axis, 290 by default. */
  readonly panelWidth?: number;
}

export const INK = '#222222';
export const FAINT = '#767676';
const GRID = '#e6e6e6';

const PANEL_WIDTH = 290;
/** Pixels of a letter of 11 px, on average. */
const LETTER = 6.6;
const MARGIN = { top: 30, right: 14, bottom: 44, left: 58 };

export function chart({
  title,
  description,
  panels,
  legend = [],
  columns = 3,
  panelHeight = 220,
  panelWidth = PANEL_WIDTH,
}: ChartSpec): string {
  const across = Math.min(columns, panels.length);
  const down = Math.ceil(panels.length / across);
  const nameWidth = nameWidthOf(panels);
  const cell = { width: panelWidth + nameWidth, height: panelHeight };
  const top = legend.length > 0 ? 34 : 8;
  const [width, height] = [Math.max(across * cell.width, 420), top + down * cell.height];
  const id = `c${hash(title + description + panels.length)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" style="max-width:${width}px;--natural:${width}px" font-family="'DejaVu Sans', Helvetica, Arial, sans-serif" font-size="11" role="img" aria-labelledby="${id}t ${id}d">`,
    `<title id="${id}t">${escapeXml(title)}</title><desc id="${id}d">${escapeXml(description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...legendOf(legend),
    ...panels.map((panel, i) => {
      const [left, above] = [(i % across) * cell.width, top + Math.floor(i / across) * cell.height];
      return `<g transform="translate(${left} ${above})">${panelOf(panel, cell.width, cell.height, nameWidth, `${id}p${i}`)}</g>`;
    }),
    '</svg>',
  ].join('\n');
}

/** What the longest name of a y axis needs beyond the margin, which has room for numbers and for the axis' own label. */
function nameWidthOf(panels: readonly PanelSpec[]): number {
  const room = (y: AxisSpec) => MARGIN.left - (y.label === '' ? 12 : 30);
  return Math.ceil(Math.max(0, ...panels.flatMap(({ y }) => (y.names ?? []).map((name) => name.length * LETTER - room(y)))));
}

function panelOf({ title, x, y, marks }: PanelSpec, width: number, height: number, nameWidth: number, id: string): string {
  const left = MARGIN.left + nameWidth;
  const box = { left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const sx = scaleLinear()
    .domain([...x.domain])
    .range([box.left, box.right]);
  const sy = scaleLinear()
    .domain([...y.domain])
    .range([box.bottom, box.top]);
  const parts = [`<text x="${left}" y="16" font-weight="bold" font-size="12" fill="${INK}">${escapeXml(title)}</text>`];
  for (const { at, label } of ticksOf(x, sx.ticks(4), plain(sx.tickFormat(4)))) {
    const px = round(sx(at));
    parts.push(
      `<path d="M${px} ${box.top}V${box.bottom}" stroke="${GRID}"/>`,
      textAt(px, box.bottom + 15, label, 'middle', FAINT),
    );
  }
  for (const { at, label } of ticksOf(y, sy.ticks(5), plain(sy.tickFormat(5)))) {
    const py = round(sy(at));
    parts.push(`<path d="M${box.left} ${py}H${box.right}" stroke="${GRID}"/>`, textAt(box.left - 6, py + 4, label, 'end', FAINT));
  }
  parts.push(
    textAt((box.left + box.right) / 2, height - 8, x.label, 'middle', INK),
    `<text transform="translate(12 ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle" fill="${INK}">${escapeXml(y.label)}</text>`,
    `<clipPath id="${id}"><rect x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}"/></clipPath>`,
    `<g clip-path="url(#${id})">${marks.map((mark) => markOf(mark, sx, sy)).join('')}</g>`,
    `<path d="M${box.left} ${box.top}V${box.bottom}H${box.right}" fill="none" stroke="${FAINT}"/>`,
  );
  return parts.join('');
}

type Scale = (value: number) => number;

function markOf(mark: Mark, x: Scale, y: Scale): string {
  switch (mark.kind) {
    case 'line': {
      const d = mark.points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${round(x(a))} ${round(y(b))}`).join('');
      const dash = mark.dash ? ` stroke-dasharray="${mark.dash}"` : '';
      return `<path d="${d}" fill="none" stroke="${mark.color}" stroke-width="${mark.width ?? 1.6}"${dash}/>`;
    }
    case 'points':
      return `<g fill="${mark.color}" fill-opacity="0.6">${mark.points
        .map(([a, b]) => `<circle cx="${round(x(a))}" cy="${round(y(b))}" r="${mark.radius ?? 1.8}"/>`)
        .join('')}</g>`;
    case 'intervals':
      return `<path d="${mark.spans
        .map(([at, low, high]) =>
          mark.along === 'x'
            ? `M${round(x(low))} ${round(y(at))}H${round(x(high))}`
            : `M${round(x(at))} ${round(y(low))}V${round(y(high))}`,
        )
        .join('')}" stroke="${mark.color}" stroke-width="${mark.width ?? 1.6}" fill="none"/>`;
    case 'path':
      return `<path d="${mark.d(x, y)}" fill="${mark.fill ?? 'none'}" stroke="${mark.color}" stroke-width="1.2"/>`;
  }
}

/** Without commas between thousands. */
const plain = (format: (value: number) => string) => (value: number) => format(value).replaceAll(',', '');

function ticksOf({ names }: AxisSpec, ticks: readonly number[], format: (value: number) => string) {
  if (names) return names.map((label, at) => ({ at, label }));
  return ticks.map((at) => ({ at, label: format(at) }));
}

function legendOf(entries: readonly LegendEntry[]): string[] {
  let x = 10;
  return entries.map(({ label, color, dash, point }) => {
    const at = x;
    x += 42 + label.length * LETTER;
    const dashed = dash ? ` stroke-dasharray="${dash}"` : '';
    const sample = point
      ? `<circle cx="${at + 11}" cy="16" r="3.5" fill="${color}" fill-opacity="0.6"/>`
      : `<path d="M${at} 16h22" stroke="${color}" stroke-width="2.5"${dashed}/>`;
    return `${sample}${textAt(at + 28, 20, label, 'start', INK)}`;
  });
}

function textAt(x: number, y: number, content: string, anchor: string, fill: string): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}">${escapeXml(content)}</text>`;
}

/** The range of the values with a margin, or `otherwise` where there are none. */
export function domainOf(
  values: Iterable<number>,
  margin = 0.04,
  otherwise: readonly [number, number] = [0, 1],
): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [...otherwise];
  const pad = (high - low || Math.abs(high) || 1) * margin;
  return [low - pad, high + pad];
}

/** Dark to light blue-green to yellow, by share 0 to 1: rising lightness, so that it reads without colour. */
export function sequential(share: number): string {
  const stops = [
    [68, 1, 84],
    [59, 82, 139],
    [33, 145, 140],
    [94, 201, 98],
    [220, 200, 30],
  ] as const;
  const at = Math.min(0.9999, Math.max(0, share)) * (stops.length - 1);
  const [a, b] = [stops[Math.floor(at)], stops[Math.floor(at) + 1]] as [readonly number[], readonly number[]];
  const mix = a.map((value, i) => Math.round(value + (at % 1) * ((b[i] as number) - value)));
  return `rgb(${mix.join(' ')})`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Distinct ids for the parts of one page. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(36);
}
