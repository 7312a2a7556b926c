/**
 * Score differences of challenger and champion on the same hold-out rows, with the margin on old
 * rows.
 */

import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import type { Challenge } from '../../contract/retraining.ts';
import { Panel } from '../charts/panel.tsx';
import { domainOf } from '../charts/scale.ts';
import { challengeSentence, challengeSides } from './text.ts';

const ROW = 26;
/** Outcomes of a challenge, which are also the classes of its marks. */
const OUTCOMES = ['promoted', 'kept'] as const;

export function ChallengeChart({ challenges, margin }: { readonly challenges: readonly Challenge[]; readonly margin: number }) {
  const measured = challenges.filter((challenge) => challenge.both !== null);
  return (
    <div class="retrain-challenges">
      <ul class="legend">
        {OUTCOMES.map((outcome) => (
          <li key={outcome} class="key">
            <svg class="icon" viewBox="0 -8 30 16" width="30" height="16" aria-hidden="true">
              <g class={outcome}>
                <path class="interval" d="M2 0H28" />
                <path class="mark" transform="translate(15 0)" d={METHOD_STYLES.ednn.mark} />
              </g>
            </svg>
            {outcome}
          </li>
        ))}
        <li>
          <svg class="icon" viewBox="0 0 10 20" width="10" height="20" aria-hidden="true">
            <path class="margin" d="M5 0V20" />
          </svg>
          margin on old rows, −{margin}
        </li>
      </ul>
      <div class="plot-grid" style={{ '--panel': '19rem' }}>
        {measured.map((challenge) => {
          // Drawn from the bottom up.
          const sides = challengeSides(challenge).reverse();
          const bottomOfOld = sides.findIndex(({ key }) => key === 'old');
          return (
            <Panel
              key={`${challenge.method} ${challenge.k}`}
              title={`${cellLabel(challenge)}: ${challenge.promoted ? 'promoted' : 'kept'}`}
              label={challengeSentence(challenge)}
              height={78 + ROW * sides.length}
              x={{
                label: 'challenger − champion',
                domain: domainOf([0, -margin, ...sides.flatMap(({ difference: { low, high } }) => [low, high])], 0.08),
                ticks: 5,
              }}
              y={{ label: '', domain: [-0.6, sides.length - 0.4], names: sides.map(({ name, rows }) => `${name} (${rows})`) }}
            >
              {({ x, y, box }) => (
                <g class={`${challenge.method} ${challenge.promoted ? 'promoted' : 'kept'}`}>
                  <path class="zero" d={`M${x(0)} ${box.top}V${box.bottom}`} />
                  <path class="margin" d={`M${x(-margin)} ${y(bottomOfOld + 0.45)}V${y(bottomOfOld - 0.45)}`} />
                  {sides.map(({ key, difference: { mean, low, high } }, i) => (
                    <g key={key} class={key === 'both' ? 'secondary' : undefined}>
                      <path class="interval" d={`M${x(low)} ${y(i)}H${x(high)}`} />
                      <path class="mark" transform={`translate(${x(mean)} ${y(i)})`} d={METHOD_STYLES[challenge.method].mark} />
                    </g>
                  ))}
                </g>
              )}
            </Panel>
          );
        })}
      </div>
    </div>
  );
}
