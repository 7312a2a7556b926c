/** Importance of each parameter for covered variance. */
import type { Importances } from '../models/evaluation/importance.ts';
import type { Figure } from './model.ts';

const ROW = 30;

/** `labelOf`: the label of a parameter. */
export function importanceFigure(
  data: Pick<Importances, 'parameters'> | null,
  sweep: { readonly name: string; readonly method: string },
  labelOf: (name: string) => string,
): Figure {
  const ranked = (data?.parameters ?? []).toSorted((a, b) => b.importance - a.importance);
  const shown = ranked.toReversed();
  const most = Math.max(1e-9, ...ranked.flatMap(({ importance, high }) => [importance, high]));
  return {
    id: `importance-${sweep.name}${sweep.method === '' ? '' : `-${sweep.method}`}`,
    title: 'Hyperparameter importance',
    caption:
      'How much each parameter, k included, explains of covered variance on validation rows: a random forest over the trials that have one. Bars with 95 % intervals.',
    panels:
      ranked.length === 0
        ? []
        : [
            {
              description: ranked.map(({ name, importance }) => `${labelOf(name)} ${importance.toFixed(2)}`).join(', '),
              height: 52 + ROW * ranked.length,
              x: { label: 'importance, 95 % interval', domain: [0, 1.15 * most] },
              y: { label: '', domain: [-0.6, shown.length - 0.4], names: shown.map(({ name }) => labelOf(name)) },
              marks: [
                {
                  kind: 'bars',
                  spans: shown.map(({ importance }, i) => [i, Math.max(0, importance)]),
                  colour: 'accent',
                  opacity: 0.75,
                  labels: shown.map(({ name, importance, low, high }) => ({
                    text: `${labelOf(name)}: ${importance.toFixed(3)} (95 % ${low.toFixed(3)} to ${high.toFixed(3)})`,
                  })),
                },
                {
                  kind: 'intervals',
                  along: 'x',
                  spans: shown.map(({ low, high }, i) => [i, Math.max(0, low), Math.max(0, high)]),
                  colour: 'ink',
                  width: 1.5,
                },
                ...shown.map(
                  ({ importance, high }, i) =>
                    ({ kind: 'text', at: [Math.max(importance, high), i], text: importance.toFixed(2), colour: 'ink' }) as const,
                ),
              ],
            },
          ],
    legend: [],
    panelWidth: 320,
    table: () => ({
      head: ['parameter', 'importance', 'low', 'high'],
      rows: ranked.map(({ name, importance, low, high }) => [labelOf(name), importance, low, high]),
    }),
  };
}
