/** Rungs of a sweep: how many trials of each method and width reached which. */
import type { Cell } from '../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { methodSample, methodsOf, widthsOf } from '../cells.ts';
import type { Figure, Mark, Panel } from '../model.ts';

/** Trials by their last rung. */
export interface RungCounts {
  /** Trials that ended in this rung or a later one, or wait after it. */
  readonly reached: number;
  readonly pruned: number;
  readonly diverged: number;
  readonly failed: number;
}

export interface RungData {
  readonly name: string;
  /** Epochs at the end of each rung. */
  readonly epochs: readonly number[];
  readonly cells: readonly (Cell & { readonly rungs: readonly RungCounts[] })[];
}

const ROW = 22;

export function rungsFigure({ name, epochs, cells }: RungData): Figure {
  return {
    id: `rungs-${name}`,
    title: 'Rungs',
    caption:
      'Bars: trials of each method and width that reached the end of a rung, by epochs trained. After each rung the better configurations go on; the number behind a bar counts the trials that were stopped there.',
    panels: widthsOf(cells).map((k) =>
      rungPanel(
        cells.filter((cell) => cell.k === k),
        k,
        epochs,
      ),
    ),
    legend: methodsOf(cells).map(methodSample),
    panelWidth: 320,
    table: () => ({
      head: ['method', 'k', 'rung', 'epochs', 'reached', 'stopped', 'diverged', 'failed'],
      rows: cells.flatMap(({ method, k, rungs }) =>
        rungs.map(({ reached, pruned, diverged, failed }, rung) => [
          ...[METHOD_STYLES[method].label, k, rung + 1, epochs[rung] ?? null, reached, pruned, diverged, failed],
        ]),
      ),
    }),
  };
}

function rungPanel(cells: RungData['cells'], k: number, epochs: readonly number[]): Panel {
  // Bars are placed from the foot: the first rung is at the top, its methods in their order.
  const rows = epochs
    .flatMap((end, rung) => cells.map(({ method, rungs }) => ({ method, rung, end, counts: rungs[rung] as RungCounts })))
    .reverse();
  const most = Math.max(1, ...rows.map(({ counts }) => counts.reached));
  return {
    title: `k = ${k}`,
    description: cells
      .map(({ method, rungs }) => `${METHOD_STYLES[method].label}: ${rungs.map(({ reached }) => reached).join(', then ')} trials`)
      .join('; '),
    height: 64 + ROW * rows.length,
    x: { label: 'trials', domain: [0, 1.25 * most], ticks: 4 },
    y: {
      label: '',
      domain: [-0.6, rows.length - 0.4],
      names: rows.map(({ method, end }) => `${METHOD_STYLES[method].label}, ${end} epochs`),
    },
    marks: rows.flatMap(({ method, rung, counts: { reached, pruned } }, at): Mark[] => [
      {
        kind: 'bars',
        spans: [[at, reached]],
        colour: method,
        opacity: 0.75,
        labels: [{ text: `${METHOD_STYLES[method].label}, rung ${rung + 1}: ${reached} reached, ${pruned} stopped` }],
      },
      ...(pruned === 0 ? [] : [{ kind: 'text', at: [reached, at], text: `−${pruned}`, colour: 'ink' } as const]),
    ]),
  };
}
