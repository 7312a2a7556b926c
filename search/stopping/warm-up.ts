/** First rungs that end while the learning rate still warms up, so that scores say little there. */
import { DEFAULTS } from '../../models/training/configuration.ts';
import { type Dimension, dimensionOf, isPresent, type Point, valuesOf } from '../parameters.ts';
import { dimensionsOf, listedPoints, mostEpochs } from '../space.ts';
import type { SweepSpec } from '../spec.ts';
import { type RuleSpec, rungEnds, stoppingOf } from './table.ts';

/**
 * Returns a sentence about a sweep that first judges trials within the warm-up of their schedule;
 * null where the warm-up is over by then, or the spec states a grace. Why curves mislead there:
 * docs/decisions/0064-stopping-rules.md.
 */
export function warnOfWarmUp(spec: SweepSpec): string | null {
  const stopping = stoppingOf(spec);
  if (stopping === null || ('grace' in stopping && stopping.grace !== undefined)) return null;
  const epochs = mostEpochs(spec);
  const [first = epochs] = rungEnds(spec, epochs);
  const share = longestWarmUp(spec);
  const peak = share * epochs;
  if (first > peak) return null;
  return (
    `trials are first judged after epoch ${first} of ${epochs}, but their learning rate rises up to epoch ${Math.ceil(peak)} ` +
    `(warmUp ${share}), and scores before say little: ${adviseOn(stopping, Math.floor(peak) + 1, epochs)}`
  );
}

function adviseOn({ kind }: RuleSpec, grace: number, epochs: number): string {
  if (kind === 'halving') return 'use fewer rungs, a smaller reduction or a shorter warmUp';
  return grace < epochs ? `state a grace of ${grace} or more, or use a shorter warmUp` : 'use a shorter warmUp';
}

/** Returns the longest warm-up of the sweep's trainings, as a share of their steps; 0: none. */
function longestWarmUp(spec: SweepSpec): number {
  const listed = listedPoints(spec);
  if (listed !== null) return Math.max(...listed.map(({ point }) => warmUpOf(point)));
  const space = dimensionsOf(spec);
  const warmUps = upperValues(dimensionOf(space, 'warmUp') as Dimension<number | undefined>);
  return Math.max(...valuesOf(space.schedule).flatMap((schedule) => warmUps.map((warmUp) => warmUpOf({ schedule, warmUp }))));
}

type WarmUp = Pick<Point, 'schedule'> & { readonly warmUp?: number | undefined };

const warmUpOf = ({ schedule, warmUp = DEFAULTS.warmUp }: WarmUp): number => (isPresent('warmUp', { schedule }) ? warmUp : 0);

const upperValues = <T>(dimension: Dimension<T>): readonly (T | number)[] =>
  'high' in dimension ? [dimension.high] : valuesOf(dimension);
