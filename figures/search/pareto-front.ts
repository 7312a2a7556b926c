/** Pareto front of configurations: covered variance against one or two other objectives. */
import { type BoundedObjective, type ObjectiveName, objectiveOf } from '../../models/evaluation/objectives.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { formatObjective } from '../../text/fronts.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { methodSample, methodsOf, widthsOf } from '../cells.ts';
import { linearDomain, missingDomain } from '../covered-variance.ts';
import type { Axis, Figure, LegendEntry, Mark, Panel, Point, PointLabel } from '../model.ts';
import { domainOf, withUnit } from '../numbers.ts';

/** A configuration, as far as the figure needs it. */
export interface FrontPoint extends Readonly<Record<ObjectiveName, number | null>> {
  readonly trialId: string;
  readonly method: Method;
  readonly k: number;
  readonly seeds: number;
  readonly coveredVariance: number;
  readonly rank: number;
  readonly rankInMethod: number;
}

export interface FrontData {
  readonly name: string;
  /** Covered variance, then one or two others. */
  readonly objectives: readonly Pick<BoundedObjective, 'name'>[];
  readonly rows: readonly FrontPoint[];
}

export interface FrontOptions {
  /** Spreads covered variances near 1. */
  readonly isMissing?: boolean;
  /** Leads from a point of a front to its first trial. */
  readonly hrefOf?: (row: FrontPoint) => string;
}

const HEIGHT = 380;

export function paretoFigure(data: FrontData, options: FrontOptions = {}): Figure {
  const { name, rows } = data;
  const others = data.objectives.slice(1).map((one) => one.name);
  const isPlane = others.length === 1;
  return {
    id: `pareto-${name}-${others.join('-')}`,
    title: 'Pareto front',
    caption: `Each point is a configuration at a width or rank: the mean over its seeds on validation rows. ${others.map((other) => BETTER[other]).join(' ')} Filled marks are on the front: no other configuration is at least as good in every objective and better in one. Empty marks are on the front of their own method alone${isPlane ? ', which the lines trace' : ''}; small points are behind it.${isPlane ? '' : ' The fronts weigh all three objectives, each panel shows two.'}${options.hrefOf ? ' A mark links to its first trial.' : ''}`,
    panels: rows.length === 0 ? [] : others.map((other) => frontPanel(data, other, isPlane, options)),
    legend: rows.length === 0 ? [] : frontLegend(data),
    panelWidth: isPlane ? 460 : 400,
    table: () => ({
      head: ['method', 'k', ...TABLE_COLUMNS.map(headOf), 'seeds', 'rank', 'rank in method', 'first trial'],
      rows: rows.map((row) => [
        ...[METHOD_STYLES[row.method].label, row.k],
        ...TABLE_COLUMNS.map((column) => row[column]),
        ...[row.seeds, row.rank, row.rankInMethod, row.trialId],
      ]),
    }),
  };
}

const TABLE_COLUMNS = ['coveredVariance', 'structureCoveredVariance', 'parameters', 'seconds'] as const;

const headOf = (name: ObjectiveName): string => withUnit(objectiveOf(name).label, objectiveOf(name).unit);

const BETTER: Readonly<Record<ObjectiveName, string>> = {
  coveredVariance: '',
  k: 'Up and to the left is better: more covered by fewer numbers.',
  parameters: 'Up and to the left is better: more covered with fewer weights and biases.',
  seconds: 'Up and to the left is better: more covered after less training.',
  structureCoveredVariance: 'Up and to the right is better: more covered of spectrum and structure.',
};

/** 'EDNN, k = 2: covered variance 0.987, parameters 4300, training time 2.1 s, 5 seeds'. */
function describePoint(row: FrontPoint, objectives: readonly ObjectiveName[]): string {
  const measures = objectives.flatMap((name) => {
    const { label, unit } = objectiveOf(name);
    const value = row[name];
    return name === 'k' || value === null ? [] : [`${label} ${formatObjective(name, value)}${unit === null ? '' : ` ${unit}`}`];
  });
  return `${METHOD_STYLES[row.method].label}, k = ${row.k}: ${[...measures, `${row.seeds} ${row.seeds === 1 ? 'seed' : 'seeds'}`].join(', ')}`;
}

