/** Covered variance by bottleneck width: methods with intervals, full emulator and baselines. */
import type { Interval } from '../models/axes.ts';
import type { Comparison, ComparisonRow } from '../models/evaluation/comparison.ts';
import { shownMetrics } from '../models/evaluation/comparison-metrics.ts';
import { describeCoverage, describeParts } from '../text/intervals.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import { BASELINE_NAMES, formatScore } from '../text/names.ts';
import { methodSample, methodsOf, widthsOf } from './cells.ts';
import type { Cell, Figure, LegendEntry, Mark, Panel, PointLabel, Table, Tick } from './model.ts';
import { lineSample } from './model.ts';

export type CoverageRow = Pick<ComparisonRow, 'method' | 'k' | 'trials' | 'coveredVariance'>;

export interface CoverageData<Row extends CoverageRow = CoverageRow> {
  readonly rows: readonly Row[];
  /** The full emulator, over its seeds. */
  readonly emulator: Interval | null;
  /** `k` is null for baselines without components. */
  readonly baselines: Comparison['baselines'];
  readonly sufficiency?: Comparison['sufficiency'];
}

const COVERAGE_TITLE = 'Covered variance by width';
const HEIGHT = 380;
/** Pixels between methods at one width, so that their intervals do not hide each other. */
const SHIFT = 7;
const REFERENCE_DASH = '8 4 2 4';
const BASELINE_DASHES: Readonly<Record<string, string>> = { pcr: '1 4', pls2: '5 2 1 2' };
const baselineDash = (name: string): string => BASELINE_DASHES[name] ?? '3 3';
/** Values below are drawn at the foot: how much worse than the mean spectrum does not matter. */
const LEAST = -0.05;
/** An axis of what is missing ends here. */
const LEAST_MISSING = 1e-6;

// A front may have more points than a call takes arguments.
const leastOf = (values: readonly number[], start: number): number => values.reduce((a, b) => Math.min(a, b), start);
const mostOf = (values: readonly number[], start: number): number => values.reduce((a, b) => Math.max(a, b), start);

/** Returns the domain of an axis that is even in covered variance, up to 1. */
export function linearDomain(values: readonly number[]): readonly [number, number] {
  const lowest = Math.max(LEAST, leastOf(values, 0.9));
  return [lowest - 0.04 * (1 - lowest), 1];
}

/** Returns the domain of an axis that is even in the logarithm of what is missing from 1. */
export function missingDomain(values: readonly number[]): readonly [number, number] {
  const missing = values.map((share) => Math.min(1, Math.max(LEAST_MISSING, 1 - share)));
  return [1 - Math.min(1, mostOf(missing, 0.1) * 1.15), 1 - leastOf(missing, 0.05) / 1.3];
}

/** Returns places of widths on an axis: proportional where that is readable, else evenly spaced. */
export function widthAxis(widths: readonly number[]) {
  const range = (widths.at(-1) ?? 1) - (widths[0] ?? 1);
  const isEven = widths.length > 1 && range > 3 * (widths.length - 1);
  const placeOf = (k: number): number => (isEven ? widths.indexOf(k) : k);
  const ticks = widths.map((k): Tick => ({ at: placeOf(k), label: String(k) }));
  const [first, last] = [ticks[0]?.at ?? 1, ticks.at(-1)?.at ?? 1];
  const pad = Math.max(0.3, 0.06 * (last - first));
  return {
    axis: { label: `bottleneck width k${isEven ? ' (evenly spaced)' : ''}`, domain: [first - pad, last + pad], ticks } as const,
    placeOf,
    isEven,
  };
}

/** Returns the smallest width that is enough for a method, as sentences have it; or null. */
export function enoughWidth({ sufficiency = [] }: CoverageData): number | null {
  const enough = sufficiency.filter((cell) => cell.enough);
  return enough.length === 0 ? null : Math.min(...enough.map(({ k }) => k));
}

/** References without a width, each once, the emulator first. */
const flatReferences = ({ emulator, baselines }: CoverageData) => [
  ...(emulator ? [{ name: 'emulator', share: emulator.mean }] : []),
  ...baselines.flatMap(({ name, k, coveredVariance }) =>
    k === null && name !== 'emulator' ? [{ name, share: coveredVariance }] : [],
  ),
];

