import { gp as proposer } from '../proposers/gp.ts';
import type { AdaptiveSampler } from './sampler.ts';
import { checkSearch, type SearchSettings } from './trials.ts';

/** Points of the largest improvement that a Gaussian process expects, for each cell by itself. */
export const gp: AdaptiveSampler<SearchSettings> = {
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  toDocument: ({ trials, seed, startup }) => ({ trials, seed, startup }),
  check: (settings, context) => checkSearch('gp', settings, context),
  proposer,
  version: 1,
};
