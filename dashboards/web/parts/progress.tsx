/** How far a sweep is, and how its trials ended. */
import { countFinished, ENDINGS } from '../../../search/states.ts';
import type { SweepStatus } from '../../contract/sweeps.ts';
import { formatCount, formatDuration, pluralise } from './format.ts';

type Counts = SweepStatus['counts'];

const PARTS = [...ENDINGS, 'running'] as const;

/** '90 of 98 trials ended: 80 completed, 8 pruned, 2 failed; 8 running'. What ended in only one way is not said twice. */
export function progressText(counts: Counts): string {
  const ways = ENDINGS.filter((part) => counts[part] > 0);
  const ended = countFinished(counts);
  const only = ways.length === 1 ? ways[0] : undefined;
  const detail = ways.length > 1 ? `: ${ways.map((part) => `${formatCount(counts[part])} ${part}`).join(', ')}` : '';
  const running = counts.running > 0 ? `; ${formatCount(counts.running)} running` : '';
  return `${formatCount(ended)} of ${pluralise(counts.planned, 'trial')} ${only ?? 'ended'}${detail}${running}`;
}

export function Progress({ counts, secondsLeft = null }: { readonly counts: Counts; readonly secondsLeft?: number | null }) {
  const all = Math.max(1, counts.planned);
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
