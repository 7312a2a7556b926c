/** Covered variance of champions by version of the data: panels by width, lines by method. */
import type { Cell } from '../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import { methodSample, methodsOf, widthsOf } from './cells.ts';
import type { Figure, Fill, Mark, Panel } from './model.ts';
import { domainOf } from './numbers.ts';

export type ChampionEvent = 'first' | 'adopted' | 'kept' | 'promoted' | 'rollback';

export interface ChampionStep {
  readonly kind: ChampionEvent;
  readonly verdict: string | null;
}

export interface ChampionPoint {
  /** Index of the step. */
  readonly step: number;
  readonly kind: ChampionEvent;
  readonly coveredVariance: number | null;
  /** The model it was compared with, not in use. */
  readonly other: { readonly coveredVariance: number | null } | null;
}

interface ChampionCell<Point> extends Cell {
  readonly points: readonly Point[];
}

export interface ChampionsData<Point extends ChampionPoint> {
  readonly steps: readonly ChampionStep[];
  readonly cells: readonly ChampionCell<Point>[];
  /** Labels of the steps; empty without room for all. */
  readonly names: readonly string[];
  readonly textOf: (cell: ChampionCell<Point>, point: Point) => string;
  readonly hrefOf: (point: Point) => string;
}

/** Pixels between methods at one step, so that their marks do not hide each other. */
const SHIFT = 8;
const RINGED: readonly ChampionEvent[] = ['promoted', 'rollback'];
const EMPTY: readonly ChampionEvent[] = ['first', 'adopted', 'rollback'];

const shapeOf = (kind: ChampionEvent) =>
  ({ fill: EMPTY.includes(kind) ? 'empty' : 'full', ...(RINGED.includes(kind) && { isRinged: true }) }) as const;

/** Style of the model that was compared and is not in use. */
const OTHER = { fill: 'empty', opacity: 0.65 } as const;

/** Verdicts of drift that are marked on the axis of steps. */
const DRIFTS = [
  { verdict: 'inputs', label: 'inputs drifted', colour: 'warn', width: 1.5, dash: '1 4' },
  { verdict: 'performance', label: 'performance drifted', colour: 'bad', width: 2, dash: '6 3' },
] as const;

/** Panels and legend; title and table are the page's. */
export function championPanels<Point extends ChampionPoint>(
  data: ChampionsData<Point>,
): Pick<Figure, 'panels' | 'legend' | 'panelWidth'> {
  const { steps, cells } = data;
  const key = (label: string, style: { fill: Fill; isRinged?: boolean; opacity?: number }) =>
    ({ kind: 'sample', shape: 'point', label, colour: 'ink', symbol: 'ednn', ...style }) as const;
  return {
    panelWidth: 336,
    panels: widthsOf(cells).map((k) => widthPanel(k, data)),
    legend: [
      ...methodsOf(cells).map(methodSample),
      key('first or adopted', shapeOf('first')),
      key('kept', shapeOf('kept')),
      key('promoted', shapeOf('promoted')),
      ...(steps.some(({ kind }) => kind === 'rollback') ? [key('rolled back', shapeOf('rollback'))] : []),
      key('other candidate', OTHER),
      ...DRIFTS.filter(({ verdict }) => steps.some((step) => step.verdict === verdict)).map(
        ({ label, colour, width, dash }) => ({ kind: 'sample', shape: 'upright', label, colour, width, dash }) as const,
      ),
    ],
  };
}

function widthPanel<Point extends ChampionPoint>(
  k: number,
  { steps, names, textOf, hrefOf, ...data }: ChampionsData<Point>,
): Panel {
  const cells = data.cells.filter((cell) => cell.k === k);
  const values = cells.flatMap(({ points }) =>
    points.flatMap((point) => [point.coveredVariance, point.other?.coveredVariance ?? null]),
  );
  return {
    title: `k = ${k}`,
    description: `k = ${k}: covered variance of ${cells.map(({ method }) => METHOD_STYLES[method].label).join(', ')} over ${steps.length} steps`,
    height: 270,
    x: { label: 'rows of the data version', domain: [-0.5, Math.max(1, steps.length) - 0.5], names },
    y: { label: 'covered variance', domain: domainOf(values, 0.12) },
    marks: [
      ...steps.flatMap((step, at): Mark[] => {
        const drift = DRIFTS.find(({ verdict }) => verdict === step.verdict);
        if (!drift) return [];
        const { colour, width, dash, verdict } = drift;
        return [{ kind: 'rule', axis: 'x', at, colour, width, dash, role: `drifted ${verdict}` }];
      }),
      ...cells.flatMap((cell, i) => cellMarks(cell, SHIFT * (i - (cells.length - 1) / 2), textOf, hrefOf)),
    ],
  };
}

function cellMarks<Point extends ChampionPoint>(
  cell: ChampionCell<Point>,
  shift: number,
  textOf: ChampionsData<Point>['textOf'],
  hrefOf: ChampionsData<Point>['hrefOf'],
): Mark[] {
  const { method } = cell;
  const style = { colour: method, shift } as const;
  const measured = cell.points.flatMap((point) =>
    point.coveredVariance === null ? [] : [{ point, at: [point.step, point.coveredVariance] as const }],
  );
  return [
    { kind: 'line', runs: [measured.map(({ at }) => at)], dash: METHOD_STYLES[method].dash, ...style },
    ...measured.flatMap(({ point, at: [step, value] }): Mark[] => {
      const other = point.other?.coveredVariance ?? null;
      if (other === null) return [];
      return [
        { kind: 'intervals', along: 'y', spans: [[step, value, other]], width: 1, opacity: OTHER.opacity, ...style },
        { kind: 'points', points: [[step, other]], symbol: method, radius: 3, width: 1.5, role: 'other', ...OTHER, ...style },
      ];
    }),
    ...measured.map(({ point, at }): Mark => {
      const labels = [{ text: textOf(cell, point), href: hrefOf(point) }];
      return { kind: 'points', points: [at], symbol: method, labels, ...shapeOf(point.kind), ...style };
    }),
  ];
}
