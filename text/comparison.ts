/** Comparisons as sentences. */
import {
  type ComparedReference,
  type Comparison,
  type ComparisonRow,
  type Contrast,
  findFailedEmulator,
  type Sufficiency,
} from '../models/evaluation/comparison.ts';
import { describeEngines, warnOfMixedEngines } from './engines.ts';
import { describeCoverage } from './intervals.ts';
import { cellLabel, METHOD_STYLES } from './methods.ts';

/** The part of a comparison that its sentences depend on. */
export type DescribedComparison = Pick<Comparison, 'target' | 'contrasts' | 'baselines' | 'sufficiency'> & {
  readonly rows: readonly DescribedRow[];
};
type DescribedRow = Pick<ComparisonRow, 'method' | 'k' | 'trials' | 'coveredVariance' | 'otherOptimum' | 'effort' | 'engines'>;

/** Describes a comparison in sentences, one to a line. */
export function describeComparison({ rows, contrasts, baselines, target, sufficiency = [] }: DescribedComparison): string {
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
    ...effortSentences(rows),
    ...coverageSentence(rows),
    ...describeEngines(rows),
    ...warnOfMixedEngines(rows),
  ];
  return sentences.join('\n');
}

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
  const open = ranked.slice(1).flatMap((row, i) => {
    const pair = [(ranked[i] as DescribedRow).method, row.method];
    const contrast = contrasts.find((one) => one.k === k && pair.includes(one.a) && pair.includes(one.b));
    return contrast?.resolved ? [] : [pair.map((method) => METHOD_STYLES[method as DescribedRow['method']].label).join(' and ')];
  });
  if (open.length === 0) return 'the order is clear';
  return `${open.length === ranked.length - 1 ? 'no order is clear' : 'the order is not clear'} between ${open.join(', nor between ')}`;
}

function enoughSentence(sufficiency: readonly Sufficiency[], reference: string): string {
  const margin = `${100 * (sufficiency[0]?.margin ?? 0.01)} percentage point`;
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

/** Says how many configurations each method was chosen from: more choice alone raises a score. */
function effortSentences(rows: readonly DescribedRow[]): string[] {
  const counts = [...Map.groupBy(rows, ({ k }) => k)].flatMap(([k, cells]) => {
    const tried = cells.flatMap(({ method, effort }) => (effort ? [{ method, configurations: effort.configurations }] : []));
    return tried.length > 0 ? [{ k, tried, numbers: tried.map(({ configurations }) => configurations) }] : [];
  });
  const all = counts.flatMap(({ numbers }) => numbers);
  const [fewest, most] = [Math.min(...all), Math.max(...all)];
  // Where trials do not divide evenly among methods and widths, some have one configuration more.
  const uneven = counts.filter(({ numbers }) => Math.max(...numbers) - Math.min(...numbers) > 1);
  if (uneven.length === 0) {
    if (most <= 1) return [];
    if (most - fewest > 1) return ['At each width, all methods were chosen from equally many configurations.'];
    return [`Each method was chosen from ${fewest === most ? most : `${fewest} to ${most}`} configurations at every width.`];
  }
  return uneven.map(({ k, tried }) => {
    const list = tried.map(({ method, configurations }) => `${METHOD_STYLES[method].label} from ${configurations}`).join(', ');
    return `Tuned unequally with ${k === 1 ? 'one number' : `${k} numbers`}: ${list} configurations. More choice favours a method.`;
  });
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

const percent = (value: number): string => `${(value * 100).toFixed(value > 0.9945 ? 2 : 1)} %`.replace('-', '−');
const points = (value: number): string => String(Number((100 * value).toPrecision(2))).replace('-', '−');
