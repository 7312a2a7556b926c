/** Progress of a sweep by outcome. */
import { countExpected, countFinished, ENDINGS } from '../../../search/states.ts';
import type { SweepStatus } from '../../contract/sweeps.ts';
import { formatCount, formatDuration, pluralise } from './format.ts';

type Counts = SweepStatus['counts'];

const PARTS = [...ENDINGS, 'running'] as const;

/** '90 of 98 trials ended: 80 completed, 10 failed; 8 running', '20 of 20 trials completed'. */
export function progressText(counts: Counts): string {
  const outcomes = ENDINGS.filter((part) => counts[part] > 0);
  const ended = countFinished(counts);
  const only = outcomes.length === 1 ? outcomes[0] : undefined;
  const detail = outcomes.length > 1 ? `: ${outcomes.map((part) => `${formatCount(counts[part])} ${part}`).join(', ')}` : '';
  const running = counts.running > 0 ? `; ${formatCount(counts.running)} running` : '';
  const leftOut = counts.leftOut > 0 ? `; ${formatCount(counts.leftOut)} left out` : '';
  return `${formatCount(ended)} of ${pluralise(countExpected(counts), 'trial')} ${only ?? 'ended'}${detail}${running}${leftOut}`;
}

export function Progress({ counts, secondsLeft = null }: { readonly counts: Counts; readonly secondsLeft?: number | null }) {
  const all = Math.max(1, countExpected(counts));
  return (
    <div class="progress-box">
      <div class="progress" aria-hidden="true">
        {PARTS.map((part) => (
          <span key={part} class={part} style={{ width: `${(100 * counts[part]) / all}%` }} />
        ))}
      </div>
      <div class="number">
        {progressText(counts)}
        {secondsLeft !== null && `; about ${formatDuration(secondsLeft)} left`}
      </div>
    </div>
  );
}
