/** Points that an adaptive sampler proposes one after another, with what each is proposed from. */
import { cellName } from '../models/methods/catalogue.ts';
import { countEnqueued, enqueuedPoints } from './continuing/enqueue.ts';
import type { Point } from './parameters.ts';
import type { MeasureCosts, Observation, ProposalRequest, Siblings } from './proposers/proposer.ts';
import { checkPoint, completePoint, varyingPart } from './samplers/points.ts';
import { type AdaptiveSpec, adaptiveSamplerOf, isAdaptive } from './samplers/table.ts';
import { cellsOf, dimensionsOf, numberTrials, type PointSource, plannedPoints } from './space.ts';
import type { SweepSpec } from './spec.ts';

/** A spec whose sampler is adaptive. */
export type AdaptiveSweep = SweepSpec & { readonly sampler: AdaptiveSpec };

export const isAdaptiveSweep = (spec: SweepSpec): spec is AdaptiveSweep => isAdaptive(spec.sampler);

/** A point of a cell, by the cell's name and the point's number. */
export interface PointKey {
  readonly cell: string;
  readonly point: number;
}

export interface ProposedPoint extends PointKey {
  readonly value: Point;
}

/**
 * The sampler that proposed a point: version, and settings but for the number of trials; for a
 * point that the spec enqueues, ENQUEUED.
 */
export interface SamplerRecord {
  readonly name: string;
  readonly version: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * A proposed point with what it was proposed from. The points of a sweep are proposed one after
 * another, and observed one after another: two counts say which scores a proposal saw, and which
 * points were pending, in as little space for the last of 100,000 as for the first.
 */
export interface Proposal extends ProposedPoint {
  /** Points of the sweep that were proposed before it. */
  readonly position: number;
  /** Points of the sweep that had been observed: those whose `observed` is lower. */
  readonly observations: number;
  /** Revision of the sweep up to which trials had been read. */
  readonly revision: number;
  readonly sampler: SamplerRecord;
  /** Points of the sweep that were observed before it; null: it is pending. */
  readonly observed: number | null;
  /** Mean validation score over the seeds when it was observed; null: no trial had one. */
  readonly score: number | null;
}

/** State of a sweep in which points are proposed. */
export interface ProposalHistory extends Pick<Proposal, 'position' | 'observations' | 'revision'> {
  /** Every proposal so far of the cells that the wanted points follow from (listSources). */
  readonly known: readonly Proposal[];
}

export const ENQUEUED: SamplerRecord = { name: 'enqueued', version: 1, settings: {} };

/** Whether a point was enqueued while the sweep ran: its row is all that is known of it. */
const isGiven = (spec: AdaptiveSweep, { cell, point, sampler }: Proposal): boolean =>
  sampler.name === ENQUEUED.name && sampler.version === ENQUEUED.version && point >= countEnqueued(spec, cell);

/** Returns the record that a proposal of this spec has. */
export const recordOf = (spec: AdaptiveSweep, proposal: Proposal): SamplerRecord =>
  isGiven(spec, proposal) ? ENQUEUED : samplerRecord(spec, proposal);

/** Returns the record of what a point of a spec comes from. */
function samplerRecord(spec: AdaptiveSweep, { cell, point }: PointKey): SamplerRecord {
  if (point < countEnqueued(spec, cell)) return ENQUEUED;
  const { sampler } = spec;
  const { kind, trials: _, ...settings } = sampler;
  return { name: kind, version: adaptiveSamplerOf(sampler).version, settings };
}

/** The points of a sweep that have been proposed. */
export class ProposedPoints {
  readonly #cells: readonly string[];
  readonly #values = new Map<string, Point>();

  constructor(spec: SweepSpec, points: Iterable<ProposedPoint> = []) {
    this.#cells = cellsOf(spec).map(cellName);
    this.add(points);
  }

  get size(): number {
    return this.#values.size;
  }

  add(points: Iterable<ProposedPoint>): void {
    for (const { value, ...key } of points) this.#values.set(textOf(key), value);
  }

  has(key: PointKey): boolean {
    return this.#values.has(textOf(key));
  }

