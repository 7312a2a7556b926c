/** The samplers. A new one is a line here; the compiler asks for the rest. */
import type { DataColumns } from '../../models/methods/cost.ts';
import { cmaes } from './cmaes.ts';
import { gp } from './gp.ts';
import { grid } from './grid.ts';
import { list } from './list.ts';
import { nsga2 } from './nsga2.ts';
import type { StatedObjectives } from './objectives.ts';
import { random } from './random.ts';
import type { AdaptiveSampler, PlannedSampler, Sampler } from './sampler.ts';
import { sobol } from './sobol.ts';
import { tpe } from './tpe.ts';

const PLANNED = { grid, random, sobol, list };
const ADAPTIVE = { tpe, gp, cmaes, nsga2 };

type Table = typeof PLANNED & typeof ADAPTIVE;
export type SamplerName = keyof Table;
export const SAMPLER_NAMES = Object.keys({ ...PLANNED, ...ADAPTIVE }) as readonly SamplerName[];

export const ADAPTIVE_NAMES = Object.keys(ADAPTIVE) as readonly SamplerName[];

export type SettingsOf<Name extends SamplerName> = Table[Name] extends Sampler<infer Settings> ? Settings : never;

type SpecOf<Name extends SamplerName> = { [Key in Name]: { readonly kind: Key } & SettingsOf<Key> }[Name];

/** A sampler with its settings, as specs are stored. */
export type SamplerSpec = SpecOf<SamplerName>;

/** Settings before the columns of the data are known. */
export type Stated<Settings> = {
  [Key in keyof Settings]: Key extends 'objectives' ? StatedObjectives | Extract<Settings[Key], undefined> : Settings[Key];
};

/** A sampler as a person states it. */
export type StatedSampler = Stated<SamplerSpec>;

/** Returns the sampler as it is stored, with the columns of the data that it depends on. */
export const completeSampler = (sampler: StatedSampler, columns: DataColumns): SamplerSpec =>
  'objectives' in sampler && sampler.objectives
    ? { ...sampler, objectives: { ...sampler.objectives, columns } }
    : (sampler as SamplerSpec);

/** Returns the objectives that a sampler weighs; null: it does not weigh any. */
export const weighedObjectives = (sampler: StatedSampler): StatedObjectives['names'] | null =>
  ('objectives' in sampler && sampler.objectives?.names) || null;

/** A sampler that proposes points from scores, with its settings. */
export type AdaptiveSpec = SpecOf<keyof typeof ADAPTIVE>;

export const isAdaptive = (sampler: SamplerSpec): sampler is AdaptiveSpec => sampler.kind in ADAPTIVE;

/** Returns the sampler, whose settings are this part of the spec. */
export const samplerOf = ({ kind }: SamplerSpec): Sampler<SamplerSpec> =>
  ({ ...PLANNED, ...ADAPTIVE })[kind] as unknown as Sampler<SamplerSpec>;

/** Returns the sampler of a spec whose points follow from it; null where they are proposed. */
export const plannedSamplerOf = (sampler: SamplerSpec): PlannedSampler<SamplerSpec> | null =>
  isAdaptive(sampler) ? null : (PLANNED[sampler.kind] as unknown as PlannedSampler<SamplerSpec>);

/** Returns the sampler of a spec whose points are proposed. */
export const adaptiveSamplerOf = ({ kind }: AdaptiveSpec): AdaptiveSampler<AdaptiveSpec> =>
  ADAPTIVE[kind] as unknown as AdaptiveSampler<AdaptiveSpec>;
