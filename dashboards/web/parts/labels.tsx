/** Labels of methods, states and outcomes: text and an icon, so that none needs colour. */
import type { Method } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { SweepStatus } from '../../contract/sweeps.ts';
import type { TrialRow } from '../../contract/trials.ts';

type Tone = 'good' | 'warn' | 'bad' | 'busy' | '';

/** SVG paths in a box of 10 by 10. */
const ICONS = {
  tick: 'M1.5 5.5l2.5 2.5 4.5-6',
  cross: 'M2 2l6 6M8 2l-6 6',
  bars: 'M3.5 1.5v7M6.5 1.5v7',
  play: 'M3 1.5l5 3.5-5 3.5z',
  half: 'M5 1a4 4 0 1 0 0 8zM5 1a4 4 0 0 1 0 8',
  dash: 'M1.5 5h7',
  wave: 'M1 7.5c1.5 0 1.5-5 3-5s1.5 5 2.5 5 1-3.5 2.5-6.5',
  dots: 'M2 5h.1M5 5h.1M8 5h.1',
} as const;

const STATES: Readonly<Record<SweepStatus['state'], TagStyle>> = {
  running: ['busy', 'play', 'running'],
  paused: ['warn', 'bars', 'paused'],
  completed: ['good', 'tick', 'completed'],
  partial: ['warn', 'half', 'partial'],
  failed: ['bad', 'cross', 'failed'],
  cancelled: ['', 'dash', 'cancelled'],
};

const OUTCOMES: Readonly<Record<TrialRow['outcome'], TagStyle>> = {
  rung: ['busy', 'dots', 'between rungs'],
  completed: ['good', 'tick', 'completed'],
  pruned: ['', 'dash', 'pruned'],
  diverged: ['warn', 'wave', 'diverged'],
  failed: ['bad', 'cross', 'failed'],
};

/** Tone, icon and label of a value. */
export type TagStyle = readonly [tone: Tone, icon: keyof typeof ICONS, label: string];

export function styledTag([tone, icon, label]: TagStyle) {
  return (
    <span class={`tag ${tone}`}>
      <svg
        class="icon"
        viewBox="0 0 10 10"
        width="10"
        height="10"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        <path d={ICONS[icon]} />
      </svg>
      {label}
    </span>
  );
}

export const StateTag = ({ state }: { readonly state: SweepStatus['state'] }) => styledTag(STATES[state]);
export const OutcomeTag = ({ outcome }: { readonly outcome: TrialRow['outcome'] }) => styledTag(OUTCOMES[outcome]);

export function MethodName({ method }: { readonly method: Method }) {
  return (
    <span class={`method ${method}`}>
      <svg class="icon" viewBox="-5 -5 10 10" width="11" height="11" aria-hidden="true">
        <path d={METHOD_STYLES[method].mark} />
      </svg>
      {METHOD_STYLES[method].label}
    </span>
  );
}
