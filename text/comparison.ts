/** Comparisons as sentences. */
import type { Comparison, ComparisonRow } from '../models/evaluation/comparison.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { METHOD_STYLES } from './methods.ts';

/** The part of a comparison that its sentences depend on. */
type DescribedComparison = Pick<Comparison, 'target' | 'contrasts' | 'baselines'> & {
  readonly rows: readonly DescribedRow[];
};
type DescribedRow = Pick<ComparisonRow, 'method' | 'k' | 'coveredVariance'>;

/** Describes a comparison in sentences. */
export function describeComparison({ rows, contrasts, baselines, target }: DescribedComparison): string {
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
    const figures = ranked.map((row) => `${METHOD_STYLES[row.method].label} ${percent(row.coveredVariance.mean)}`).join(', ');
    sentences.push(
      `With ${k === 1 ? 'one number' : `${k} numbers`}: ${figures}${ranked.length > 1 ? ` (${ordering(ranked, contrasts, k)})` : ''}.`,
    );
  }
  const reference = emulator ? 'the full emulator' : `the variance of ${target}`;
  const enough = smallestEnough(rows, emulator?.coveredVariance ?? 1);
  if (enough) {
    const names = enough.methods.map((method) => METHOD_STYLES[method].label).join(', ');
    sentences.push(
      `${enough.k === 1 ? 'One number is' : `${enough.k} numbers are`} enough to come within one percent of ${reference} (${names}).`,
    );
  } else if (rows.length > 0) {
    sentences.push(`No width of this sweep comes within one percent of ${reference}: try more units.`);
  }
  return sentences.join('\n');
}

/** Describes whether the differences between neighbours in the ranking are resolved. */
function ordering(ranked: readonly DescribedRow[], contrasts: Comparison['contrasts'], k: number): string {
  const resolved = ranked.slice(1).every((row, i) => {
    const before = ranked[i] as DescribedRow;
    const contrast = contrasts.find(
      ({ a, b, k: width }) =>
        width === k && ((a === before.method && b === row.method) || (a === row.method && b === before.method)),
    );
    return contrast !== undefined && (contrast.difference.low > 0 || contrast.difference.high < 0);
  });
  return resolved ? 'the order is clear over seeds' : 'not all differences are resolved over seeds';
}

function smallestEnough(rows: readonly DescribedRow[], reference: number): { k: number; methods: Method[] } | null {
  const enough = rows.filter(({ coveredVariance }) => coveredVariance.mean >= reference - 0.01);
  if (enough.length === 0) return null;
  const k = Math.min(...enough.map((row) => row.k));
  return { k, methods: enough.filter((row) => row.k === k).map(({ method }) => method) };
}

const percent = (value: number): string => `${(value * 100).toFixed(value > 0.9945 ? 2 : 1)} %`;
