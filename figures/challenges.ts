/** Challenger minus champion on the same hold-out rows, and the margin allowed on the old ones. */
import { PROMOTION_LEVEL } from '../models/drift/promotion.ts';
import type { ChallengeRecord } from '../models/drift/record.ts';
import { cellLabel, METHOD_STYLES } from '../text/methods.ts';
import type { Figure, LegendEntry, Mark, Panel } from './model.ts';
import { domainOf, short } from './numbers.ts';

type Challenge = Pick<ChallengeRecord, 'method' | 'k' | 'promoted' | 'reason' | 'fresh' | 'old' | 'both'>;

const ROW = 26;
const SIDES = [
  ['fresh', 'new rows'],
  ['old', 'old rows'],
  ['both', 'all rows'],
] as const;

/** Returns the sides on which a challenger was compared with its champion. */
export function challengeSides(challenge: Challenge) {
  return SIDES.flatMap(([key, name]) => {
    const side = challenge[key];
    return side ? [{ key, name, ...side }] : [];
  });
}

const endingOf = (promoted: boolean): string => (promoted ? 'promoted' : 'kept');

export function challengesFigure(challenges: readonly Challenge[], margin: number, id: string): Figure {
  return {
    id,
    title: 'Champions and challengers',
    caption: `Covered variance of the challenger minus that of the champion on unseen hold-out rows, with 95 % intervals. A challenger is promoted if it is better on the new rows, with a probability of ${PROMOTION_LEVEL} at most of any promotion by chance over all challenges of the run, and its interval is above −${margin} on the old rows. Intervals are over rows, or over groups where the split is by group. Each panel has its own axis.`,
    panels: challenges.filter(({ both }) => both !== null).map((challenge) => challengePanel(challenge, margin)),
    legend: [
      sample(true),
      sample(false),
      { kind: 'sample', shape: 'upright', label: `margin on old rows, −${margin}`, colour: 'warn', dash: '4 2' },
    ],
    panelWidth: 304,
    table: () => ({
      head: ['method', 'k', 'hold-out', 'rows', 'champion', 'challenger', 'difference', 'low', 'high', 'decision', 'reason'],
      rows: challenges.flatMap((challenge) => {
        const cell = [METHOD_STYLES[challenge.method].label, challenge.k];
        const decision = [endingOf(challenge.promoted), challenge.reason];
        const sides = challengeSides(challenge);
        if (sides.length === 0) return [[...cell, null, null, null, null, null, null, null, ...decision]];
        return sides.map(({ name, rows, champion, challenger, difference: { mean, low, high } }) => [
          ...[...cell, name, rows, champion, challenger, mean, low, high],
          ...decision,
        ]);
      }),
    }),
  };
}

const sample = (promoted: boolean): LegendEntry => ({
  kind: 'sample',
  shape: 'line',
  label: endingOf(promoted),
  colour: promoted ? 'ink' : 'soft',
  symbol: 'ednn',
  fill: promoted ? 'full' : 'empty',
});

function challengePanel(challenge: Challenge, margin: number): Panel {
  const { method, promoted } = challenge;
  const compared = challengeSides(challenge);
  // The first one on top.
  const sides = compared.toReversed();
  const old = sides.findIndex(({ key }) => key === 'old');
  const texts = compared.map(
    ({ name, difference: { mean, low, high } }) => `${name} ${short(mean)} [${short(low)}, ${short(high)}]`,
  );
  const colour = promoted ? method : 'soft';
  return {
    title: `${cellLabel(challenge)}: ${endingOf(promoted)}`,
    description: `${cellLabel(challenge)}: challenger minus champion, ${texts.join('; ')}`,
    height: 78 + ROW * sides.length,
    x: {
      label: 'challenger − champion',
      domain: domainOf([0, -margin, ...sides.flatMap(({ difference: { low, high } }) => [low, high])], 0.08),
      ticks: 5,
    },
    y: { label: '', domain: [-0.6, sides.length - 0.4], names: sides.map(({ name, rows }) => `${name} (${rows})`) },
    marks: [
      { kind: 'rule', axis: 'x', at: 0, colour: 'ink', width: 1 },
      { kind: 'rule', axis: 'x', at: -margin, between: [old - 0.45, old + 0.45], colour: 'warn', dash: '4 2', role: 'margin' },
      ...sides.flatMap(({ key, difference: { mean, low, high } }, i): Mark[] => {
        const opacity = key === 'both' ? 0.6 : 1;
        return [
          { kind: 'intervals', along: 'x', spans: [[i, low, high]], colour, width: 2.5, role: 'interval', opacity },
          { kind: 'points', points: [[mean, i]], colour, symbol: method, fill: promoted ? 'full' : 'empty', opacity },
        ];
      }),
    ],
  };
}
