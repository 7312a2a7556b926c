/** Comparisons as sentences. */
import {
  type ComparedReference,
  type Comparison,
  type ComparisonRow,
  type Contrast,
  findFailedEmulator,
  type Sufficiency,
} from '../models/evaluation/comparison.ts';
import { describeEfforts, describeTuning, warnOfUnequalTuning } from './effort.ts';
import { describeEngines, warnOfMixedEngines } from './engines.ts';
import { describeCoverage } from './intervals.ts';
import { cellLabel, METHOD_STYLES } from './methods.ts';

/** The part of a comparison that its sentences depend on. */
export type DescribedComparison = Pick<Comparison, 'target' | 'contrasts' | 'baselines' | 'sufficiency' | 'efforts'> & {
  readonly rows: readonly DescribedRow[];
};
type DescribedRow = Pick<ComparisonRow, 'method' | 'k' | 'trials' | 'coveredVariance' | 'otherOptimum' | 'effort' | 'engines'>;

/** Describes a comparison in sentences, one to a line. */
export function describeComparison({
  rows,
  contrasts,
  baselines,
  target,
  sufficiency = [],
  efforts = [],
}: DescribedComparison): string {
  const failed = findFailedEmulator(baselines);
  if (failed) return nothingLearnt(failed, target);
  const emulator = baselines.find(({ name }) => name === 'emulator');
  const widths = [...new Set(rows.map(({ k }) => k))].sort((a, b) => a - b);
  const sentences = [
    ...(emulator
      ? [
          `The full emulator covers ${percent(emulator.coveredVariance)} of the variance of ${target}: what a bottleneck could pass at best.`,
        ]
      : []),
    ...widths.map((k) => widthSentence(rows, contrasts, k)),
    ...(rows.length > 0
      ? [enoughSentence(sufficiency, emulator ? 'the full emulator' : `all of the variance of ${target}`)]
      : []),
    ...rows.flatMap((row) => otherOptimumSentence(row) ?? []),
    ...describeTuning(rows),
    ...describeEfforts(efforts),
    ...coverageSentence(rows),
    ...describeEngines(rows),
    ...warnOfMixedEngines(rows),
  ];
  return sentences.join('\n');
}

/** Returns warnings of rows that are not to be compared as they stand. */
export const warnOfRows = (rows: readonly DescribedRow[]): string[] => [
  ...warnOfMixedEngines(rows),
  ...warnOfUnequalTuning(rows),
];

function nothingLearnt({ coveredVariance, estimate }: ComparedReference, target: string): string {
  const interval = estimate && estimate.high > estimate.low ? ` [${percent(estimate.low)}, ${percent(estimate.high)}]` : '';
  return `The full emulator covers ${percent(coveredVariance)}${interval} of the variance of ${target} on test rows: it has learnt nothing from these descriptors, so that widths and methods cannot be compared.`;
}

function widthSentence(rows: readonly DescribedRow[], contrasts: readonly Contrast[], k: number): string {
  const ranked = rows.filter((row) => row.k === k).sort((a, b) => b.coveredVariance.mean - a.coveredVariance.mean);
  const scores = ranked.map((row) => `${METHOD_STYLES[row.method].label} ${percent(row.coveredVariance.mean)}`).join(', ');
  const order = ranked.length > 1 ? ` (${orderOf(ranked, contrasts, k)})` : '';
  return `With ${k === 1 ? 'one number' : `${k} numbers`}: ${scores}${order}.`;
}

/** Describes which neighbours in the ranking are told apart. */
function orderOf(ranked: readonly DescribedRow[], contrasts: readonly Contrast[], k: number): string {
  const pairs = ranked.slice(1).map((row, i) => {
    const pair = [(ranked[i] as DescribedRow).method, row.method];
    const contrast = contrasts.find((one) => one.k === k && pair.includes(one.a) && pair.includes(one.b));
    return { contrast, names: pair.map((method) => METHOD_STYLES[method as DescribedRow['method']].label).join(' and ') };
  });
  const open = pairs.filter(({ contrast }) => contrast && !contrast.resolved).map(({ names }) => names);
  const apart = pairs.filter(({ contrast }) => !contrast).map(({ names }) => names);
  const unclear = open.length === pairs.length ? 'no order is clear' : 'the order is not clear';
  return [
    ...(pairs.every(({ contrast }) => contrast?.resolved) ? ['the order is clear'] : []),
    ...(open.length > 0 ? [`${unclear} between ${open.join(', nor between ')}`] : []),
    ...(apart.length > 0 ? [`not compared: ${apart.join(', ')}, which have no seed in common`] : []),
  ].join('; ');
}

function enoughSentence(sufficiency: readonly Sufficiency[], reference: string): string {
  const [first] = sufficiency;
  // Of several sweeps: the best network and the best emulator may be of different ones.
  if (!first) return `No width can be compared with ${reference}: they have no seed in common.`;
  const margin = `${100 * first.margin} percentage point`;
  const enough = narrowest(sufficiency.filter((one) => one.enough));
  if (enough.length > 0) {
    const names = enough.map(({ method }) => METHOD_STYLES[method].label).join(', ');
    return `${numbers(enough)} enough: less than ${margin} short of ${reference} (${names}).`;
  }
  const close = narrowest(sufficiency.filter(({ shortfall, margin: most }) => shortfall.mean < most));
  if (close.length === 0) return `No width of this sweep comes within ${margin} of ${reference}: try more units.`;
  const found = close.map(({ method, shortfall: { mean, low, high } }) => {
    return `${METHOD_STYLES[method].label} is short by ${points(mean)} [${points(low)}, ${points(high)}]`;
  });
  return `${numbers(close)} possibly enough, but less than ${margin} short of ${reference} is not certain: ${found.join(', ')} percentage points.`;
}

const narrowest = (cells: readonly Sufficiency[]): Sufficiency[] => {
  const k = Math.min(...cells.map((cell) => cell.k));
  return cells.filter((cell) => cell.k === k);
};

const numbers = ([first]: readonly Sufficiency[]): string => (first?.k === 1 ? 'One number is' : `${first?.k} numbers are`);

/** Names the seeds of a cell that ended in another optimum; null where none did. */
function otherOptimumSentence({ otherOptimum = [], trials, ...cell }: DescribedRow): string | null {
  if (otherOptimum.length === 0) return null;
  const seeds = `${otherOptimum.length === 1 ? 'seed' : 'seeds'} ${otherOptimum.join(', ')}`;
  return `${cellLabel(cell)}: ${otherOptimum.length} of ${trials} seeds ended in another optimum (${seeds}).`;
}

/** Says what the intervals cover, once for all cells. */
function coverageSentence(rows: readonly DescribedRow[]): string[] {
  const [first] = rows;
  if (!first) return [];
  const fewest = rows.reduce((a, b) => (b.trials < a.trials ? b : a));
  const over = describeCoverage(fewest.coveredVariance, fewest.trials);
  if (over === null) return ['A single seed has no interval, and no verdict.'];
  const isWhole = rows.every(({ coveredVariance: { units } }) => units);
  const alone = isWhole ? '' : ' alone: another choice of test rows may change more';
  const single = fewest.trials === 1 ? '; with a single seed no order is called clear' : '';
  return [`Intervals (95 %) are ${over}${alone}${single}.`];
}

export const percent = (value: number): string => `${(value * 100).toFixed(value > 0.9945 ? 2 : 1)} %`.replace('-', '−');
const points = (value: number): string => String(Number((100 * value).toPrecision(2))).replace('-', '−');
