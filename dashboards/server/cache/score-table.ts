/**
 * The validation scores of one sweep in memory, with the best configuration of each partition,
 * method and width or rank, and of the emulator. Merging rows costs as much as there are rows, and
 * the state depends on the newest row of each trial alone, not on the order in which they came.
 */
import type { ScoreColumns } from '../../../db/queries/trials/scores.ts';
import type { ComparedBaseline, ComparedTrial } from '../../../models/evaluation/comparison.ts';
import { METHOD_DEFINITIONS, ranksOf } from '../../../models/methods/catalogue.ts';
import { type ProposedPoint, ProposedPoints, pointSource } from '../../../search/proposals.ts';
import {
  cellsOf,
  numberTrials,
  type PointSource,
  pointCount,
  type TrialPosition,
  trialId,
  trialsAt,
} from '../../../search/space.ts';
import { partitionCount, type SweepSpec } from '../../../search/spec.ts';
import { ScoredConfigurations } from './scored-configurations.ts';

/** A trial of the best configuration, at one width or rank. */
export type ChosenTrial = Required<Omit<ComparedTrial, 'test' | 'structureTest' | 'engine' | 'rows'>> & {
  readonly structureValidation: number | null;
  /** Number of configurations of this method and width with a score, in the trial's partition. */
  readonly configurations: number;
};

/** The emulator of one seed, at the best architecture of its partition. */
export type EmulatorScore = Required<Pick<ComparedBaseline, 'seed' | 'partition' | 'configurationHash' | 'validation'>>;

/** The emulators or the scores at one width or rank of the trials of one cell. */
interface Lane {
  readonly cell: number;
  /** Scores of each partition. */
  readonly partitions: readonly ScoredConfigurations[];
}

export class ScoreTable {
  /** Scores of every trial up to this revision are in the table; -1: none was read yet. */
  revision = -1;
  readonly #sweepId: string;
  readonly #spec: SweepSpec;
  readonly #trials: ReturnType<typeof numberTrials>;
  readonly #widths: readonly (Lane & Pick<ComparedTrial, 'method' | 'k'>)[];
  readonly #emulators: readonly Lane[];
  /** Widths and emulators by cell. */
  readonly #lanes: readonly (readonly Lane[])[];
  /** Points that were proposed so far; none where they follow from the spec. */
  readonly #proposed: ProposedPoints;
  readonly #pointAt: PointSource;
  /** Hashes by number of the configuration's first trial, of those that were chosen so far. */
  readonly #hashes = new Map<number, string>();

  constructor(sweepId: string, spec: SweepSpec) {
    const cells = cellsOf(spec);
    this.#sweepId = sweepId;
    this.#spec = spec;
    this.#trials = numberTrials(spec);
    this.#proposed = new ProposedPoints(spec);
    this.#pointAt = pointSource(spec, this.#proposed);
    const configurations = pointCount(spec);
    const lane = (cell: number): Lane => ({
      cell,
      partitions: Array.from({ length: partitionCount(spec) }, () => new ScoredConfigurations(configurations, spec.seeds.length)),
    });
    this.#widths = cells.flatMap(({ method, k: widest }, cell) =>
      ranksOf({ method, k: widest }).map((k) => ({ method, k, ...lane(cell) })),
    );
    this.#emulators = cells.flatMap(({ method }, cell) => (METHOD_DEFINITIONS[method].trainsEmulator ? [lane(cell)] : []));
    const all: readonly Lane[] = [...this.#widths, ...this.#emulators];
    this.#lanes = cells.map((_, cell) => all.filter((one) => one.cell === cell));
  }

  /** Roughly what it takes in memory. */
  get bytes(): number {
    return this.#lanes.flat().reduce((sum, { partitions }) => sum + partitions.reduce((own, { bytes }) => own + bytes, 0), 0);
  }

  /** Number of proposed points in the table. */
  get proposals(): number {
    return this.#proposed.size;
  }

  /** Adds points before their trials are merged. */
  addPoints(points: readonly ProposedPoint[]): void {
    this.#proposed.add(points);
  }

  /** Merges rows; `upTo`: a revision that was stored before they were read. */
  merge({ revision, written, scores, emulators }: ScoreColumns, upTo: number): void {
    const touched = new Set<ScoredConfigurations>();
    const set = (lane: Lane, { partition, point, seed }: TrialPosition, score: number, structure: number) => {
      const scored = lane.partitions[partition] as ScoredConfigurations;
      scored.set(point, seed, score, structure);
      touched.add(scored);
    };
    for (const index of written) {
      const position = this.#trials.positionOf(index);
      for (const lane of this.#lanes[position.cell] ?? []) set(lane, position, Number.NaN, Number.NaN);
    }
    for (const [i, index] of scores.index.entries()) {
      const position = this.#trials.positionOf(index);
      const lane = this.#widths.find(({ cell, k }) => cell === position.cell && k === scores.k[i]);
      if (lane) set(lane, position, scores.validation[i] as number, scores.structure[i] as number);
    }
    for (const [i, index] of emulators.index.entries()) {
      const position = this.#trials.positionOf(index);
      const lane = this.#emulators.find(({ cell }) => cell === position.cell);
      if (lane) set(lane, position, emulators.validation[i] as number, Number.NaN);
    }
    for (const scored of touched) scored.rank();
    this.revision = Math.max(this.revision, revision, upTo);
  }

  /** Lists the trials of the best configurations, each partition's by their numbers. */
  chosen(): ChosenTrial[] {
    return this.#widths.flatMap(({ method, k, cell, partitions }) =>
      partitions.flatMap((scored, partition) =>
        this.#bestOf(scored, partition, cell).map(
          ({ seed, structure, index, ...trial }): ChosenTrial => ({
            ...{ method, k, partition, ...trial },
            trialId: trialId(this.#sweepId, index),
            sweepId: this.#sweepId,
            seed: this.#spec.seeds[seed] as number,
            structureValidation: Number.isNaN(structure) ? null : structure,
            configurations: scored.size,
          }),
        ),
      ),
    );
  }

  /** Lists the emulators of the best architecture of each partition, by the numbers of trials. */
  emulators(): EmulatorScore[] {
    return this.#emulators.flatMap(({ cell, partitions }) =>
      partitions.flatMap((scored, partition) =>
        this.#bestOf(scored, partition, cell).map(
          ({ seed, configurationHash, validation }): EmulatorScore => ({
            ...{ partition, configurationHash, validation },
            seed: this.#spec.seeds[seed] as number,
          }),
        ),
      ),
    );
  }

  #bestOf(scored: ScoredConfigurations, partition: number, cell: number) {
    return scored.scoresOfBest().map((score) => {
      const index = this.#trials.indexOf({ partition, cell, point: scored.best, seed: score.seed });
      return { ...score, index, configurationHash: this.#hashOf(cell, scored.best) };
    });
  }

  #hashOf(cell: number, point: number): string {
    const index = this.#trials.indexOf({ partition: 0, cell, point, seed: 0 });
    const known = this.#hashes.get(index);
    if (known !== undefined) return known;
    const [trial] = trialsAt(this.#spec, [index], this.#pointAt);
    const hash = trial?.configurationHash ?? '';
    this.#hashes.set(index, hash);
    return hash;
  }
}