const steppedNames = ({ baselines }: CoverageData): string[] => [
  ...new Set(baselines.flatMap(({ name, k }) => (k === null ? [] : [name]))),
];

const nameOf = (name: string): string => BASELINE_NAMES[name] ?? name;

/** All values for which an axis needs room. */
const valuesOf = ({ rows, emulator, baselines }: CoverageData): number[] =>
  [
    ...rows.flatMap(({ coveredVariance: { low, mean, high } }) => [low, mean, high]),
    ...(emulator ? [emulator.low, emulator.high] : []),
    ...baselines.map(({ coveredVariance }) => coveredVariance),
  ].filter(Number.isFinite);

export interface CoverageOptions<Row extends CoverageRow> {
  readonly isMissing?: boolean;
  readonly title?: string;
  /** Widths of the space, including those without results; those of the data by default. */
  readonly widths?: readonly number[];
  readonly domain?: readonly [number, number];
  readonly height?: number;
  /** Leads from a point to its best trial. */
  readonly hrefOf?: (row: Row) => string;
}

export function coveragePanel<Row extends CoverageRow>(data: CoverageData<Row>, options: CoverageOptions<Row> = {}): Panel {
  const { rows, emulator, baselines } = data;
  const { isMissing = false, title = '', hrefOf, height = HEIGHT } = options;
  const widths = options.widths ?? widthsOf([...rows, ...baselines]);
  const { axis, placeOf } = widthAxis(widths);
  const domain = options.domain ?? (isMissing ? missingDomain : linearDomain)(valuesOf(data));
  const shown = (value: number) => Math.max(domain[0], value);
  const methods = methodsOf(rows);
  const enough = enoughWidth(data);
  const marks: Mark[] = [
    ...(enough === null ? [] : [enoughMark(enough, placeOf(enough))]),
    ...(emulator && emulator.high > emulator.low ? [bandMark(shown(emulator.low), shown(emulator.high))] : []),
    ...flatReferences(data).map(
      ({ name, share }): Mark => ({
        kind: 'rule',
        axis: 'y',
        at: shown(share),
        label: `${nameOf(name)} ${formatScore(share)}`,
        ...(name === 'emulator' ? { colour: 'emulator', width: 2 } : { colour: 'soft', width: 1.25, dash: REFERENCE_DASH }),
      }),
    ),
    ...steppedNames(data).map((name): Mark => {
      const own = baselines.flatMap(({ name: other, k, coveredVariance }) =>
        other === name && k !== null && widths.includes(k) ? [[placeOf(k), shown(coveredVariance)] as const] : [],
      );
      const run = own.sort(([a], [b]) => a - b);
      return { kind: 'line', runs: [run], colour: 'soft', width: 1.25, dash: baselineDash(name) };
    }),
    ...methods.flatMap((method, i): Mark[] => {
      const own = rows.filter((row) => row.method === method).sort((a, b) => a.k - b.k);
      const shift = SHIFT * (i - (methods.length - 1) / 2);
      const points = own.map(({ k, coveredVariance }) => [placeOf(k), shown(coveredVariance.mean)] as const);
      const spans = own.map(({ k, coveredVariance: { low, high } }) => [placeOf(k), shown(low), shown(high)] as const);
      const labels = own.map((row): PointLabel => ({ text: pointText(row), ...(hrefOf && { href: hrefOf(row) }) }));
      return [
        { kind: 'line', runs: [points], colour: method, dash: METHOD_STYLES[method].dash, shift },
        { kind: 'intervals', along: 'y', spans, colour: method, width: 2.5, opacity: 0.55, shift },
        { kind: 'points', points, colour: method, symbol: method, radius: 4.5, labels, shift },
      ];
    }),
  ];
  return {
    title,
    description: `${title === '' ? '' : `${title}: `}${rows.map(({ method, k, coveredVariance }) => `${METHOD_STYLES[method].label} k = ${k}: ${formatScore(coveredVariance.mean)}`).join('; ')}`,
    x: axis,
    y: {
      label: `covered variance${isMissing ? ' (log of what is missing)' : ''}`,
      domain,
      ...(isMissing && { scale: 'missing' }),
    },
    marks,
    height,
    labelRoom: 148,
  };
}

