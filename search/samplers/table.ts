/** The samplers. A new one is a line here and one in schemas/samplers.ts. */
import type { SpecFault } from '../fault.ts';
import type { Point } from '../parameters.ts';
import { grid } from './grid.ts';
import { list } from './list.ts';
import { random } from './random.ts';
import type { ListedPoint, Sampler, SamplingContext } from './sampler.ts';

const SAMPLERS = { grid, random, list };

export type SamplerName = keyof typeof SAMPLERS;
export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];

export type SettingsOf<Name extends SamplerName> = (typeof SAMPLERS)[Name] extends Sampler<infer Settings> ? Settings : never;

/** A sampler with its settings, as specs are stored. */
export type SamplerSpec = { [Name in SamplerName]: { readonly kind: Name } & SettingsOf<Name> }[SamplerName];

const samplerOf = ({ kind }: SamplerSpec): Sampler<SamplerSpec> => SAMPLERS[kind] as unknown as Sampler<SamplerSpec>;

export const countConfigurations = (spec: SamplerSpec, context: SamplingContext): number =>
  samplerOf(spec).countConfigurations(spec, context);

export const createPoints = (spec: SamplerSpec, context: SamplingContext): ((number: number) => Point) =>
  samplerOf(spec).createPoints(spec, context);

export const checkSampler = (spec: SamplerSpec, context: SamplingContext): Iterable<SpecFault> =>
  samplerOf(spec).check?.(spec, context) ?? [];

/**
 * Returns the points that the spec itself names; null where the sampler draws them from the space.
 */
export const listPoints = (spec: SamplerSpec, context: SamplingContext): readonly ListedPoint[] | null =>
  samplerOf(spec).listPoints?.(spec, context) ?? null;

/** Whether the spec itself names the points. */
export const hasListedPoints = (spec: SamplerSpec): boolean => samplerOf(spec).listPoints !== undefined;

/** Returns the sampler as a person writes it in a spec. */
export const samplerToDocument = (spec: SamplerSpec): unknown => ({ [spec.kind]: samplerOf(spec).toDocument(spec) });
