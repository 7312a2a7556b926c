import type { SpecFault } from '../fault.ts';
import type { Dimensions, ParameterName, Point } from '../parameters.ts';

/** The parts of a sweep that a sampler depends on. */
export interface SamplingContext {
  readonly space: Dimensions;
  /** Pairs of method and width. */
  readonly cells: number;
  /** Number of seeds. */
  readonly seeds: number;
}

/** A point that a spec lists, and its place in the document. */
export interface ListedPoint {
  readonly path: string;
  readonly point: Point;
  /** Parameters that it names; the others are constants of the space. */
  readonly named: readonly ParameterName[];
}

/**
 * A kind of sampler: returns "the configuration with number n" from the spec alone, without a list
 * or state, in any order. Configurations are assigned to the cells in turn: number n belongs to
 * cell n mod C and has point floor(n / C), so that every cell gets the same points (common random
 * numbers).
 */
export interface Sampler<Settings> {
  /** Returns the number of configurations, over all cells; each is trained with every seed. */
  countConfigurations(settings: Settings, context: SamplingContext): number;
  /** Returns the points by number, 0 <= number < ceil(configurations / C). */
  createPoints(settings: Settings, context: SamplingContext): (number: number) => Point;
  /** Returns the settings as a person writes them under the sampler's name in a spec. */
  toDocument(settings: Settings): unknown;
  /** Yields what of the settings does not fit the space, the methods and the seeds. */
  check?(settings: Settings, context: SamplingContext): Iterable<SpecFault>;
  /** Returns the points that the spec itself names, where the sampler takes them from there. */
  listPoints?(settings: Settings, context: SamplingContext): readonly ListedPoint[];
}
