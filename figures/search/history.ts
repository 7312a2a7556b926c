/** Optimisation history: the best validation score so far by number of configurations tried. */
import type { NumberedScore } from '../../models/evaluation/best-so-far.ts';
import type { Cell } from '../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { formatScore } from '../../text/names.ts';
import { methodSample, methodsOf, widthsOf } from '../cells.ts';
import { linearDomain, missingDomain } from '../covered-variance.ts';
import { type Figure, type LegendEntry, lineSample, type Mark, type Panel, type Point } from '../model.ts';

export interface CellHistory extends Cell {
  /** Highest number of a configuration with a score. */
  readonly configurations: number;
  readonly scores: readonly (NumberedScore & { readonly trialId: string })[];
  readonly improvements: readonly (NumberedScore & { readonly trialId: string })[];
  /** The best on average, were the same configurations tried in random order. */
  readonly expected: readonly NumberedScore[];
}

export interface HistoryData {
  readonly name: string;
  /** Configurations at the start that follow from no score; null: no sampler that learns. */
  readonly startup: number | null;
  readonly cells: readonly CellHistory[];
}

interface HistoryOptions {
  /** Spreads covered variances near 1. */
  readonly isMissing?: boolean;
  /** Leads from an improvement to its first trial. */
  readonly hrefOf?: (trialId: string) => string;
}

const EXPECTED_DASH = '1 3';
const STARTUP_DASH = '4 3';

export function historyFigure({ name, startup, cells }: HistoryData, options: HistoryOptions = {}): Figure {
  return {
    id: `history-${name}`,
    title: 'Optimisation history',
    caption:
      `Lines: the highest covered variance on validation rows so far, mean over the seeds of a configuration, by its number among those of its method and width. Small points: every configuration. Dotted: the same configurations in random order, on average; a line above it found good ones early. ${startup === null ? '' : `The first ${startup} configurations of each method and width are random, the others proposed from earlier scores. `}${options.hrefOf ? 'A mark links to its first trial.' : ''}`.trim(),
    panels: widthsOf(cells).map((k) => historyPanel(cells, k, startup, options)),
    legend: cells.length === 0 ? [] : historyLegend(cells, startup),
    panelWidth: 320,
    table: () => ({
      head: ['method', 'k', 'configuration', 'covered variance', 'best so far', 'origin', 'first trial'],
      rows: cells.flatMap(({ method, k, scores }) => {
        let best = Number.NEGATIVE_INFINITY;
        return scores.map(({ number, score, trialId }) => {
          best = Math.max(best, score);
          return [METHOD_STYLES[method].label, k, number, score, best, originOf(number, startup), trialId];
        });
      }),
    }),
  };
}

const originOf = (number: number, startup: number | null): string =>
  startup === null ? 'planned' : number <= startup ? 'start-up' : 'proposed';

function historyPanel(all: readonly CellHistory[], k: number, startup: number | null, options: HistoryOptions): Panel {
  const { isMissing = false, hrefOf } = options;
  const cells = all.filter((cell) => cell.k === k);
  const values = cells.flatMap(({ scores, expected }) => [...scores, ...expected].map(({ score }) => score));
  const domain = (isMissing ? missingDomain : linearDomain)(values);
  const most = Math.max(...cells.map(({ configurations }) => configurations));
  const margin = Math.max(0.5, 0.03 * most);
  const pointOf = ({ number, score }: NumberedScore): Point => [number, Math.max(domain[0], score)];
  const isRandom = ({ number }: NumberedScore) => startup !== null && number <= startup;
  return {
    title: `k = ${k}`,
    description: cells.map(describeCell).join('; '),
    x: { label: 'configuration', domain: [1 - margin, most + margin], ticks: ticksTo(most) },
    y: {
      label: `covered variance${isMissing ? ' (log of what is missing)' : ''}`,
      domain,
      ...(isMissing && { scale: 'missing' }),
    },
    height: 280,
    marks: [
      ...(startup === null || startup >= most
        ? []
        : [{ kind: 'rule', axis: 'x', at: startup + 0.5, colour: 'soft', width: 1, dash: STARTUP_DASH } as const]),
      ...cells.flatMap(({ method, scores, improvements, expected, configurations }): Mark[] => {
        const labels = improvements.map(({ number, score, trialId }) => ({
          text: `${METHOD_STYLES[method].label}, k = ${k}: ${formatScore(score)} with configuration ${number}`,
          ...(hrefOf && { href: hrefOf(trialId) }),
        }));
        const steps = improvements.flatMap((own, i): Point[] => {
          const [x, y] = pointOf(own);
          return [
            [x, y],
            [improvements[i + 1]?.number ?? configurations, y],
          ];
        });
        const dots = { kind: 'points', colour: method, radius: 1.75 } as const;
        return [
          { ...dots, points: scores.filter(isRandom).map(pointOf), opacity: 0.25 },
          { ...dots, points: scores.filter((one) => !isRandom(one)).map(pointOf), opacity: 0.5 },
          { kind: 'line', runs: [expected.map(pointOf)], colour: method, width: 1.5, dash: EXPECTED_DASH },
          { kind: 'line', runs: [steps], colour: method, dash: METHOD_STYLES[method].dash, role: 'best' },
          { kind: 'points', points: improvements.map(pointOf), colour: method, symbol: method, radius: 3.5, labels },
        ];
      }),
    ],
  };
}

/** Every number of a few, which have none in between. */
const ticksTo = (most: number) => (most > 6 ? 5 : Array.from({ length: most }, (_, i) => ({ at: i + 1, label: String(i + 1) })));

function describeCell({ method, k, improvements, configurations }: CellHistory): string {
  const best = improvements.at(-1);
  const found = best ? `${formatScore(best.score)} with configuration ${best.number}` : 'no score';
  return `${METHOD_STYLES[method].label} k = ${k}: ${found} of ${configurations}`;
}

function historyLegend(cells: readonly CellHistory[], startup: number | null): LegendEntry[] {
  return [
    ...methodsOf(cells).map(methodSample),
    lineSample('the same in random order, on average', 'ink', EXPECTED_DASH),
    ...(startup === null
      ? []
      : [{ ...lineSample('proposed from scores after it', 'soft', STARTUP_DASH), shape: 'upright' } as LegendEntry]),
  ];
}
