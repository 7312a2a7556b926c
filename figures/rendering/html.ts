/** Self-contained HTML pages: sentences, then figures, each with its table and its CSV. */

import { csvCell } from '../../text/csv.ts';
import type { Cell, Figure, LegendEntry, Table } from '../model.ts';
import { formatCell } from '../numbers.ts';
import { drawPanel, drawSample, SAMPLE } from './draw.ts';
import { layOut, leftOf } from './layout.ts';
import { PALETTE_CSS, themePaint } from './palette.ts';
import { escapeXml, svg, svgText } from './svg.ts';

/** Rows of a table that are shown; the CSV has all. */
const SHOWN_ROWS = 150;

const STYLE = `
  :root { color-scheme: light dark; ${PALETTE_CSS} }
  @media print { :root { color-scheme: light; } details { display: none; } figure { break-inside: avoid; } }
  body { font: 16px/1.5 'DejaVu Sans', Helvetica, Arial, sans-serif; color: var(--ink); background: var(--page); max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { overflow-wrap: anywhere; font-size: 1.6rem; }
  nav ul { columns: 2; padding-left: 1.2rem; }
  figure { margin: 2.5rem 0; }
  figure h2 { margin-bottom: .3rem; font-size: 1.15rem; }
  figcaption { color: var(--soft); margin-bottom: .6rem; max-width: 50rem; }
  .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .4rem; padding: 0; list-style: none; font-size: .875rem; }
  .legend li { display: inline-flex; align-items: center; gap: .4rem; }
  .ramp { width: 6rem; height: .7rem; background: linear-gradient(to right in oklab, var(--rising-0), var(--rising-1), var(--rising-2), var(--rising-3), var(--rising-4)); }
  .panels { display: flex; flex-wrap: wrap; gap: .75rem 1rem; }
  .panels svg { width: 100%; height: auto; font: 12px 'DejaVu Sans', Helvetica, Arial, sans-serif; }
  .table { overflow: auto; max-height: 24rem; }
  table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; font-size: .9rem; }
  th, td { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); }
  th:first-child, td:first-child { text-align: left; }
  details { margin-top: .4rem; }
  a { color: var(--accent); }
  @media (max-width: 40rem) { nav ul { columns: 1; } }`;

export interface PageText {
  readonly title: string;
  readonly lead?: string;
  readonly sentences: readonly string[];
}

/** Returns a page of sentences and figures, with links to the figures at its head. */
export function figuresPage({ title, lead, sentences }: PageText, figures: readonly Figure[]): string {
  const links = figures.map(({ id, title: name }) => `<li><a href="#${id}">${escapeXml(name)}</a></li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeXml(title)}</title><style>${STYLE}
</style></head>
<body>
<h1>${escapeXml(title)}</h1>
${lead === undefined ? '' : `<p>${escapeXml(lead)}</p>\n`}<ul>
${sentences.map((sentence) => `<li>${escapeXml(sentence)}</li>`).join('\n')}
</ul>
${figures.length > 4 ? `<nav aria-label="Figures"><ul>\n${links}\n</ul></nav>\n` : ''}${figures.map(figureHtml).join('\n')}
</body>
</html>
`;
}

function figureHtml(figure: Figure): string {
  const { id, title, caption, panels, legend } = figure;
  const table = figure.table();
  const csv = Buffer.from(csvOf(table)).toString('base64');
  const hidden = table.rows.length > SHOWN_ROWS ? ` (${SHOWN_ROWS} of ${table.rows.length} rows; the CSV has all)` : '';
  return `<figure id="${id}"><h2>${escapeXml(title)}</h2>
<figcaption>${escapeXml(caption)}</figcaption>
${legend.length === 0 ? '' : `<ul class="legend">${legend.map(legendHtml).join('')}</ul>\n`}${panelsHtml(figure)}<details${panels.length === 0 ? ' open' : ''}><summary>Data${hidden}</summary>
${tableHtml(table)}</details>
<a download="${id}.csv" href="data:text/csv;base64,${csv}">${id}.csv</a></figure>`;
}

function panelsHtml({ id, title, panels, panelWidth }: Figure): string {
  if (panels.length === 0) return '';
  const left = Math.max(...panels.map(leftOf));
  const width = panelWidth + Math.max(0, left - 64);
  const drawn = panels.map((panel, i) => {
    const label = panel.title || title;
    const attributes = { viewBox: `0 0 ${width} ${panel.height}`, role: 'img', 'aria-label': `${label}: ${panel.description}` };
    const children = drawPanel(panel, layOut(panel, width, left), themePaint, `${id}-p${i}`);
    return `<div style="flex: 0 1 ${width}px">${svgText(svg('svg', attributes, ...children))}</div>`;
  });
  return `<div class="panels">${drawn.join('\n')}</div>\n`;
}

function legendHtml(entry: LegendEntry): string {
  if (entry.kind === 'ramp')
    return `<li>${escapeXml(`${entry.label}: ${entry.low}`)} <span class="ramp"></span> ${escapeXml(entry.high)}</li>`;
  const sample = svg('svg', { ...SAMPLE, 'aria-hidden': 'true' }, ...drawSample(entry, themePaint));
  return `<li>${svgText(sample)}${escapeXml(entry.label)}</li>`;
}

function tableHtml({ head, rows }: Table): string {
  const body = rows
    .slice(0, SHOWN_ROWS)
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeXml(formatCell(cell))}</td>`).join('')}</tr>`);
  const names = head.map((name) => `<th scope="col">${escapeXml(name)}</th>`).join('');
  return `<div class="table" tabindex="0"><table><thead><tr>${names}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function csvOf({ head, rows }: Table): string {
  const cellText = (value: Cell) => {
    if (value === null) return '';
    return typeof value === 'number' ? String(Number(value.toPrecision(7))) : csvCell(value);
  };
  return [head, ...rows].map((row) => `${row.map(cellText).join(',')}\n`).join('');
}