  /** Throws RangeError where the point has not been proposed. */
  readonly at: PointSource = (position, point) => {
    const cell = this.#cells[position] as string;
    const value = this.#values.get(textOf({ cell, point }));
    if (value === undefined) throw new RangeError(`point ${point} of ${cell} has not been proposed`);
    return value;
  };
}

/** Returns the points of a sweep: those of its spec, or the proposed ones. */
export const pointSource = (spec: SweepSpec, proposed: ProposedPoints): PointSource => plannedPoints(spec) ?? proposed.at;

const textOf = ({ cell, point }: PointKey): string => `${cell} ${point}`;

/** Returns the points that these trials train, each once. */
export function pointsOfTrials(spec: SweepSpec, indices: readonly number[]): PointKey[] {
  const names = cellsOf(spec).map(cellName);
  const { positionOf } = numberTrials(spec);
  const keys = indices.map((index) => {
    const { cell, point } = positionOf(index);
    return { cell: names[cell] as string, point };
  });
  return [...new Map(keys.map((key) => [textOf(key), key])).values()];
}

/** Returns the function from a point to its trials, on the first so many partitions. */
export function trialsOfPoint(spec: SweepSpec, partitions: number): (point: PointKey) => number[] {
  const names = cellsOf(spec).map(cellName);
  const { indexOf } = numberTrials(spec);
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  return ({ cell, point }) =>
    numbers.flatMap((partition) => spec.seeds.map((_, seed) => indexOf({ partition, cell: names.indexOf(cell), point, seed })));
}

/**
 * Returns the function from a point to the numbers of the trials that it is observed by: those of
 * every seed on the first partition, on which all points are trained before any other.
 */
export const observedTrials = (spec: SweepSpec) => trialsOfPoint(spec, 1);

/** Returns the mean of the scores that there are, in their order; null without any. */
export function meanScore(scores: readonly (number | null)[]): number | null {
  const known = scores.filter((score) => score !== null);
  return known.length === 0 ? null : known.reduce((sum, score) => sum + score, 0) / known.length;
}

/**
 * Returns the pending points whose trials have all ended, as observed from number `first` on.
 * `scores`: by number of the trials that have ended; null: it has none.
 */
export function observePoints(
  spec: SweepSpec,
  pending: readonly Proposal[],
  scores: ReadonlyMap<number, number | null>,
  first: number,
): Proposal[] {
  const trialsOf = observedTrials(spec);
  const ended = pending.flatMap((proposal) => {
    const trials = trialsOf(proposal).map((index) => scores.get(index));
    return trials.some((score) => score === undefined) ? [] : [{ proposal, score: meanScore(trials as (number | null)[]) }];
  });
  return ended.map(({ proposal, score }, i) => ({ ...proposal, observed: first + i, score }));
}

/** Returns the names of the widths of a cell's method, where they share their points; else null. */
function listSharing(spec: AdaptiveSweep, cell: string): readonly string[] | null {
  if (!('share' in spec.sampler && spec.sampler.share)) return null;
  const cells = cellsOf(spec);
  const method = cells.find((one) => cellName(one) === cell)?.method;
  return cells.filter((one) => one.method === method).map(cellName);
}

/** Returns the names of the cells whose points those of the named cells follow from. */
export const listSources = (spec: SweepSpec, cells: readonly string[]): readonly string[] => [
  ...new Set(cells.flatMap((cell) => (isAdaptiveSweep(spec) ? listSharing(spec, cell) : null) ?? [cell])),
];

/** Proposes points that have no proposal, in the order of their numbers within each cell. */
export function* proposePoints(
  spec: AdaptiveSweep,
  { known, position, observations, revision }: ProposalHistory,
  wanted: readonly PointKey[],
): Generator<Proposal> {
  const history = new SearchHistory(spec, known);
  let next = position;
  for (const [cell, points] of Map.groupBy(wanted, (one) => one.cell)) {
    for (const { point } of points.toSorted((a, b) => a.point - b.point)) {
      const value = history.propose({ cell, point, observations });
      const sampler = samplerRecord(spec, { cell, point });
      const proposal = { cell, point, value, position: next, observations, revision, sampler, observed: null, score: null };
      history.add(proposal);
      next += 1;
      yield proposal;
    }
  }
}

/** Returns a point as the space has it. Throws RangeError where it is outside. */
function pointIn(spec: AdaptiveSweep, value: Point): Point {
  const space = dimensionsOf(spec);
  for (const { path, message } of checkPoint(space, 'point', value)) throw new RangeError(`${path}: ${message}`);
  return completePoint(space, varyingPart(space, value));
}

/**
 * Yields every proposal, as they were made, with a function that proposes a point from the same. It
 * throws RangeError where points before it are not of the space.
 */
export function* replayProposals(
  spec: AdaptiveSweep,
  proposals: readonly Proposal[],
): Generator<{ readonly proposal: Proposal; readonly propose: () => Point }> {
  const history = new SearchHistory(spec, []);
  for (const proposal of proposals.toSorted((a, b) => a.position - b.position)) {
    const propose = isGiven(spec, proposal) ? () => pointIn(spec, proposal.value) : () => history.propose(proposal);
    yield { proposal, propose };
    history.add(proposal);
  }
}

/** Returns the first proposal whose counts do not fit those of the others; null without any. */
export function findGap(proposals: readonly Proposal[]): { readonly proposal: Proposal; readonly problem: string } | null {
  const made = proposals.toSorted((a, b) => a.position - b.position);
  const seen = proposals.flatMap(({ observed }) => observed ?? []).sort((a, b) => a - b);
  // Beyond it, a proposal would have seen a score that is missing.
  const gap = seen.findIndex((observed, i) => observed !== i);
  const known = gap < 0 ? seen.length : gap;
  for (const [i, proposal] of made.entries()) {
    if (proposal.position !== i)
      return { proposal, problem: `a proposal before it is missing: it is number ${proposal.position}` };
    if (proposal.observations > known || proposal.observations < (made[i - 1]?.observations ?? 0))
      return { proposal, problem: `it saw ${proposal.observations} scores, and ${known} are stored` };
  }
  return null;
}

/** Whether a point is among the first so many that were observed. */
const isSeen = ({ observed }: Proposal, count: number): boolean => observed !== null && observed < count;

/** The proposals of a sweep, by cell. */
class SearchHistory {
  readonly #spec: AdaptiveSweep;
  readonly #cells = new Map<string, CellHistory>();

