import { tpe as proposer } from '../proposers/tpe.ts';
import type { AdaptiveSampler } from './sampler.ts';
import { checkSearch, type SearchSettings } from './trials.ts';

/** Points proposed by a tree-structured Parzen estimator, for each cell from its own scores. */
export const tpe: AdaptiveSampler<SearchSettings> = {
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  toDocument: ({ trials, seed, startup }) => ({ trials, seed, startup }),
  check: (settings, context) => checkSearch('tpe', settings, context),
  proposer,
  version: 1,
};
