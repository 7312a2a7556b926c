import { specFault } from '../fault.ts';
import { tpe as proposer } from '../proposers/tpe.ts';
import { createWeighing, type WeighingSettings } from './learning.ts';
import type { AdaptiveSampler } from './sampler.ts';

interface TpeSettings extends WeighingSettings {
  /** Whether the widths of a method share their best points; absent: they do not. */
  readonly share?: boolean | undefined;
}

const weighing = createWeighing('tpe', proposer, 1);

/**
 * Points proposed by a tree-structured Parzen estimator, for each cell from its own scores, and
 * where widths share, from the best points of the others.
 */
export const tpe: AdaptiveSampler<TpeSettings> = {
  ...weighing,
  toDocument: ({ share, ...settings }) => ({
    ...(weighing.toDocument(settings) as object),
    ...(share !== undefined && { share }),
  }),
  *check({ share, ...settings }, context) {
    yield* weighing.check?.(settings, context) ?? [];
    if (share && Math.max(...context.widths) === 1)
      yield specFault(
        'sampler.tpe.share',
        'no method has two widths that could share their points',
        'leave it out, or add widths',
      );
  },
};
