/** The comparison as one self-contained page: the picture, the tables behind it, the reading. */
import type { Comparison } from '../../models/evaluation/comparison.ts';
import { describeComparison } from '../../text/comparison.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { BASELINE_NAMES } from '../../text/names.ts';
import { coverageSvg, escapeXml } from './coverage.ts';

/** Shared by every page that narrows writes. */
export const HTML_STYLE = `
  :root { color-scheme: light; }
  body { font: 16px/1.5 'DejaVu Sans', Helvetica, Arial, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  svg { width: 100%; height: auto; }
  .table { overflow-x: auto; }
  table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
  caption { text-align: left; font-weight: bold; padding-bottom: .3rem; }
  th, td { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid #ddd; }
  th:first-child, td:first-child { text-align: left; }`;

export function coveragePage(comparison: Comparison): string {
  const { rows, contrasts, baselines, target, dataset } = comparison;
  const title = `Covered variance of ${target}, ${dataset}`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeXml(title)}</title><style>${HTML_STYLE}
</style></head>
<body>
<h1>${escapeXml(title)}</h1>
${describeComparison(comparison)
  .split('\n')
  .map((sentence) => `<p>${escapeXml(sentence)}</p>`)
  .join('\n')}
<figure style="margin:0">${coverageSvg(comparison)}</figure>
${htmlTable(
  'Methods, test rows, mean over seeds with 95 % intervals',
  ['method', 'k', 'seeds', 'mean', 'low', 'high', 'structure side'],
  rows.map(({ method, k, trials, coveredVariance: { mean, low, high }, structureCoveredVariance }) => [
    METHOD_STYLES[method].label,
    String(k),
    String(trials),
    ...[mean, low, high].map((value) => value.toFixed(4)),
    structureCoveredVariance ? structureCoveredVariance.mean.toFixed(4) : '–',
  ]),
)}
${htmlTable(
  'Differences on the same seeds',
  ['pair', 'k', 'pairs', 'mean', 'low', 'high'],
  contrasts.map(({ a, b, k, pairs, difference: { mean, low, high } }) => [
    `${METHOD_STYLES[a].label} − ${METHOD_STYLES[b].label}`,
    String(k),
    String(pairs),
    ...[mean, low, high].map((value) => value.toFixed(4)),
  ]),
)}
${htmlTable(
  'Baselines, test rows',
  ['baseline', 'k', 'covered variance'],
  baselines.map(({ name, k, coveredVariance }) => [
    BASELINE_NAMES[name] ?? name,
    k === null ? '–' : String(k),
    coveredVariance.toFixed(4),
  ]),
)}
</body>
</html>
`;
}

function htmlTable(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: 'th' | 'td', values: readonly string[]) =>
    values.map((value) => `<${tag}>${escapeXml(value)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  return `<div class="table"><table><caption>${escapeXml(caption)}</caption><thead><tr>${cells('th', head)}</tr></thead><tbody>${body}</tbody></table></div>`;
}
