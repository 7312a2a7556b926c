/** Formats a comparison for a terminal of 80 columns: bars, baselines, contrasts, metrics. */

import { type Comparison, type ComparisonRow, type Estimate, findFailedEmulator } from '../../models/evaluation/comparison.ts';
import { shownMetrics } from '../../models/evaluation/comparison-metrics.ts';
import { describeComparison } from '../../text/comparison.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { BASELINE_NAMES, formatScore } from '../../text/names.ts';
import { formatTable } from './table.ts';

const BAR = 30;
/** Metrics that the bars show. */
const IN_BARS = ['mean', 'low', 'high'];

/** The comparison in numbers and sentences; where the emulator has learnt nothing, that alone. */
export function comparisonReport(comparison: Comparison): string {
  const sentences = describeComparison(comparison);
  return findFailedEmulator(comparison.baselines) ? sentences : `${comparisonText(comparison)}\n\n${sentences}`;
}

export function comparisonText(comparison: Comparison): string {
  const { rows, baselines, contrasts } = comparison;
  const widths = [...new Set(rows.map(({ k }) => k))].sort((a, b) => a - b);
  const lines = [
    `${comparison.target} of ${comparison.dataset}: covered variance on test rows, mean over seeds [95 %]`,
    '',
    `${' '.repeat(41)}0${' '.repeat(BAR / 2 - 2)}0.5${' '.repeat(BAR / 2 - 3)}1`,
  ];
  for (const k of widths) {
    const same = rows.filter((row) => row.k === k).sort((a, b) => b.coveredVariance.mean - a.coveredVariance.mean);
    for (const row of same) lines.push(barLine(`k = ${k}`, METHOD_STYLES[row.method].label, row.coveredVariance));
  }
  for (const { name, k, coveredVariance } of baselines) {
    const label = BASELINE_NAMES[name] ?? name;
    lines.push(
      `${k === null ? '     ' : `k = ${k}`}  ${label.padEnd(15)} ${formatScore(coveredVariance).padEnd(17)} ${bar(coveredVariance)}`.trimEnd(),
    );
  }
  if (contrasts.length > 0) {
    lines.push('', 'differences on the same seeds and rows, each method at its best configuration:');
    for (const { k, a, b, difference, pairs, resolved } of contrasts) {
      const { mean, low, high } = difference;
      const verdict = resolved ? '' : '  (not resolved)';
      const name = `${METHOD_STYLES[a].label} - ${METHOD_STYLES[b].label}`;
      lines.push(`k = ${k}  ${name.padEnd(12)} ${signed(mean)} [${signed(low)}, ${signed(high)}]  ${pairs} pairs${verdict}`);
    }
  }
  const further = shownMetrics(rows).filter(({ label }) => !IN_BARS.includes(label));
  if (further.length > 0) lines.push('', metricsTable(rows, further));
  return lines.join('\n');
}

/** Lists metrics by cell; ± are half-widths of intervals over one source of error alone. */
function metricsTable(rows: readonly ComparisonRow[], metrics: ReturnType<typeof shownMetrics>): string {
  return formatTable(rows, {
    k: ({ k }) => k,
    method: ({ method }) => METHOD_STYLES[method].label,
    ...Object.fromEntries(metrics.map(({ label, read }) => [label, (row: ComparisonRow) => formatMetric(read(row))])),
  });
}

/** Four decimals, of small numbers two digits. */
function formatMetric(value: number | null): string | number | null {
  if (value === null || Number.isInteger(value)) return value;
  return Math.abs(value) < 0.001 ? String(Number(value.toPrecision(2))) : value.toFixed(4);
}

function barLine(k: string, method: string, { mean, low, high }: Estimate): string {
  const interval = `[${formatScore(low)}, ${formatScore(high)}]`;
  return `${k}  ${method.padEnd(5)} ${formatScore(mean).padEnd(6)} ${interval.padEnd(18)}  ${bar(mean)}`.trimEnd();
}

function bar(value: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, value)) * BAR * 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] as string;
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;