  constructor(spec: AdaptiveSweep, proposals: readonly Proposal[]) {
    this.#spec = spec;
    for (const [cell, own] of Map.groupBy(proposals, (one) => one.cell)) this.#cells.set(cell, new CellHistory(spec, cell, own));
  }

  add(proposal: Proposal): void {
    this.#of(proposal.cell).add(proposal);
  }

  /** Returns the point that is enqueued under a number, or follows from the proposals so far. */
  propose({ cell, point, observations }: Pick<Proposal, 'cell' | 'point' | 'observations'>): Point {
    return this.#of(cell).propose(point, observations, this.#siblings(cell, observations));
  }

  #siblings(cell: string, observations: number): Siblings | null {
    const sharing = listSharing(this.#spec, cell);
    if (sharing === null) return null;
    const others = sharing.filter((one) => one !== cell);
    return { observations: others.map((one) => this.#of(one).observed(observations)), place: sharing.indexOf(cell) };
  }

  #of(cell: string): CellHistory {
    const history = this.#cells.get(cell) ?? new CellHistory(this.#spec, cell, []);
    this.#cells.set(cell, history);
    return history;
  }
}

/** The proposals of a cell, in the order of their points. */
class CellHistory {
  readonly #spec: AdaptiveSweep;
  readonly #cell: string;
  readonly #enqueued: readonly Point[];
  readonly #measureCosts: MeasureCosts | null;
  readonly #proposals: Proposal[];
  /** Observations of the last proposal: most of those that follow it see the same. */
  #seen: { readonly count: number; readonly observations: readonly Observation[] } | null = null;

  constructor(spec: AdaptiveSweep, cell: string, proposals: readonly Proposal[]) {
    this.#spec = spec;
    this.#cell = cell;
    this.#enqueued = enqueuedPoints(spec, cell);
    const own = cellsOf(spec).find((one) => cellName(one) === cell);
    this.#measureCosts = (own && adaptiveSamplerOf(spec.sampler).createCosts?.(spec.sampler, own)) ?? null;
    this.#proposals = proposals.toSorted((a, b) => a.point - b.point);
  }

  add(proposal: Proposal): void {
    const before = this.#proposals.findLastIndex(({ point }) => point < proposal.point);
    this.#proposals.splice(before + 1, 0, proposal);
    if (this.#seen && isSeen(proposal, this.#seen.count)) this.#seen = null;
  }

  /** Returns the point of SearchHistory.propose. */
  propose(point: number, observations: number, siblings: Siblings | null): Point {
    const enqueued = this.#enqueued[point];
    if (enqueued !== undefined) return enqueued;
    const { sampler } = this.#spec;
    const request: ProposalRequest = {
      space: dimensionsOf(this.#spec),
      observations: this.observed(observations),
      pending: [...this.#waiting(), ...this.#proposals.filter((one) => !isSeen(one, observations))]
        .sort((a, b) => a.point - b.point)
        .map(({ value }) => value),
      seed: sampler.seed,
      cell: this.#cell,
      number: point,
      siblings,
    };
    return adaptiveSamplerOf(sampler).proposer.propose(sampler, request);
  }

  /** Returns the points whose scores a proposal sees that saw so many of the sweep. */
  observed(count: number): readonly Observation[] {
    if (this.#seen?.count !== count) {
      const seen = this.#proposals.filter((one) => isSeen(one, count));
      this.#seen = { count, observations: seen.map((one) => this.#observe(one)) };
    }
    return this.#seen.observations;
  }

  #observe({ value, score }: Proposal): Observation {
    const costs = this.#measureCosts?.(value);
    return { point: value, score, ...(costs && { costs }) };
  }

  /** Returns enqueued points without a row: a trainer may be ahead of the one that trains them. */
  #waiting(): readonly Pick<Proposal, 'point' | 'value'>[] {
    const known = new Set(this.#proposals.slice(0, this.#enqueued.length).map(({ point }) => point));
    return this.#enqueued.flatMap((value, point) => (known.has(point) ? [] : [{ point, value }]));
  }
}
