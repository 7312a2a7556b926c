/** Sweeps of an installation that is used now and then, drawn by a seed. */
import { type Stream, stream } from '../../../models/random.ts';

export interface Arrival {
  /** Seconds after the beginning. */
  readonly at: number;
  readonly name: string;
  /** As a spec's document. */
  readonly spec: unknown;
  /** Action of a person, so many seconds after the start of the sweep. */
  readonly control: { readonly after: number; readonly action: 'cancel' | 'pause' } | null;
  /** How long a pause lasts. */
  readonly pauseSeconds: number;
}

/** Classes that sweeps ask for, the second one for a method or for all. */
export const CLASSES = ['cpu', 'gpu'] as const;

interface Size {
  /** Relative frequency. */
  readonly weight: number;
  readonly trials: readonly [from: number, to: number];
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly isHalved?: boolean;
}

/**
 * Trials by the hundred in a pack, ten in a pack, rungs, and trials that are packs of their own:
 * each of the last trains five times as long as a pack is meant to.
 */
const SIZES: readonly Size[] = [
  { weight: 3, trials: [100, 1500], hidden: [24, 24], epochs: 60 },
  { weight: 3, trials: [50, 350], hidden: [64, 64, 64], epochs: 200 },
  { weight: 2, trials: [60, 300], hidden: [48, 48], epochs: 160, isHalved: true },
  { weight: 2, trials: [1, 6], hidden: [96, 96, 96], epochs: 5000 },
];

/** Sweeps that come together, seconds between two of them, and pauses between such groups. */
const [GROUP, GAP_SECONDS, REST] = [4, 20, [0.3, 2.5]] as const;

/**
 * Returns the sweeps of so many seconds. Groups of them are separated by rests of about
 * `restSeconds`, some shorter than a cool-down of this length and some longer.
 */
export function drawLoad(seed: number, seconds: number, restSeconds: number): readonly Arrival[] {
  const draw = stream(seed, 'load');
  const arrivals: Arrival[] = [];
  for (let at = 0; at < seconds; at += restSeconds * between(draw, REST)) {
    for (let left = whole(draw, [1, GROUP]); left > 0 && at < seconds; left--) {
      arrivals.push(drawArrival(draw, at, `sweep-${arrivals.length + 1}`));
      at += between(draw, [0, GAP_SECONDS]);
    }
  }
  return arrivals;
}

function drawArrival(draw: Stream, at: number, name: string): Arrival {
  const { hidden, epochs, isHalved, trials } = pick(
    draw,
    SIZES.flatMap((size) => Array<Size>(size.weight).fill(size)),
  );
  const [, second] = CLASSES;
  const place = pick(draw, [{}, {}, { class: second }, { class: { eca: second } }]);
  const methods = typeof place.class === 'object' ? ['ednn', 'eca'] : ['ednn'];
  const spec = {
    ...{ name, dataset: 'little', target: 'xes', methods, seeds: 1, latents: 'none' },
    space: { k: 1, hidden, learningRate: { log: [0.001, 0.01] } },
    sampler: { random: { trials: Math.max(methods.length, whole(draw, trials)) } },
    training: { epochs, batch: 64 },
    ...(isHalved && { halving: { reduction: 3, rungs: 2 } }),
    ...place,
  };
  const action = pick(draw, [null, null, null, null, null, null, 'cancel', 'pause'] as const);
  const after = whole(draw, [2, 20]);
  return { at, name, spec, control: action && { after, action }, pauseSeconds: whole(draw, [10, 60]) };
}

const between = ({ uniform }: Stream, [from, to]: readonly [number, number]): number => from + (to - from) * uniform();
const whole = ({ uniform }: Stream, [from, to]: readonly [number, number]): number =>
  from + Math.floor(uniform() * (to - from + 1));
const pick = <T>({ uniform }: Stream, values: readonly T[]): T => values[Math.floor(uniform() * values.length)] as T;
