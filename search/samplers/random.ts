import { draw, shuffledIndex } from '../draw.ts';
import { type SpecFault, specFault } from '../fault.ts';
import {
  buildPoint,
  type Dimensions,
  dimensionOf,
  PARAMETERS,
  type Point,
  pickCombination,
  valueAt,
  valuesOf,
} from '../parameters.ts';
import type { Sampler, SamplingContext } from './sampler.ts';
import { checkRanges, checkTrials, countPoints, pointsPerCell, type TrialSettings } from './trials.ts';

/**
 * Points drawn at the address (sampler seed, point, parameter). A space without ranges is finite
 * and sampled without replacement: point n is the n-th of a keyed shuffle of its combinations.
 */
export const random: Sampler<TrialSettings> = {
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  createPoints({ seed }, { space }) {
    const size = countPoints(space);
    if (size === null) return (number) => drawPoint(space, seed, number);
    const lists = PARAMETERS.map((name) => valuesOf(dimensionOf(space, name)));
    return (number) => pickCombination(shuffledIndex(seed, number, 'point', size), lists);
  },
  toDocument: ({ trials, seed }) => ({ trials, seed }),
  check: checkRandom,
};

function* checkRandom(settings: TrialSettings, context: SamplingContext): Generator<SpecFault> {
  const fault = checkTrials('random', settings, context);
  if (fault !== null) {
    yield fault;
    return;
  }
  const { space, cells, seeds } = context;
  const size = countPoints(space);
  const wanted = pointsPerCell(settings, context);
  if (size === null) yield* checkRanges(space, wanted);
  else if (wanted > size) {
    const message = `${settings.trials} trials need ${wanted} configurations of each method and width; the space has ${size}`;
    yield specFault('sampler.random.trials', message, `use at most ${size * cells * seeds}, widen the space, or use the grid`);
  }
}

const drawPoint = (space: Dimensions, seed: number, number: number): Point =>
  buildPoint((name) => valueAt(dimensionOf(space, name), draw(seed, number, name)));
