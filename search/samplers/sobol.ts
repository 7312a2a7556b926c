import { draw } from '../draw.ts';
import { type SpecFault, specFault } from '../fault.ts';
import { buildPoint, dimensionOf, PARAMETERS, type ParameterName, valueAt } from '../parameters.ts';
import type { PlannedSampler, SamplingContext } from './sampler.ts';
import { scramble, sobolCoordinate } from './sobol-sequence.ts';
import {
  checkDraws,
  checkEqualPoints,
  checkTrials,
  countEvenDraws,
  countPoints,
  pointsPerCell,
  type TrialSettings,
} from './trials.ts';

/**
 * Points of a scrambled Sobol sequence, which fill the space more evenly than random ones; best
 * where each cell gets a power of two. Each parameter that varies is a dimension of the sequence,
 * scrambled by the sampler's seed, whether or not it exists at a point.
 */
export const sobol: PlannedSampler<TrialSettings> = {
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  createPoints({ seed }, { space }) {
    const varying = PARAMETERS.filter((name) => dimensionOf(space, name).kind !== 'constant');
    const coordinates = new Map(varying.map((name, dimension) => [name, createCoordinate(seed, name, dimension)]));
    return (number) => buildPoint((name) => valueAt(dimensionOf(space, name), coordinates.get(name)?.(number) ?? 0));
  },
  toDocument: ({ trials, seed }) => ({ trials, seed }),
  check: checkSobol,
};

/** Returns the coordinates of a parameter, in [0, 1), by the number of the point. */
function createCoordinate(seed: number, name: ParameterName, dimension: number): (number: number) => number {
  const coordinate = sobolCoordinate(dimension);
  const key = Math.floor(draw(seed, 0, `sobol ${name}`) * 2 ** 32);
  return (number) => {
    // 21 bits more than the sequence has, drawn: together the 53 of a double.
    const rest = Math.floor(draw(seed, number, name) * 2 ** 21) / 2 ** 21;
    return (scramble(coordinate(number), key) + rest) / 2 ** 32;
  };
}

function* checkSobol(settings: TrialSettings, context: SamplingContext): Generator<SpecFault> {
  const fault = checkTrials('sobol', settings, context);
  if (fault !== null) {
    yield fault;
    return;
  }
  if (countPoints(context.space) !== null) {
    const message = 'a Sobol sequence fills ranges, and the space has none: its points would be repeated';
    yield specFault('sampler.sobol', message, 'make a parameter a range, or use grid or random');
    return;
  }
  const faults = [...checkDraws(context.space, pointsPerCell(settings, context), countEvenDraws)];
  yield* faults;
  if (faults.length === 0) yield* checkEqualPoints('sobol', settings, context, sobol.createPoints(settings, context));
}
