/** The comparison for a terminal of 80 columns: bars with intervals, the baselines, the contrasts, and a reading in words. */
import type { Comparison, ComparisonRow, Estimate } from '../../models/comparison.ts';
import type { Method } from '../../models/engine.ts';

export const METHOD_NAMES: Readonly<Record<Method, string>> = { ednn: 'EDNN', eca: 'ECA', nnca: 'NNCA' };
export const BASELINE_NAMES: Readonly<Record<string, string>> = {
  emulator: 'full emulator',
  ridge: 'ridge',
  pcr: 'PCA regression',
  pls2: 'PLS2',
};

const BAR = 30;

/** Covered variance as text: more digits where it is close to 1. */
export function figure(value: number): string {
  return value > 0.9945 ? value.toFixed(4) : value.toFixed(3);
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
    for (const row of same) lines.push(barLine(`k = ${k}`, METHOD_NAMES[row.method], row.coveredVariance));
  }
  for (const { name, k, coveredVariance } of baselines) {
    const label = BASELINE_NAMES[name] ?? name;
    lines.push(
      `${k === null ? '     ' : `k = ${k}`}  ${label.padEnd(15)} ${figure(coveredVariance).padEnd(17)} ${bar(coveredVariance)}`.trimEnd(),
    );
  }
  if (contrasts.length > 0) {
    lines.push('', 'differences on the same seeds, each method at its best configuration:');
    for (const { k, a, b, difference, pairs } of contrasts) {
      const { mean, low, high } = difference;
      const verdict = low > 0 || high < 0 ? '' : '  (not resolved)';
      const name = `${METHOD_NAMES[a]} - ${METHOD_NAMES[b]}`;
      lines.push(`k = ${k}  ${name.padEnd(12)} ${signed(mean)} [${signed(low)}, ${signed(high)}]  ${pairs} pairs${verdict}`);
    }
  }
  return lines.join('\n');
}

function barLine(k: string, method: string, { mean, low, high }: Estimate): string {
  const interval = `[${figure(low)}, ${figure(high)}]`;
  return `${k}  ${method.padEnd(5)} ${figure(mean).padEnd(6)} ${interval.padEnd(18)}  ${bar(mean)}`.trimEnd();
}

function bar(value: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, value)) * BAR * 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] as string;
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;

/** What the figures say, in sentences: computed, never assumed. */
export function reading({ rows, contrasts, baselines, target }: Comparison): string {
  const sentences: string[] = [];
  const emulator = baselines.find(({ name }) => name === 'emulator');
  if (emulator) {
    sentences.push(
      `The full emulator covers ${percent(emulator.coveredVariance)} of the variance of ${target}: what a bottleneck could pass at best.`,
    );
  }
  const widths = [...new Set(rows.map(({ k }) => k))].sort((a, b) => a - b);
  for (const k of widths) {
    const ranked = rows.filter((row) => row.k === k).sort((a, b) => b.coveredVariance.mean - a.coveredVariance.mean);
    if (ranked.length === 0) continue;
    const figures = ranked.map((row) => `${METHOD_NAMES[row.method]} ${percent(row.coveredVariance.mean)}`).join(', ');
    sentences.push(
      `With ${k === 1 ? 'one number' : `${k} numbers`}: ${figures}${ranked.length > 1 ? ` (${ordering(ranked, contrasts, k)})` : ''}.`,
    );
  }
  const reference = emulator ? 'the full emulator' : `the variance of ${target}`;
  const enough = smallestEnough(rows, emulator?.coveredVariance ?? 1);
  if (enough) {
    const names = enough.methods.map((method) => METHOD_NAMES[method]).join(', ');
    sentences.push(
      `${enough.k === 1 ? 'One number is' : `${enough.k} numbers are`} enough to come within one percent of ${reference} (${names}).`,
    );
  } else if (rows.length > 0) {
    sentences.push(`No width of this sweep comes within one percent of ${reference}: try more units.`);
  }
  return sentences.join('\n');
}

/** Are the differences between neighbours in the ranking resolved? */
function ordering(ranked: readonly ComparisonRow[], contrasts: Comparison['contrasts'], k: number): string {
  const resolved = ranked.slice(1).every((row, i) => {
    const before = ranked[i] as ComparisonRow;
    const contrast = contrasts.find(
      ({ a, b, k: width }) =>
        width === k && ((a === before.method && b === row.method) || (a === row.method && b === before.method)),
    );
    return contrast !== undefined && (contrast.difference.low > 0 || contrast.difference.high < 0);
  });
  return resolved ? 'the order is clear over seeds' : 'not all differences are resolved over seeds';
}

function smallestEnough(rows: readonly ComparisonRow[], reference: number): { k: number; methods: Method[] } | null {
  const enough = rows.filter(({ coveredVariance }) => coveredVariance.mean >= reference - 0.01);
  if (enough.length === 0) return null;
  const k = Math.min(...enough.map((row) => row.k));
  return { k, methods: enough.filter((row) => row.k === k).map(({ method }) => method) };
}

function percent(value: number): string {
  return `${(value * 100).toFixed(value > 0.9945 ? 2 : 1)} %`;
}
