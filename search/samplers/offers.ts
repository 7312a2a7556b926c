/** Samplers that a spec could use in place of its own. */
import { isTrialBudget } from '../budget/budget.ts';
import { cellsOf, samplingContext } from '../space.ts';
import type { SweepSpec } from '../spec.ts';
import { countDistinct } from './combinations.ts';
import { SAMPLER_NAMES, type SamplerName } from './table.ts';

/** A sampler, with its settings as a person writes them under its name. */
export interface SamplerOffer {
  readonly sampler: SamplerName;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Points of a method and width that suit each sampler, as docs/guides/searching.md has it; a grid
 * has those that it has.
 */
const POINTS = { random: 20, sobol: 16, tpe: 40, gp: 25, cmaes: 200, nsga2: 64 } as const satisfies Readonly<
  Record<Exclude<SamplerName, 'grid' | 'list'>, number>
>;

/** Points that each width draws where widths share what they find. */
const SHARED_STARTUP = 4;

/**
 * Returns the other samplers with usual settings, of which some may not suit the space. A list is
 * left out: its points are a person's own.
 */
export function offerSamplers(spec: SweepSpec): SamplerOffer[] {
  const { space, widths } = samplingContext(spec);
  const isBought = spec.budget !== undefined && isTrialBudget(spec.budget);
  const trialsOf = (points: number) => Math.min(points, countDistinct(space)) * cellsOf(spec).length * spec.seeds.length;
  const others = SAMPLER_NAMES.filter((name) => name !== 'list' && name !== spec.sampler.kind);
  return others.map((sampler) => ({
    sampler,
    settings: {
      ...(sampler in POINTS && !isBought && { trials: trialsOf(POINTS[sampler as keyof typeof POINTS]) }),
      ...(sampler === 'tpe' && Math.max(...widths) > 1 && { startup: SHARED_STARTUP, share: true }),
    },
  }));
}