function frontPanel(data: FrontData, other: ObjectiveName, isPlane: boolean, { isMissing = false, hrefOf }: FrontOptions): Panel {
  const { rows } = data;
  const names = data.objectives.map(({ name }) => name);
  const domain = (isMissing ? missingDomain : linearDomain)(rows.map(({ coveredVariance }) => coveredVariance));
  const x = axisOf(other, rows);
  // Worse than the mean spectrum is drawn at the foot.
  const pointOf = (row: FrontPoint): Point => [row[other] ?? Number.NaN, Math.max(domain[0], row.coveredVariance)];
  const onFront = rows.filter(({ rank }) => rank === 1);
  return {
    ...(!isPlane && { title: `against ${objectiveOf(other).label}` }),
    description: `${onFront.length} of ${rows.length} configurations on the front: ${onFront.map((row) => describePoint(row, names)).join('; ')}`,
    x,
    y: {
      label: `covered variance${isMissing ? ' (log of what is missing)' : ''}`,
      domain,
      ...(isMissing && { scale: 'missing' }),
    },
    height: HEIGHT,
    marks: methodsOf(rows).flatMap((method): Mark[] => {
      const own = rows.filter((row) => row.method === method);
      const front = own.filter(({ rankInMethod }) => rankInMethod === 1);
      const marksOf = (isFilled: boolean): Mark => {
        const shown = front.filter(({ rank }) => (rank === 1) === isFilled);
        const labels = shown.map(
          (row): PointLabel => ({ text: describePoint(row, names), ...(hrefOf && { href: hrefOf(row) }) }),
        );
        const points = shown.map(pointOf);
        return { kind: 'points', points, colour: method, symbol: method, radius: 5, labels, fill: isFilled ? 'full' : 'empty' };
      };
      const behind = own.filter(({ rankInMethod }) => rankInMethod > 1).map(pointOf);
      return [
        { kind: 'points', points: behind, colour: method, radius: 2, opacity: 0.4 },
        ...(isPlane ? [stepsMark(front.map(pointOf), method, other, x.domain)] : []),
        marksOf(false),
        marksOf(true),
      ];
    }),
  };
}

/** The best covered variance of a method within each bound on the other objective. */
function stepsMark(front: readonly Point[], method: Method, other: ObjectiveName, [low, high]: Axis['domain']): Mark {
  const rising = front.toSorted(([a], [b]) => a - b);
  const isCost = objectiveOf(other).direction === 'minimize';
  const steps = rising.flatMap(([x, y], i): Point[] => {
    const next = rising[i + 1];
    if (isCost)
      return [
        [x, y],
        [next?.[0] ?? high, y],
      ];
    return [
      [rising[i - 1]?.[0] ?? low, y],
      [x, y],
    ];
  });
  return { kind: 'line', runs: [steps], colour: method, dash: METHOD_STYLES[method].dash, width: 1.5, role: 'front' };
}

function axisOf(name: ObjectiveName, rows: readonly FrontPoint[]): Axis {
  const { kind } = objectiveOf(name);
  const label = headOf(name);
  const values = rows.flatMap((row) => row[name] ?? []);
  if (kind === 'count') {
    const widths = widthsOf(rows);
    const domain = [(widths[0] ?? 1) - 0.5, (widths.at(-1) ?? 1) + 0.5] as const;
    return { label, domain, ...(widths.length <= 12 && { ticks: widths.map((k) => ({ at: k, label: String(k) })) }) };
  }
  if (kind === 'share') return { label, domain: domainOf(values, 0.06) };
  const logs = values.map((value) => Math.log(Math.max(LEAST, value)));
  const [low, high] = domainOf(logs, 0.06);
  return { label, domain: [Math.exp(low), Math.exp(high)], scale: 'log' };
}

/** Lower costs are drawn at this one. */
const LEAST = 1e-3;

function frontLegend({ rows }: FrontData): LegendEntry[] {
  const point = { kind: 'sample', shape: 'point', colour: 'ink' } as const;
  return [
    ...methodsOf(rows).map(methodSample),
    { ...point, label: 'on the front', fill: 'full' },
    { ...point, label: 'on the front of its method alone', fill: 'empty' },
  ];
}
