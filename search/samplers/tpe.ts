import { type SpecFault, specFault } from '../fault.ts';
import { countDistinct } from '../proposers/fresh.ts';
import { tpe as proposer, type TpeSettings } from '../proposers/tpe.ts';
import type { AdaptiveSampler, SamplingContext } from './sampler.ts';
import { checkDistinct, type TrialSettings } from './trials.ts';

type TpeSamplerSettings = TrialSettings & TpeSettings;

/** Points proposed by a tree-structured Parzen estimator, for each cell from its own scores. */
export const tpe: AdaptiveSampler<TpeSamplerSettings> = {
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  toDocument: ({ trials, seed, startup }) => ({ trials, seed, startup }),
  check: checkTpe,
  proposer,
  version: 1,
};

function* checkTpe(settings: TpeSamplerSettings, context: SamplingContext): Generator<SpecFault> {
  const size = countDistinct(context.space);
  if (size === 1) {
    const message = 'the space has a single point: there is nothing to search';
    yield specFault('sampler.tpe', message, 'make a parameter a choice or a range, or use the grid');
    return;
  }
  const faults = [...checkDistinct('tpe', settings, context, Number.isFinite(size) ? size : null)];
  yield* faults;
  // Every cell but the first ones may have one point less.
  const { cells, seeds } = context;
  const fewest = Math.floor(settings.trials / seeds / cells);
  if (faults.length > 0 || settings.startup < fewest) return;
  const message = `the ${fewest} points of each method and width would all be random: as many are before the first one that is proposed from scores`;
  yield specFault(
    'sampler.tpe.startup',
    message,
    `use at least ${(settings.startup + 1) * cells * seeds} trials, a smaller startup, or random`,
  );
}
