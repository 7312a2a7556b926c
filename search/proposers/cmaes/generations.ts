/**
 * The generations of an evolution strategy, replayed from observed points. A generation is the next
 * few of them in the order of their numbers, whatever was seen when they were proposed. It is
 * ranked together with those before it, since its points may come from an older distribution.
 */
import { stream } from '../../../models/random.ts';
import type { Dimensions, Point } from '../../parameters.ts';
import type { Observation } from '../proposer.ts';
import {
  adapt,
  createDistribution,
  deviationsOf,
  isLikely,
  recombine,
  type ScoredPosition,
  type SearchDistribution,
} from './distribution.ts';
import { expectedPosition, keepMargin } from './margin.ts';
import { type OrderedAxis, positionsOf } from './ordered-axes.ts';
import { populationOf, strategyOf } from './strategy.ts';

/** Everything that an evolution depends on, in addition to the observations. */
export interface Setting {
  readonly space: Dimensions;
  /** Those of the space. */
  readonly axes: readonly OrderedAxis[];
  /** Names the draws. */
  readonly seed: number;
  readonly cell: string;
  /** Number of the first points, which the search begins from. */
  readonly startup: number;
}

/** An evolution between two generations. */
interface Evolution {
  readonly distribution: SearchDistribution;
  /** Points of a generation, λ. */
  readonly population: number;
  readonly restarts: number;
  /** Last points of its generations, with which the next one is ranked. */
  readonly recent: readonly ScoredPosition[];
  /** Best of the scores ranked last, and number of generations for which it was the same. */
  readonly best: number;
  readonly unchanged: number;
  /** Distribution of the search before, where this one has no generation yet. */
  readonly before: SearchDistribution | null;
}

/** Generations that the next one is ranked with. */
const RANKED_TOGETHER = 2;
/** Share of a generation after which a distribution is adapted to it in advance. */
const ANTICIPATED = 0.5;
/** Standard deviation of a distribution that begins, as a share of the ranges. */
const FIRST_STEP = 0.15;
/** Standard deviation of all axes of reals at which a search has converged. */
const CONVERGED = 1e-3;
/** Condition of an ellipsoid beyond which its shape is rounding. */
const DEGENERATE = 1e7;

/** Returns the distribution after all observations, of which there are at least `startup`. */
export function evolve(setting: Setting, observations: readonly Observation[]): SearchDistribution {
  let evolution = recallBeginning(setting, observations.slice(0, setting.startup));
  for (let at = setting.startup; ; ) {
    const { generation, end } = takeGeneration(setting.axes, evolution, observations, at);
    if (generation.length < evolution.population) return anticipate(setting, evolution, generation);
    evolution = recallNext(setting, evolution, generation);
    at = end;
  }
}

/**
 * Takes the next generation from the observations that begin at a place. Points that were under way
 * when the search before had converged would lead the new one back to its optimum.
 */
function takeGeneration(axes: readonly OrderedAxis[], from: Evolution, observations: readonly Observation[], at: number) {
  const { population, before } = from;
  const isLeftOver = ({ point }: Observation) =>
    before !== null && isLikely(before, expectedBy(before, axes)(positionsOf(axes, point)));
  const generation: Observation[] = [];
  let end = at;
  while (end < observations.length && generation.length < population) {
    const one = observations[end++] as Observation;
    if (!isLeftOver(one)) generation.push(one);
  }
  return { generation, end };
}

/** Begins around the best of the drawn points. */
function begin({ axes }: Setting, drawn: readonly Observation[]): Evolution {
  const points = scorePositions(axes, drawn);
  return { ...startAt(axes, recombine(points), populationOf(axes.length)), recent: points, restarts: 0 };
}

const scorePositions = (axes: readonly OrderedAxis[], observations: readonly Observation[]): ScoredPosition[] =>
  observations.map(({ point, score }) => ({
    position: positionsOf(axes, point),
    score: Number.isFinite(score) ? (score as number) : Number.NEGATIVE_INFINITY,
  }));

/** Returns an evolution without generations. */
const startAt = (axes: readonly OrderedAxis[], mean: Float64Array, population: number) => ({
  distribution: withMargin(createDistribution(mean, FIRST_STEP), axes, population),
  population,
  best: Number.NEGATIVE_INFINITY,
  unchanged: 0,
  before: null,
});