const ENOUGH_DASH = '2 3';

const enoughMark = (k: number, at: number): Mark => {
  return { kind: 'rule', axis: 'x', at, colour: 'good', width: 1.5, dash: ENOUGH_DASH, label: `k = ${k} is enough` };
};

const bandMark = (low: number, high: number): Mark => ({ kind: 'band', low, high, colour: 'emulator' });

function pointText({ method, k, trials, coveredVariance }: CoverageRow): string {
  const { mean, low, high, best } = coveredVariance;
  const seeds = `${trials} ${trials === 1 ? 'seed' : 'seeds'}`;
  const parts = describeParts(coveredVariance);
  return `${METHOD_STYLES[method].label}, k = ${k}: ${formatScore(mean)} (95 % ${formatScore(low)} to ${formatScore(high)}, ${seeds}${parts === null ? '' : `; ${parts}`}), best ${formatScore(best)}`;
}

function coverageLegend(data: CoverageData): LegendEntry[] {
  return [
    ...methodsOf(data.rows).map(methodSample),
    ...flatReferences(data).map(({ name, share }) => {
      const label = `${nameOf(name)} ${formatScore(share)}`;
      return name === 'emulator' ? lineSample(label, 'emulator') : lineSample(label, 'soft', REFERENCE_DASH);
    }),
    ...steppedNames(data).map((name) => lineSample(nameOf(name), 'soft', baselineDash(name))),
    ...enoughSample(data),
  ];
}

function enoughSample({ emulator, sufficiency = [] }: CoverageData): LegendEntry[] {
  const cell = sufficiency.find(({ enough }) => enough);
  if (cell === undefined) return [];
  return [lineSample(`enough: less than ${cell.margin} short of ${emulator ? 'the emulator' : '1'}`, 'good', ENOUGH_DASH)];
}

/** The baselines of a comparison, of which the full emulator is one. */
const coverageData = ({ rows, baselines, sufficiency }: Pick<Comparison, 'rows' | 'baselines' | 'sufficiency'>): CoverageData => {
  const found = baselines.find(({ name }) => name === 'emulator');
  const mean = found?.coveredVariance;
  const emulator = mean === undefined ? null : (found?.estimate ?? { mean, low: mean, high: mean });
  return { rows, baselines, emulator, sufficiency };
};

/** Covered variances of a comparison: on an even scale, and on one that spreads those near 1. */
export function coveredVarianceFigure(comparison: Comparison): Figure {
  const { target, dataset } = comparison;
  const data = coverageData(comparison);
  return {
    id: 'covered-variance',
    title: `${COVERAGE_TITLE}: ${target} of ${dataset}`,
    caption: `How much of the variance of ${target} each method covers on test rows: mean over the seeds of the best configuration with 95 % intervals${coverageOf(comparison)}.`,
    panels: [coveragePanel(data), coveragePanel(data, { isMissing: true })],
    legend: coverageLegend(data),
    panelWidth: 460,
    table: () => comparisonTable(comparison),
  };
}

/** ' over 7 seeds and 1,200 test rows', of the cell with the fewest seeds. */
function coverageOf({ rows }: Comparison): string {
  const [fewest] = rows.toSorted((a, b) => a.trials - b.trials);
  const over = fewest && describeCoverage(fewest.coveredVariance, fewest.trials);
  return over ? ` ${over}` : '';
}

/** One row per cell with every metric that it has, and one per baseline. */
function comparisonTable({ rows, baselines }: Comparison): Table {
  const metrics = shownMetrics(rows);
  return {
    head: ['method', 'k', 'seeds', ...metrics.map(({ label }) => label)],
    rows: [
      ...rows.map((row): Cell[] => [METHOD_STYLES[row.method].label, row.k, row.trials, ...metrics.map(({ read }) => read(row))]),
      ...baselines.map(({ name, k, coveredVariance, estimate }): Cell[] => {
        const known: Record<string, number | undefined> = { mean: coveredVariance, low: estimate?.low, high: estimate?.high };
        return [nameOf(name), k, null, ...metrics.map(({ label }) => known[label] ?? null)];
      }),
    ],
  };
}

