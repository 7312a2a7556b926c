/** The search behind a comparison, in words. */
import type { CellEffort, ComparisonRow } from '../models/evaluation/comparison.ts';
import { METHODS } from '../models/methods/catalogue.ts';
import { countOf } from './format.ts';
import { METHOD_STYLES } from './methods.ts';

type TunedRow = Pick<ComparisonRow, 'method' | 'k' | 'effort'>;

/** Methods that were chosen from so many times the configurations of another are warned of. */
const MOST_UNEQUAL = 1.5;

/**
 * Describes what each method has taken, one to a line: 'EDNN: 40 configurations, 200 trials, 812
 * core-seconds (k = 1: 20 configurations, 100 trials, 406 core-seconds; ...)'. Efforts without
 * core-seconds are those of older comparisons, and are omitted.
 */
export function describeEfforts(efforts: readonly CellEffort[]): string[] {
  return METHODS.flatMap((method) => {
    const own = efforts.filter((one) => one.method === method && one.coreSeconds !== undefined);
    if (own.length === 0) return [];
    const sum = (read: (one: CellEffort) => number) => own.reduce((total, one) => total + read(one), 0);
    const amounts = (read: (of: (one: CellEffort) => number) => number): string =>
      [
        countOf(
          read(({ configurations }) => configurations),
          'configuration',
        ),
        countOf(
          read(({ trials }) => trials),
          'trial',
        ),
        countOf(Math.round(read(({ coreSeconds = 0 }) => coreSeconds)), 'core-second'),
      ].join(', ');
    const cells = own.map((one) => `k = ${one.k}: ${amounts((read) => read(one))}`);
    return [`${METHOD_STYLES[method].label}: ${amounts(sum)}${cells.length > 1 ? ` (${cells.join('; ')})` : ''}.`];
  });
}

/** Configurations that methods were chosen from at one width. */
interface TriedAtWidth {
  readonly k: number;
  readonly tried: readonly { readonly method: ComparisonRow['method']; readonly configurations: number }[];
}

function triedByWidth(rows: readonly TunedRow[]): TriedAtWidth[] {
  return [...Map.groupBy(rows, ({ k }) => k)].flatMap(([k, cells]) => {
    const tried = cells.flatMap(({ method, effort }) => (effort ? [{ method, configurations: effort.configurations }] : []));
    return tried.length > 0 ? [{ k, tried }] : [];
  });
}

/** Returns the smallest and the largest number of configurations. */
function rangeOf(widths: readonly TriedAtWidth[]): readonly [fewest: number, most: number] {
  const all = widths.flatMap(({ tried }) => tried.map(({ configurations }) => configurations));
  return [Math.min(...all), Math.max(...all)];
}

/** Whether methods were chosen from other numbers of configurations than others. */
function isUneven(width: TriedAtWidth): boolean {
  const [fewest, most] = rangeOf([width]);
  // Where trials do not divide evenly among methods and widths, some have one configuration more.
  return most - fewest > 1;
}

function describeUneven({ k, tried }: TriedAtWidth): string {
  const list = tried.map(({ method, configurations }) => `${METHOD_STYLES[method].label} from ${configurations}`).join(', ');
  return `Tuned unequally with ${k === 1 ? 'one number' : `${k} numbers`}: ${list} configurations. More choice favours a method.`;
}

/** Says how many configurations each method was chosen from: more choice alone raises a score. */
export function describeTuning(rows: readonly TunedRow[]): string[] {
  const widths = triedByWidth(rows);
  const uneven = widths.filter(isUneven);
  if (uneven.length > 0) return uneven.map(describeUneven);
  const [fewest, most] = rangeOf(widths);
  if (most <= 1) return [];
  if (most - fewest > 1) return ['At each width, all methods were chosen from equally many configurations.'];
  return [`Each method was chosen from ${fewest === most ? most : `${fewest} to ${most}`} configurations at every width.`];
}

/** Returns a warning for each width at which a method had much more choice than another. */
export const warnOfUnequalTuning = (rows: readonly TunedRow[]): string[] =>
  triedByWidth(rows)
    .filter((width) => {
      const [fewest, most] = rangeOf([width]);
      return isUneven(width) && most > MOST_UNEQUAL * fewest;
    })
    .map(describeUneven);
