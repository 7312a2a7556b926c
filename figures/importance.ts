/** Importance of each parameter for covered variance. */
import type { Importances } from '../models/evaluation/importance.ts';
import type { Figure } from './model.ts';

const ROW = 30;
/** Distance of what a parameter explains alone below its bar, in rows. */
const BELOW = 0.34;

/** `labelOf`: the label of a parameter. */
export function importanceFigure(
  data: Pick<Importances, 'parameters'> | null,
  sweep: { readonly name: string; readonly method: string },
  labelOf: (name: string) => string,
): Figure {
  const ranked = (data?.parameters ?? []).toSorted((a, b) => b.importance - a.importance);
  const shown = ranked.toReversed();
  const most = Math.max(1e-9, ...ranked.flatMap(({ importance, high, firstOrder }) => [importance, high, firstOrder.high]));
  return {
    id: `importance-${sweep.name}${sweep.method === '' ? '' : `-${sweep.method}`}`,
    title: 'Hyperparameter importance',
    caption:
      'How much each parameter, k included, explains of covered variance on validation rows: alone and with others (bars, by a random forest over the trials that have one), and alone (points). Lines are intervals over other configurations; few trials shrink the bars, those of interactions most, so read their order.',
    panels:
      ranked.length === 0
        ? []
        : [
            {
              description: ranked.map(({ name, importance }) => `${labelOf(name)} ${importance.toFixed(2)}`).join(', '),
              height: 52 + ROW * ranked.length,
              x: { label: 'share of variance explained', domain: [0, 1.15 * most] },
              y: { label: '', domain: [-0.6, shown.length - 0.4], names: shown.map(({ name }) => labelOf(name)) },
              marks: [
                {
                  kind: 'bars',
                  spans: shown.map(({ importance }, i) => [i, Math.max(0, importance)]),
                  colour: 'accent',
                  opacity: 0.75,
                  labels: shown.map(({ name, importance, low, high, firstOrder }) => ({
                    text: `${labelOf(name)}: ${importance.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}), alone ${firstOrder.mean.toFixed(3)} (${firstOrder.low.toFixed(3)} to ${firstOrder.high.toFixed(3)})`,
                  })),
                },
                {
                  kind: 'intervals',
                  along: 'x',
                  spans: shown.map(({ low, high }, i) => [i, low, high]),
                  colour: 'ink',
                  width: 1.5,
                },
                {
                  kind: 'intervals',
                  along: 'x',
                  spans: shown.map(({ firstOrder: { low, high } }, i) => [i - BELOW, low, high]),
                  colour: 'soft',
                  width: 1.5,
                },
                {
                  kind: 'points',
                  points: shown.map(({ firstOrder }, i) => [firstOrder.mean, i - BELOW]),
                  colour: 'soft',
                  radius: 3,
                },
                ...shown.map(
                  ({ importance, high, firstOrder }, i) =>
                    ({
                      kind: 'text',
                      at: [Math.max(importance, high, firstOrder.high), i],
                      text: importance.toFixed(2),
                      colour: 'ink',
                    }) as const,
                ),
              ],
            },
          ],
    legend: [
      { kind: 'sample', shape: 'bar', label: 'total index', colour: 'accent', opacity: 0.75 },
      { kind: 'sample', shape: 'point', label: 'first-order index', colour: 'soft' },
    ],
    panelWidth: 320,
    table: () => ({
      head: ['parameter', 'total index', 'low', 'high', 'first-order index', 'low', 'high'],
      rows: ranked.map(({ name, importance, low, high, firstOrder }) => [
        ...[labelOf(name), importance, low, high],
        ...[firstOrder.mean, firstOrder.low, firstOrder.high],
      ]),
    }),
  };
}