/** The covered variances of one sweep, as far as it has come. */
export function sweepCoverageFigure<Row extends CoverageRow & { readonly configurations: number; readonly bestTrial: string }>(
  data: CoverageData<Row> | null,
  sweep: { readonly name: string; readonly split: string; readonly isEnded: boolean },
  options: CoverageOptions<Row>,
): Figure {
  const { name, split, isEnded } = sweep;
  return {
    id: `coverage-${name}-${split}`,
    title: `${COVERAGE_TITLE} (${split})`,
    caption:
      split === 'test'
        ? 'On test rows: the configuration that is best on validation, its mean over seeds with a 95 % interval over seeds and test rows, or over partitions. A point links to its best trial.'
        : `On validation rows, by which trials are chosen${isEnded ? '' : ', so far'}: the best configuration of each method and width, its mean over seeds with a 95 % interval over seeds. A point links to its best trial.`,
    panels: data === null ? [] : [coveragePanel(data, options)],
    legend: data === null ? [] : coverageLegend(data),
    panelWidth: 320,
    table: () => ({
      head: ['method', 'k', 'covered variance', 'low', 'high', 'best', 'seeds', 'configurations', 'best trial'],
      rows: [
        ...(data?.rows ?? []).map(
          ({ method, k, coveredVariance: { mean, low, high, best }, trials, configurations, bestTrial }): Cell[] => [
            ...[METHOD_STYLES[method].label, k, mean, low, high, best, trials, configurations, bestTrial],
          ],
        ),
        ...(data?.emulator
          ? [[nameOf('emulator'), null, data.emulator.mean, data.emulator.low, data.emulator.high, null, null, null, null]]
          : []),
        ...(data?.baselines ?? [])
          .filter(({ name: baseline }) => baseline !== 'emulator')
          .map(({ name: baseline, k, coveredVariance }): Cell[] => [
            ...[nameOf(baseline), k, coveredVariance, null, null, null, null, null, null],
          ]),
      ],
    }),
  };
}

export interface ComparedSweep {
  readonly label: string;
  readonly name: string;
  readonly comparison: Pick<Comparison, 'rows' | 'baselines' | 'sufficiency'> | null;
}

/** The covered variances of several sweeps on the same scales. */
export function sweepsCoverageFigure(sweeps: readonly ComparedSweep[]): Figure {
  const compared = sweeps.flatMap(({ comparison, ...sweep }) =>
    comparison ? [{ ...sweep, data: coverageData(comparison) }] : [],
  );
  const all: CoverageData = {
    rows: compared.flatMap(({ data }) => data.rows),
    baselines: compared.flatMap(({ data }) => data.baselines),
    emulator: null,
  };
  const widths = widthsOf(all.rows);
  const domain = linearDomain(valuesOf(all));
  return {
    id: 'compare-covered-variance',
    title: COVERAGE_TITLE,
    caption:
      'On test rows: mean over the seeds of the best configuration with 95 % intervals over seeds and test rows, or over partitions; the same scales for all sweeps. Lines across: the full emulator and baselines of the sweep.',
    panels: compared.map(({ label, data }) => coveragePanel(data, { title: label, widths, domain, height: 300 })),
    legend: coverageLegend({ ...all, baselines: [] }),
    panelWidth: 350,
    table: () => ({
      head: ['sweep', 'method', 'k', 'seeds', 'mean', 'low', 'high', 'best on validation'],
      rows: compared.flatMap(({ name, data: { rows, baselines } }) => [
        ...rows.map(({ method, k, trials, coveredVariance: { mean, low, high, best } }): Cell[] => [
          ...[name, METHOD_STYLES[method].label, k, trials, mean, low, high, best],
        ]),
        ...baselines.map(({ name: baseline, k, coveredVariance }): Cell[] => [
          ...[name, nameOf(baseline), k, null, coveredVariance, null, null, null],
        ]),
      ]),
    }),
  };
}
