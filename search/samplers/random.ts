import { draw, shuffledIndex } from '../draw.ts';
import type { SpecFault } from '../fault.ts';
import { buildPoint, type Dimensions, dimensionOf, type Point, valueAt, valuesOf } from '../parameters.ts';
import { createCombinations, listLevels } from './combinations.ts';
import type { PlannedSampler, SamplingContext } from './sampler.ts';
import { checkDistinct, checkEqualPoints, countEvenDraws, countPoints, type TrialSettings } from './trials.ts';

/**
 * Points drawn at the address (sampler seed, point, parameter). A space without ranges is finite
 * and sampled without replacement: point n is the n-th of a keyed shuffle of its combinations.
 */
export const random: PlannedSampler<TrialSettings> = {
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  createPoints({ seed }, { space }) {
    const size = countPoints(space);
    if (size === null) return (number) => drawPoint(space, seed, number);
    const { at } = createCombinations((name) => listLevels(valuesOf(dimensionOf(space, name))));
    return (number) => at(shuffledIndex(seed, number, 'point', size));
  },
  toDocument: ({ trials, seed }) => ({ trials, seed }),
  check: checkRandom,
};

function* checkRandom(settings: TrialSettings, context: SamplingContext): Generator<SpecFault> {
  const size = countPoints(context.space);
  const faults = [...checkDistinct('random', settings, context, size, countEvenDraws)];
  yield* faults;
  if (faults.length > 0 || size !== null) return;
  yield* checkEqualPoints('random', settings, context, random.createPoints(settings, context));
}

const drawPoint = (space: Dimensions, seed: number, number: number): Point =>
  buildPoint((name) => valueAt(dimensionOf(space, name), draw(seed, number, name)));
