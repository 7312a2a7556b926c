/** A sweep's report as one self-contained page: what was found in words, then every figure with its table and its CSV. */
import type { Interpretation } from '../../models/interpretation/interpretation.ts';
import { describeComparison } from '../../text/comparison.ts';
import { describeInterpretation } from '../../text/interpretation.ts';
import { escapeXml } from '../plot/coverage.ts';
import { HTML_STYLE } from '../plot/page.ts';
import { type Figure, figuresOf, type ReportData } from './figures.ts';

/** Rows of a table that are shown; the CSV holds all. */
const SHOWN_ROWS = 150;

const STYLE = `${HTML_STYLE}
  h1 { overflow-wrap: anywhere; }
  nav ul { columns: 2; padding-left: 1.2rem; }
  figure { margin: 2.5rem 0; }
  figure h2 { margin-bottom: .3rem; font-size: 1.15rem; }
  figcaption { color: #444; margin-bottom: .6rem; }
  details { margin-top: .4rem; }
  details .table { max-height: 24rem; overflow: auto; }
  a { color: #0a58a6; }
  @media (max-width: 40rem) { nav ul { columns: 1; } figure .chart { overflow-x: auto; } figure .chart svg { min-width: calc(.8 * var(--natural, 37rem)); } }
  @media print { details { display: none; } figure { break-inside: avoid; } }`;

export interface ReportPage extends ReportData {
  readonly sweep: { readonly id: string; readonly name: string };
}

export function reportPage(data: ReportPage): { html: string; figures: number } {
  const figures = figuresOf(data);
  const { comparison, interpretation, sweep } = data;
  const title = `${sweep.name}: ${comparison.target} of ${comparison.dataset}`;
  const sentences = [...describeComparison(comparison).split('\n'), ...describeInterpretation(interpretation)];
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeXml(title)}</title><style>${STYLE}
</style></head>
<body>
<h1>${escapeXml(title)}</h1>
<p>Sweep ${escapeXml(sweep.id)}. All figures are of test rows, which no choice was made on.${dropped(interpretation)}</p>
<ul>
${sentences.map((sentence) => `<li>${escapeXml(sentence)}</li>`).join('\n')}
</ul>
<nav aria-label="Figures"><ul>
${figures.map(({ id, title: name }) => `<li><a href="#${id}">${escapeXml(name)}</a></li>`).join('\n')}
</ul></nav>
${figures.map(figureHtml).join('\n')}
</body>
</html>
`;
  return { html, figures: figures.length };
}

function dropped({ dropped: names }: Interpretation): string {
  return names.length === 0 ? '' : ` Constant and therefore left out: ${escapeXml(names.join(', '))}.`;
}

function figureHtml({ id, title, caption, svg, table: { head, rows } }: Figure): string {
  const shown = rows.slice(0, SHOWN_ROWS);
  const csv = Buffer.from(csvOf(head, rows)).toString('base64');
  const more = rows.length > shown.length ? ` (${shown.length} of ${rows.length} rows; the CSV has all)` : '';
  const body = shown.map((row) => `<tr>${row.map((cell) => `<td>${escapeXml(shownCell(cell))}</td>`).join('')}</tr>`).join('\n');
  return `<figure id="${id}"><h2>${escapeXml(title)}</h2>
<figcaption>${escapeXml(caption)}</figcaption>
${svg === null ? '' : `<div class="chart">${svg}</div>`}
<details${svg === null ? ' open' : ''}><summary>Data${more}</summary>
<div class="table" tabindex="0"><table><thead><tr>${head.map((name) => `<th scope="col">${escapeXml(name)}</th>`).join('')}</tr></thead><tbody>${body}</tbody></table></div></details>
<a download="${id}.csv" href="data:text/csv;base64,${csv}">${id}.csv</a></figure>`;
}

const shownCell = (cell: string | number | null): string =>
  cell === null ? '–' : typeof cell === 'number' ? String(Number(cell.toPrecision(5))) : cell;

function csvOf(head: readonly string[], rows: Figure['table']['rows']): string {
  const cell = (value: string | number | null) => {
    const text = value === null ? '' : typeof value === 'number' ? String(Number(value.toPrecision(7))) : value;
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
