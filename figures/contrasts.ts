/** Differences between methods on the same seeds and test rows. */
import type { Contrast } from '../models/evaluation/comparison.ts';
import { describeCoverage } from '../text/intervals.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import type { Figure, Mark } from './model.ts';
import { domainOf, short } from './numbers.ts';

const minus = ({ a, b }: Contrast): string => `${METHOD_STYLES[a].label} − ${METHOD_STYLES[b].label}`;

const points = (value: number): string => `${short(100 * Math.abs(value), 2)} percentage points`;

/** Says which of two methods covers more, and whether that is clear. */
export function contrastSentence(contrast: Contrast): string {
  const { k, a, b, difference, pairs, adjustedP, resolved = false } = contrast;
  const [more, less] = difference.mean >= 0 ? [a, b] : [b, a];
  const over = describeCoverage(difference, pairs) ?? `${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of seeds`;
  const interval = `[${short(100 * difference.low, 2)}, ${short(100 * difference.high, 2)}]`;
  const covers = `${METHOD_STYLES[more].label} covers ${points(difference.mean)} more than ${METHOD_STYLES[less].label}`;
  if (pairs === 1) return `k = ${k}: ${covers} with the only pair of seeds: not resolved.`;
  if (resolved) return `k = ${k}: ${covers} (${minus(contrast)} ${interval}, ${over}).`;
  const isApart = difference.low > 0 || difference.high < 0;
  const adjusted = isApart && adjustedP !== undefined ? ' after adjustment for the number of contrasts' : '';
  return `k = ${k}: the difference between ${METHOD_STYLES[a].label} and ${METHOD_STYLES[b].label} is not resolved${adjusted} (${minus(contrast)} ${interval} percentage points, ${over}).`;
}

/** Intervals about 0. `of`: of which sweeps; `id` names its files. */
export function contrastsFigure(contrasts: readonly Contrast[], of: string, id = 'contrasts'): Figure {
  const shown = contrasts.toReversed();
  return {
    id,
    title: `Differences between methods: ${of}`,
    caption:
      'Covered variance of one method less that of another on the same seeds and test rows, each at its best configuration, with 95 % intervals. Filled: the difference is resolved, also after adjustment for the number of contrasts (Holm).',
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
            const colour = contrast.resolved ? 'accent' : 'soft';
            return [
              { kind: 'intervals', along: 'x', spans: [[i, low, high]], colour, width: 2.5 },
              {
                kind: 'points',
                points: [[mean, i]],
                colour,
                radius: 5,
                fill: contrast.resolved ? 'full' : 'empty',
                labels: [{ text: contrastSentence(contrast) }],
              },
            ];
          }),
        ],
      },
    ],
    table: () => ({
      head: ['k', 'difference', 'mean', 'low', 'high', 'pairs', 'p, adjusted', 'verdict'],
      rows: contrasts.map((contrast) => {
        const { k, difference, pairs, adjustedP = null } = contrast;
        const verdict = contrast.resolved ? 'resolved' : 'not resolved';
        return [k, minus(contrast), difference.mean, difference.low, difference.high, pairs, adjustedP, verdict];
      }),
    }),
  };
}
