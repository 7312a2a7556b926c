/** The share of each descriptor that the expansion of a bottleneck recovers. */
import type { DescriptorState } from '../models/interpretation/decisive.ts';
import type { CellReading, Interpretation } from '../models/interpretation/interpretation.ts';
import { DECISIVE_FROM, INDECISIVE_BELOW } from '../models/interpretation/thresholds.ts';
import { cellLabel } from '../text/methods.ts';
import { cellId } from './cells.ts';
import type { Figure, Fill, Mark, Token } from './model.ts';
import { short } from './numbers.ts';

/** States differ in fill as well as in colour. */
const STATES: Readonly<Record<DescriptorState, { readonly colour: Token; readonly fill: Fill }>> = {
  decisive: { colour: 'good', fill: 'full' },
  undecided: { colour: 'warn', fill: 'half' },
  indecisive: { colour: 'soft', fill: 'empty' },
};
const STATE_NAMES = Object.keys(STATES) as DescriptorState[];

const DRAWN = 20;
const CHANCE_DASH = '2 2';

export function decisiveFigure({ descriptors }: Interpretation, cell: CellReading): Figure {
  const ranked = (cell.expansion ?? [])
    .map((share, d) => ({ ...share, name: descriptors[d]?.name ?? String(d) }))
    .sort((a, b) => b.share.mean - a.share.mean);
  const shown = ranked.slice(0, DRAWN).reverse();
  const counted = STATE_NAMES.map((name) => `${ranked.filter(({ state }) => state === name).length} ${name}`).join(', ');
  const sentences = [
    `Share of each descriptor's variance on test rows that the expansion recovers, with 95 % intervals over seeds and resampled rows; dashed, the same for random directions, as after training on permuted spectra.`,
    `${counted}: decisive means an interval above ${DECISIVE_FROM} and above that of random directions, indecisive one below ${INDECISIVE_BELOW}, or that the spectrum does not pass the bottleneck.`,
    ...(shown.length < ranked.length ? [`${shown.length} of ${ranked.length} descriptors drawn.`] : []),
    ...(cell.k >= descriptors.length ? ['As many components as descriptors recover all of them, whatever the components.'] : []),
  ];
  return {
    id: `decisive-${cellId(cell)}`,
    title: `What the expansion gives back: ${cellLabel(cell)}`,
    caption: sentences.join(' '),
    panels: [
      {
        description: ranked
          .slice(0, 5)
          .map(({ name, share, state }) => `${name}: ${short(share.mean, 2)}, ${state}`)
          .join('; '),
        height: 66 + 22 * shown.length,
        x: {
          label: 'share of variance recovered',
          domain: [Math.max(-1, Math.min(-0.05, ...shown.map(({ control, share }) => Math.min(control.low, share.low)))), 1.02],
        },
        y: { label: '', domain: [-0.7, shown.length - 0.4], names: shown.map(({ name }) => name) },
        marks: [
          {
            kind: 'intervals',
            along: 'x',
            spans: shown.map(({ control }, i) => [i - 0.27, control.low, control.high]),
            colour: 'edge',
            width: 3,
            dash: CHANCE_DASH,
          },
          ...shown.flatMap(({ name, share, state }, i): Mark[] => [
            { kind: 'intervals', along: 'x', spans: [[i, share.low, share.high]], colour: STATES[state].colour },
            {
              kind: 'points',
              points: [[share.mean, i]],
              radius: 5,
              ...STATES[state],
              labels: [{ text: `${name}: ${short(share.mean)} [${short(share.low)}, ${short(share.high)}], ${state}` }],
            },
          ]),
        ],
      },
    ],
    legend: [
      ...STATE_NAMES.map((label) => ({ kind: 'sample', shape: 'point', label, ...STATES[label] }) as const),
      { kind: 'sample', shape: 'line', label: 'random directions', colour: 'edge', width: 3, dash: CHANCE_DASH },
    ],
    panelWidth: 620,
    table: () => ({
      head: ['descriptor', 'share', 'low', 'high', 'control low', 'control high', 'state'],
      rows: ranked.map(({ name, share, control, state }) => [
        ...[name, share.mean, share.low, share.high, control.low, control.high, state],
      ]),
    }),
  };
}
