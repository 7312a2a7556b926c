import { type SpecFault, specFault } from '../fault.ts';
import { dimensionOf, PARAMETERS, parameterPath } from '../parameters.ts';
import { isOrdered } from '../proposers/cmaes/ordered-axes.ts';
import { cmaes as proposer } from '../proposers/cmaes.ts';
import { countDistinct } from './combinations.ts';
import { checkSearch, createLearning, type LearningSettings } from './learning.ts';
import type { AdaptiveSampler, SamplingContext } from './sampler.ts';

/** Points drawn by an evolution strategy, for each cell from its own scores. */
export const cmaes: AdaptiveSampler<LearningSettings> = {
  ...createLearning('cmaes', proposer, 1),
  check: checkCmaes,
};

function* checkCmaes(settings: LearningSettings, context: SamplingContext): Generator<SpecFault> {
  const faults = [...checkSearch('cmaes', settings, context), ...checkOrder(context)];
  yield* faults;
  if (faults.length > 0 || !Number.isFinite(countDistinct(context.space))) return;
  const message = 'cmaes needs a range of real numbers, and the space has none: its points would be repeated';
  yield specFault('sampler.cmaes', message, 'make a parameter such a range, or use tpe');
}

function* checkOrder({ space }: SamplingContext): Generator<SpecFault> {
  for (const name of PARAMETERS) {
    if (isOrdered(dimensionOf(space, name))) continue;
    const message = `cmaes cannot search ${name}, whose values have no order`;
    yield specFault(parameterPath(name), message, 'name a single value, or use tpe');
  }
}