/** Ranks a generation together with those before it, and returns what the search has become. */
function rank({ axes }: Setting, { distribution, population, recent }: Evolution, generation: readonly Observation[]) {
  const ranked = [...recent, ...scorePositions(axes, generation)].slice(-(1 + RANKED_TOGETHER) * population);
  const expect = expectedBy(distribution, axes);
  const points = ranked.map(({ position, score }) => ({ position: expect(position), score }));
  const best = Math.max(...points.map(({ score }) => score));
  // Without differences, an order of the points would be arbitrary.
  const isLevel = points.length < population || points.every(({ score }) => score === best);
  const strategy = strategyOf(axes.length, population);
  return {
    ranked,
    best,
    distribution: isLevel ? distribution : withMargin(adapt(distribution, points, strategy), axes, population),
  };
}

/** Returns the distribution after the points of a generation that is not complete. */
function anticipate(setting: Setting, from: Evolution, generation: readonly Observation[]): SearchDistribution {
  return generation.length < ANTICIPATED * from.population ? from.distribution : rank(setting, from, generation).distribution;
}

/** Returns the evolution after a generation: adapted, or restarted where it leads no further. */
function advance(setting: Setting, from: Evolution, generation: readonly Observation[]): Evolution {
  const { axes, seed, cell } = setting;
  const { population } = from;
  const { ranked, best, distribution } = rank(setting, from, generation);
  const unchanged = best === from.best ? from.unchanged + 1 : 0;
  const hasConverged = isNarrow(axes, distribution);
  if (!hasConverged && unchanged < patience(axes.length, population) && distribution.condition < DEGENERATE) {
    return { ...from, distribution, recent: ranked, best, unchanged, before: null };
  }
  // IPOP: Auger and Hansen 2005, doi:10.1109/CEC.2005.1554902.
  const restarts = from.restarts + 1;
  const { uniform } = stream(seed, `cmaes restart ${cell}`, restarts);
  const next = startAt(axes, Float64Array.from(axes, uniform), 2 * population);
  return { ...next, recent: [], restarts, before: hasConverged ? distribution : null };
}

/** In each generation, about one point has another value in steps than the mean, on some axis. */
const withMargin = (distribution: SearchDistribution, axes: readonly OrderedAxis[], population: number) =>
  keepMargin(distribution, axes, 1 / (population * axes.length));

/** Returns the number of generations with the same best score after which a search is restarted. */
const patience = (dimensions: number, population: number): number => 10 + Math.ceil((30 * dimensions) / population);

/** Whether a distribution is so narrow along all axes of reals that its search has converged. */
function isNarrow(axes: readonly OrderedAxis[], distribution: SearchDistribution): boolean {
  const deviations = deviationsOf(distribution);
  return axes.every(({ partAt }, i) => partAt !== null || (deviations[i] as number) < CONVERGED);
}

/**
 * Returns the function from the positions of a point to those that a distribution expects, which
 * differ on axes of steps.
 */
function expectedBy(distribution: SearchDistribution, axes: readonly OrderedAxis[]): (position: Float64Array) => Float64Array {
  if (axes.every(({ partAt }) => partAt === null)) return (position) => position;
  const deviations = deviationsOf(distribution);
  return (position) =>
    position.map((at, i) => {
      const part = axes[i]?.partAt?.(at);
      if (!part) return at;
      return expectedPosition({ mean: distribution.mean[i] as number, deviation: deviations[i] as number }, part);
    });
}

/**
 * The evolution that followed the last time from the same observations. A proposal has nearly all
 * of those of the one before, and the replay of a long search from its start would take ever
 * longer. It changes no bit, and lasts as long as the points.
 */
interface Memory {
  readonly observations: readonly Observation[];
  readonly evolution: Evolution;
}
const beginnings = new WeakMap<Point, Memory & { readonly name: string }>();
const successors = new WeakMap<Evolution, Memory>();

const areSame = (some: readonly Observation[], others: readonly Observation[]): boolean =>
  some.length === others.length && some.every(({ point, score }, i) => point === others[i]?.point && score === others[i]?.score);

function recallBeginning(setting: Setting, observations: readonly Observation[]): Evolution {
  const { space, seed, cell } = setting;
  const name = JSON.stringify([space, seed, cell]);
  const first = (observations[0] as Observation).point;
  const known = beginnings.get(first);
  if (known?.name === name && areSame(known.observations, observations)) return known.evolution;
  const evolution = begin(setting, observations);
  beginnings.set(first, { name, observations, evolution });
  return evolution;
}

function recallNext(setting: Setting, from: Evolution, observations: readonly Observation[]): Evolution {
  const known = successors.get(from);
  if (known && areSame(known.observations, observations)) return known.evolution;
  const evolution = advance(setting, from, observations);
  successors.set(from, { observations, evolution });
  return evolution;
}
