/** Samplers in a sentence each. */
import type { SamplerName } from '../search/samplers/table.ts';

export const SAMPLER_TEXTS: Readonly<Record<SamplerName, string>> = {
  grid: 'Every combination; ranges in a few steps.',
  random: 'Random combinations, the same for each method and width.',
  sobol: 'Points that fill the ranges evenly, the same for each method and width.',
  list: 'The points that the spec lists.',
  tpe: 'Random points, then points near the good ones. The usual choice to find the best configuration.',
  gp: 'Random points, then those that a model of the scores expects to be better. For few trials that take long.',
  cmaes: 'Random points, then a normal distribution that moves towards good scores. For ranges of numbers, and many trials.',
  nsga2: 'Random points, then children of the best in covered variance and size. For a Pareto front.',
};
