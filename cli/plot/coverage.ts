/** Covered variance against bottleneck width or rank, as SVG: the three methods with intervals, the full emulator above, linear baselines faint. */
import { scaleLinear, scaleLog, scalePoint } from 'd3-scale';
import type { Comparison, ComparisonRow } from '../../models/evaluation/comparison.ts';
import { METHODS, type Method } from '../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { BASELINE_NAMES } from '../../text/names.ts';

const INK = '#222222';
const FAINT = '#8a8a8a';
const GRID = '#e4e4e4';

const WIDTH = 920;
const HEIGHT = 468;
const PANEL = { top: 122, bottom: 408, left: 64, width: 340, gap: 92 };

interface Panel {
  readonly left: number;
  readonly title: string;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  /** Pixel of a covered variance; undefined where the panel cannot show it. */
  readonly y: (coveredVariance: number) => number | undefined;
}

export function coverageSvg(comparison: Comparison): string {
  const { rows, baselines } = comparison;
  const widths = [...new Set([...rows.map(({ k }) => k), ...baselines.flatMap(({ k }) => (k === null ? [] : [k]))])].sort(
    (a, b) => a - b,
  );
  const panels = [linearPanel(comparison), logPanel(comparison)];
  const parts = panels.flatMap((panel) => drawPanel(panel, comparison, widths));
  const title = `Covered variance of ${comparison.target} against bottleneck width or rank`;
  const description = rows
    .map((row) => `${METHOD_STYLES[row.method].label} k=${row.k}: ${row.coveredVariance.mean.toFixed(4)}`)
    .join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="'DejaVu Sans', Helvetica, Arial, sans-serif" font-size="12" role="img" aria-labelledby="t d">`,
    `<title id="t">${escapeXml(title)}</title><desc id="d">${escapeXml(description)}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(PANEL.left, 26, title, { size: 16, weight: 'bold' }),
    text(PANEL.left, 46, `${comparison.dataset}, test rows, mean over seeds with 95 % bootstrap intervals`, { fill: '#555555' }),
    ...legend(comparison),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function linearPanel({ rows, baselines }: Comparison): Panel {
  const values = [
    ...rows.flatMap(({ coveredVariance: { low, high } }) => [low, high]),
    ...baselines.map((one) => one.coveredVariance),
  ];
  const lowest = Math.min(0.5, ...values.filter(Number.isFinite));
  const scale = scaleLinear()
    .domain([Math.max(-0.2, Math.floor(lowest * 10) / 10), 1])
    .range([PANEL.bottom, PANEL.top]);
  return {
    left: PANEL.left,
    title: 'covered variance ρ',
    ticks: scale.ticks(6).map((value) => ({ at: scale(value), label: value.toFixed(1) })),
    y: (value) => (value >= (scale.domain()[0] as number) ? scale(value) : undefined),
  };
}

/** Near 1 only the rest tells: 1 - ρ on a logarithmic axis, better upwards. */
function logPanel({ rows, baselines }: Comparison): Panel {
  const rests = [
    ...rows.map(({ coveredVariance }) => 1 - coveredVariance.mean),
    ...baselines.map((one) => 1 - one.coveredVariance),
  ].filter((rest) => rest > 0);
  const smallest = 10 ** Math.floor(Math.log10(Math.min(0.1, ...rests)));
  const scale = scaleLog().domain([1, smallest]).range([PANEL.bottom, PANEL.top]).clamp(true);
  const decades = Array.from({ length: Math.round(-Math.log10(smallest)) + 1 }, (_, i) => 10 ** -i);
  return {
    left: PANEL.left + PANEL.width + PANEL.gap,
    title: 'not covered, 1 − ρ (logarithmic, better upwards)',
    ticks: decades.map((value) => ({
      at: scale(value),
      label: value === 1 ? '1' : value.toFixed(Math.round(-Math.log10(value))),
    })),
    y: (value) => (value < 1 ? scale(Math.max(smallest, 1 - value)) : undefined),
  };
}

function drawPanel(panel: Panel, { rows, baselines }: Comparison, widths: readonly number[]): string[] {
  const x = scalePoint<number>()
    .domain(widths)
    .range([panel.left, panel.left + PANEL.width])
    .padding(0.5);
  const right = panel.left + PANEL.width;
  const parts = [text(panel.left, PANEL.top - 12, panel.title, { weight: 'bold' })];
  for (const { at, label } of panel.ticks) {
    parts.push(line(panel.left, at, right, at, GRID), text(panel.left - 8, at + 4, label, { anchor: 'end', fill: '#555555' }));
  }
  for (const k of widths) parts.push(text(x(k) ?? 0, PANEL.bottom + 20, String(k), { anchor: 'middle', fill: '#555555' }));
  parts.push(text((panel.left + right) / 2, PANEL.bottom + 42, 'bottleneck width k (ECA: rank)', { anchor: 'middle' }));

  for (const { name, k, coveredVariance } of baselines) {
    const y = panel.y(coveredVariance);
    if (y === undefined) continue;
    if (name === 'emulator') parts.push(line(panel.left, y, right, y, INK, 1.5, '7 4'));
    else if (k === null) parts.push(line(panel.left, y, right, y, FAINT, 1, '2 4'));
    else
      parts.push(`<path d="M${(x(k) ?? 0) - 9} ${round(y)}h18" stroke="${FAINT}" stroke-width="${name === 'pls2' ? 2.5 : 1}"/>`);
  }
  METHODS.forEach((method, i) => {
    const own = rows.filter((row) => row.method === method).sort((a, b) => a.k - b.k);
    // Side by side, so that equal figures do not hide one another.
    const shift = (i - 1) * 10;
    const points = own.flatMap((row) => {
      const y = panel.y(row.coveredVariance.mean);
      return y === undefined ? [] : [{ row, x: (x(row.k) ?? 0) + shift, y }];
    });
    const path = points.map((point, at) => `${at === 0 ? 'M' : 'L'}${round(point.x)} ${round(point.y)}`).join('');
    parts.push(
      `<path d="${path}" fill="none" stroke="${METHOD_STYLES[method].color}" stroke-width="1.5" stroke-opacity="0.55"/>`,
    );
    for (const point of points) parts.push(...mark(panel, point.row, point.x, point.y));
  });
  return parts;
}

function mark(panel: Panel, row: ComparisonRow, x: number, y: number): string[] {
  const { low, high } = row.coveredVariance;
  const color = METHOD_STYLES[row.method].color;
  const from = panel.y(low) ?? PANEL.bottom;
  const to = panel.y(high) ?? y;
  return [
    `<path d="M${round(x)} ${round(from)}V${round(to)}M${round(x - 4)} ${round(from)}h8M${round(x - 4)} ${round(to)}h8" stroke="${color}" stroke-width="1.5" fill="none"/>`,
    symbol(row.method, x, y),
  ];
}

function symbol(method: Method, x: number, y: number): string {
  const { mark, color } = METHOD_STYLES[method];
  const at = `translate(${round(x)} ${round(y)}) scale(1.25)`;
  return `<path transform="${at}" d="${mark}" fill="${color}" stroke="white" stroke-width="0.8"/>`;
}

function legend({ rows, baselines }: Comparison): string[] {
  const parts: string[] = [];
  const y = 74;
  let x = PANEL.left + 6;
  const entry = (drawing: string, label: string) => {
    parts.push(drawing, text(x + 14, y + 4, label));
    x += 40 + label.length * 7.2;
  };
  for (const method of METHODS)
    if (rows.some((row) => row.method === method)) entry(symbol(method, x, y), METHOD_STYLES[method].label);
  const shown = new Set(baselines.map(({ name }) => name));
  if (shown.has('emulator')) entry(line(x - 9, y, x + 9, y, INK, 1.5, '7 4'), BASELINE_NAMES.emulator as string);
  if (shown.has('ridge')) entry(line(x - 9, y, x + 9, y, FAINT, 1, '2 4'), BASELINE_NAMES.ridge as string);
  for (const name of ['pls2', 'pcr'] as const) {
    if (shown.has(name)) entry(line(x - 9, y, x + 9, y, FAINT, name === 'pls2' ? 2.5 : 1), BASELINE_NAMES[name] as string);
  }
  return parts;
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1, dash = ''): string {
  const dashed = dash ? ` stroke-dasharray="${dash}"` : '';
  return `<path d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}" stroke="${stroke}" stroke-width="${width}"${dashed}/>`;
}

interface TextStyle {
  readonly size?: number;
  readonly weight?: string;
  readonly anchor?: string;
  readonly fill?: string;
}

function text(x: number, y: number, content: string, { size, weight, anchor, fill = INK }: TextStyle = {}): string {
  const attributes = [
    ...(size ? [`font-size="${size}"`] : []),
    ...(weight ? [`font-weight="${weight}"`] : []),
    ...(anchor ? [`text-anchor="${anchor}"`] : []),
  ];
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}" ${attributes.join(' ')}>${escapeXml(content)}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;

export function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
