import type { Cell } from '../../models/methods/catalogue.ts';
import type { SpecFault } from '../fault.ts';
import type { Dimensions, ParameterName, Point } from '../parameters.ts';
import type { MeasureCosts, Proposer } from '../proposers/proposer.ts';

/** The parts of a sweep that a sampler depends on. */
export interface SamplingContext {
  readonly space: Dimensions;
  /** Pairs of method and width. */
  readonly cells: number;
  /** Numbers of widths, one for each method. */
  readonly widths: readonly number[];
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
 * A kind of sampler. Configurations are assigned to the cells in turn: number n belongs to cell
 * n mod C and has point floor(n / C).
 */
export interface Sampler<Settings> {
  /** Returns the number of configurations, over all cells; each is trained with every seed. */
  countConfigurations(settings: Settings, context: SamplingContext): number;
  /** Returns the settings as a person writes them under the sampler's name in a spec. */
  toDocument(settings: Settings): unknown;
  /** Yields what of the settings does not fit the space, the methods and the seeds. */
  check?(settings: Settings, context: SamplingContext): Iterable<SpecFault>;
  /** Returns the points that the spec itself names, where the sampler takes them from there. */
  listPoints?(settings: Settings, context: SamplingContext): readonly ListedPoint[];
}

/**
 * A sampler that returns "the configuration with number n" from the spec alone, without a list or
 * state, in any order. Every cell gets the same points (common random numbers).
 */
export interface PlannedSampler<Settings> extends Sampler<Settings> {
  /** Returns the points by number, 0 <= number < ceil(configurations / C). */
  createPoints(settings: Settings, context: SamplingContext): (number: number) => Point;
}

/** A sampler that proposes the points of each cell from the scores of earlier ones. */
export interface AdaptiveSampler<Settings extends { readonly seed: number }> extends Sampler<Settings> {
  readonly proposer: Proposer<Settings>;
  /** Returns the costs of a cell's points, which are weighed against scores; null: none are. */
  createCosts?(settings: Settings, cell: Cell): MeasureCosts | null;
  /** Rises when the same request gives another point: stored proposals name it. */
  readonly version: number;
}
