/** Differences between methods on the same seeds. */
import type { Contrast } from '../models/evaluation/comparison.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import type { Figure, Mark } from './model.ts';
import { domainOf, short } from './numbers.ts';

/** Whether both ends of the interval are on one side of 0. */
export const isResolved = ({ difference: { low, high }, pairs }: Contrast): boolean => pairs > 1 && (low > 0 || high < 0);

const minus = ({ a, b }: Contrast): string => `${METHOD_STYLES[a].label} − ${METHOD_STYLES[b].label}`;

const points = (value: number): string => `${short(100 * Math.abs(value), 2)} percentage points`;

/** Says which of two methods covers more, and whether the seeds resolve it. */
export function contrastSentence(contrast: Contrast): string {
  const { k, a, b, difference, pairs } = contrast;
  const [more, less] = difference.mean >= 0 ? [a, b] : [b, a];
  const seeds = `${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of seeds`;
  if (pairs === 1)
    return `k = ${k}: ${METHOD_STYLES[more].label} covers ${points(difference.mean)} more than ${METHOD_STYLES[less].label} in the only pair of seeds: not resolved.`;
  const interval = `[${short(100 * difference.low, 2)}, ${short(100 * difference.high, 2)}]`;
  if (isResolved(contrast))
    return `k = ${k}: ${METHOD_STYLES[more].label} covers ${points(difference.mean)} more than ${METHOD_STYLES[less].label} (${minus(contrast)} ${interval}, ${seeds}).`;
  return `k = ${k}: the difference between ${METHOD_STYLES[a].label} and ${METHOD_STYLES[b].label} is not resolved (${minus(contrast)} ${interval} percentage points, ${seeds}).`;
}

/** Intervals about 0. `of`: of which sweeps; `id` names its files. */
export function contrastsFigure(contrasts: readonly Contrast[], of: string, id = 'contrasts'): Figure {
  const shown = contrasts.toReversed();
  return {
    id,
    title: `Differences between methods: ${of}`,
    caption:
      'Covered variance of one method less that of another on the same seeds, each at its best configuration, with 95 % intervals. Filled: the interval does not include 0, the difference is resolved.',
    legend: [],
    panelWidth: 480,
    panels: [
      {
        description: contrasts.map(contrastSentence).join(' '),
        height: 70 + 24 * shown.length,
        x: {
          label: 'difference in covered variance',
          domain: domainOf([0, ...contrasts.flatMap(({ difference }) => [difference.low, difference.high])], 0.08),
        },
        y: {
          label: '',
          domain: [-0.6, shown.length - 0.4],
          names: shown.map((contrast) => `k = ${contrast.k}: ${minus(contrast)}`),
        },
        marks: [
          { kind: 'rule', axis: 'x', at: 0, colour: 'ink', width: 1 },
          ...shown.flatMap((contrast, i): Mark[] => {
            const { mean, low, high } = contrast.difference;
            const colour = isResolved(contrast) ? 'accent' : 'soft';
            return [
              { kind: 'intervals', along: 'x', spans: [[i, low, high]], colour, width: 2.5 },
              {
                kind: 'points',
                points: [[mean, i]],
                colour,
                radius: 5,
                fill: isResolved(contrast) ? 'full' : 'empty',
                labels: [{ text: contrastSentence(contrast) }],
              },
            ];
          }),
        ],
      },
    ],
    table: () => ({
      head: ['k', 'difference', 'mean', 'low', 'high', 'pairs', 'verdict'],
      rows: contrasts.map((contrast) => {
        const { k, difference, pairs } = contrast;
        const verdict = isResolved(contrast) ? 'resolved' : 'not resolved';
        return [k, minus(contrast), difference.mean, difference.low, difference.high, pairs, verdict];
      }),
    }),
  };
}
