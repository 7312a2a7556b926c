/** The samplers. A new one is a line here and one in schemas/samplers.ts. */
import { grid } from './grid.ts';
import { list } from './list.ts';
import { random } from './random.ts';
import type { Sampler } from './sampler.ts';
import { sobol } from './sobol.ts';

const SAMPLERS = { grid, random, sobol, list };

export type SamplerName = keyof typeof SAMPLERS;
export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];

export type SettingsOf<Name extends SamplerName> = (typeof SAMPLERS)[Name] extends Sampler<infer Settings> ? Settings : never;

/** A sampler with its settings, as specs are stored. */
export type SamplerSpec = { [Name in SamplerName]: { readonly kind: Name } & SettingsOf<Name> }[SamplerName];

/** Returns the sampler, whose settings are this part of the spec. */
export const samplerOf = ({ kind }: SamplerSpec): Sampler<SamplerSpec> => SAMPLERS[kind] as unknown as Sampler<SamplerSpec>;
