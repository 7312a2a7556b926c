import { canonicalJson } from '../models/canonical-json.ts';
import { type Cell, cellName, METHOD_DEFINITIONS, type Method } from '../models/methods/catalogue.ts';
import { type TrialConfiguration, withoutDefaults } from '../models/training/configuration.ts';
import { sha256 } from './hash.ts';
import {
  conditionOf,
  type Dimension,
  type Dimensions,
  dimensionOf,
  isAbsent,
  type ParameterName,
  type Point,
  valuesOf,
} from './parameters.ts';
import { random } from './samplers/random.ts';
import type { ListedPoint, SamplingContext } from './samplers/sampler.ts';
import { plannedSamplerOf, samplerOf } from './samplers/table.ts';
import { partitionCount, type SweepSpec, type TrainingDimension } from './spec.ts';

/** One configuration, seed and partition: number `index` of the sweep's space. */
export interface Trial {
  readonly index: number;
  readonly configuration: TrialConfiguration;
  /** 16 hexadecimal characters: equal configurations, equal hashes, in any sweep. */
  readonly configurationHash: string;
  readonly seed: number;
  /** Number of the partition of the rows that it trains, validates and tests on. */
  readonly partition: number;
  /** Name of the cell, within which trials are ranked. */
  readonly cell: string;
}

/** The part of a spec that its cells follow from. */
export type WithCells = Pick<SweepSpec, 'methods'> & { readonly space: Pick<SweepSpec['space'], 'k'> };

/** Returns the cells in the order of assignment: widths rising, methods in turn within a width. */
export function cellsOf(spec: WithCells): readonly Cell[] {
  // A method that covers all ranks has one cell, at the highest.
  const highest = Math.max(...spec.space.k);
  return spec.space.k.flatMap((k) =>
    spec.methods.flatMap((method) => (METHOD_DEFINITIONS[method].coversAllRanks && k !== highest ? [] : [{ method, k }])),
  );
}

/** Returns the dimensions of a sweep's space, those of its training among them. */
export const dimensionsOf = ({ space, training }: SweepSpec): Dimensions => ({
  ...space,
  batch: asDimension(training.batch),
  // Points of a sweep with one number of epochs do not name it.
  ...(typeof training.epochs !== 'number' && { epochs: training.epochs }),
  patience: asDimension(training.patience),
});

const asDimension = (stated: TrainingDimension): Dimension<number> =>
  typeof stated === 'number' ? { kind: 'constant', value: stated } : stated;

/** Returns what a sampler needs to know of a sweep. */
export const samplingContext = (spec: SweepSpec): SamplingContext => ({
  space: dimensionsOf(spec),
  cells: cellsOf(spec).length,
  widths: [...Map.groupBy(cellsOf(spec), ({ method }) => method).values()].map(({ length }) => length),
  seeds: spec.seeds.length,
});

/** Returns the points that the spec itself names; null where they are drawn from the space. */
export const listedPoints = (spec: SweepSpec): readonly ListedPoint[] | null =>
  samplerOf(spec.sampler).listPoints?.(spec.sampler, samplingContext(spec)) ?? null;

/** Returns the number of configurations, over all cells. */
export const configurationCount = (spec: SweepSpec): number =>
  samplerOf(spec.sampler).countConfigurations(spec.sampler, samplingContext(spec));

/** Returns the configurations of each cell, assigned in turn: the first may have one more. */
export function configurationsPerCell(spec: SweepSpec): number[] {
  const total = configurationCount(spec);
  const count = cellsOf(spec).length;
  return Array.from({ length: count }, (_, i) => Math.floor(total / count) + (i < total % count ? 1 : 0));
}

/** Returns the number of trials that train a configuration: seeds times partitions. */
export const trialsPerConfiguration = (spec: Pick<SweepSpec, 'seeds' | 'split'>): number =>
  spec.seeds.length * partitionCount(spec);

/** Returns the number of trials of each partition: configurations times seeds. */
export const trialsPerPartition = (spec: SweepSpec): number => configurationCount(spec) * spec.seeds.length;

/** Returns the number of trials: configurations times seeds times partitions. */
export const trialCount = (spec: SweepSpec): number => trialsPerPartition(spec) * partitionCount(spec);

/**
 * Returns the point that a cell, given by its position among those of cellsOf, has under a number.
 * Throws RangeError where it is not known.
 */
export type PointSource = (cell: number, point: number) => Point;

/** Returns the points that follow from the spec alone; null where they are proposed from scores. */
export function plannedPoints(spec: SweepSpec): PointSource | null {
  const pointAt = plannedSamplerOf(spec.sampler)?.createPoints(spec.sampler, samplingContext(spec));
  return pointAt ? (_cell, point) => pointAt(point) : null;
}

/** Returns the number of points of the first cells; others may have one less. */
export const pointCount = (spec: SweepSpec): number => Math.ceil(configurationCount(spec) / cellsOf(spec).length);

/** A trial's position among the planned ones. */
export interface TrialPosition {
  readonly partition: number;
  /** Position of its cell among those of cellsOf. */
  readonly cell: number;
  /** Number of its point among those of its cell. */
  readonly point: number;
  /** Position of its seed in the spec. */
  readonly seed: number;
}

/** Returns the functions from a trial's number to its position and back; order: see trialsAt. */
export function numberTrials(spec: SweepSpec) {
  const [cells, seeds, perPartition] = [cellsOf(spec).length, spec.seeds.length, trialsPerPartition(spec)];
  return {
    positionOf(index: number): TrialPosition {
      const configuration = Math.floor((index % perPartition) / seeds);
      return {
        partition: Math.floor(index / perPartition),
        cell: configuration % cells,
        point: Math.floor(configuration / cells),
        seed: index % seeds,
      };
    },
    indexOf: ({ partition, cell, point, seed }: TrialPosition): number =>
      partition * perPartition + (point * cells + cell) * seeds + seed,
  };
}

/** Returns the function from the number of a trial to that of its point among those of its cell. */
export function pointOfTrial(spec: SweepSpec): (index: number) => number {
  const { positionOf } = numberTrials(spec);
  return (index) => positionOf(index).point;
}

/** The trials of some cells among those of a sweep, in the order of their numbers. */
export interface TrialSubset {
  readonly count: number;
  /** Returns the number of the trial at this place, 0 <= place < count. */
  indexAt(place: number): number;
}

/** Returns the trials of these methods that are of the cells with these names; absent: of all. */
export function trialsOf(spec: SweepSpec, methods?: readonly Method[], names?: readonly string[]): TrialSubset {
  if (methods === undefined && names === undefined) return { count: trialCount(spec), indexAt: (place) => place };
  const { indexOf } = numberTrials(spec);
  const [cells, seeds] = [cellsOf(spec), spec.seeds.length];
  const isOwn = (cell: Cell) => (methods?.includes(cell.method) ?? true) && (names?.includes(cellName(cell)) ?? true);
  const own = cells.flatMap((cell, position) => (isOwn(cell) ? [position] : []));
  // The first cells may have one more point than the others.
  const [rounds, others] = [Math.floor(configurationCount(spec) / cells.length), configurationCount(spec) % cells.length];
  const perPartition = (rounds * own.length + own.filter((cell) => cell < others).length) * seeds;
  return {
    count: perPartition * partitionCount(spec),
    indexAt(place) {
      const configuration = Math.floor((place % perPartition) / seeds);
      return indexOf({
        partition: Math.floor(place / perPartition),
        cell: own[configuration % own.length] as number,
        point: Math.floor(configuration / own.length),
        seed: place % seeds,
      });
    },
  };
}

/**
 * Returns the trials with these numbers, 0 <= index < trialCount(spec). Seeds turn fastest, then
 * cells, then points: a range of neighbours holds whole configurations of every method, so that
 * packs cost about the same and equal shapes are adjacent. Partitions turn last: a range has the
 * data of one or two, and the first is numbered as in a sweep of one. Throws RangeError outside
 * the space, and where `pointAt` does not know a point.
 */
export function trialsAt(spec: SweepSpec, indices: readonly number[], pointAt: PointSource): Trial[] {
  const cells = cellsOf(spec);
  const partitions = partitionCount(spec);
  const { positionOf } = numberTrials(spec);
  const known = new Map<number, Pick<Trial, 'configuration' | 'configurationHash' | 'cell'>>();
  return indices.map((index) => {
    const { partition, point, ...position } = positionOf(index);
    const [cell, seed] = [cells[position.cell], spec.seeds[position.seed]];
    if (!Number.isInteger(index) || cell === undefined || seed === undefined || partition < 0 || partition >= partitions) {
      throw new RangeError(`trial ${index} is outside the sweep's ${trialCount(spec)} trials`);
    }
    const number = point * cells.length + position.cell;
    let shared = known.get(number);
    if (!shared) {
      const configuration = configurationOf(spec, cell, pointAt(position.cell, point));
      shared = { configuration, configurationHash: configurationHash(configuration), cell: cellName(cell) };
      known.set(number, shared);
    }
    return { index, seed, partition, ...shared };
  });
}

/**
 * Returns trials to plan with, as trialsAt does: random points stand for those that an adaptive
 * sampler will propose.
 */
export function previewTrials(spec: SweepSpec, indices: readonly number[]): Trial[] {
  return trialsAt(spec, indices, plannedPoints(spec) ?? randomPoints(spec));
}

function randomPoints(spec: SweepSpec): PointSource {
  const pointAt = random.createPoints({ trials: trialCount(spec), seed: 1 }, samplingContext(spec));
  return (_cell, point) => pointAt(point);
}

/**
 * A start from scratch and a single start are left out, and restarts where the method has none:
 * such configurations hash as before there were warm starts and restarts.
 */
function configurationOf({ training, warm }: SweepSpec, cell: Cell, { start, ...point }: Point): TrialConfiguration {
  const { restarts = 1 } = training;
  const epochs = trainedEpochs(training, point);
  const isRestarted = METHOD_DEFINITIONS[cell.method].isRestarted && restarts > 1 && start !== 'warm';
  const configuration = { ...cell, ...point, epochs, ...(isRestarted && { restarts }) };
  return start === 'warm' ? { ...configuration, start, warm: warm?.[cellName(cell)] as string } : configuration;
}

/** Returns the epochs at most of a point: its own, or those of all. */
const trainedEpochs = ({ epochs }: SweepSpec['training'], point: Pick<Point, 'epochs'>): number =>
  point.epochs ?? (valuesOf(asDimension(epochs))[0] as number);

/** Returns the value that trials of a point are trained with; undefined: there is none. */
export const trainedValue = ({ training }: SweepSpec, name: ParameterName, point: Point): unknown =>
  name === 'epochs' ? trainedEpochs(training, point) : point[name];

/** Returns the epochs at most of the longest trainings of a sweep. */
export function mostEpochs(spec: SweepSpec): number {
  const dimension = sweptDimension(spec, 'epochs') as Dimension<number>;
  return 'high' in dimension ? dimension.high : Math.max(...valuesOf(dimension));
}

/** Returns a parameter's values in this sweep: its dimension, or the values of listed points. */
export function sweptDimension(spec: SweepSpec, name: ParameterName): Dimension<unknown> {
  const stated = name === 'epochs' ? asDimension(spec.training.epochs) : dimensionOf(dimensionsOf(spec), name);
  const listed = listedPoints(spec);
  if (listed === null || stated.kind !== 'constant') return stated;
  const trained = listed.map(({ point }) => trainedValue(spec, name, point)).filter((value) => value !== undefined);
  const values = new Map(trained.map((value) => [JSON.stringify(value), value]));
  const [value, ...others] = values.values();
  return others.length === 0 ? { kind: 'constant', value } : { kind: 'choice', values: [value, ...others] };
}

/** Whether the sweep has trials with a value of a parameter, and trials without. */
export function isPartial(spec: SweepSpec, name: ParameterName): boolean {
  if (isAbsent(sweptDimension(spec, name))) return false;
  const listed = listedPoints(spec);
  if (listed !== null) return listed.some(({ point }) => trainedValue(spec, name, point) === undefined);
  const condition = conditionOf(name);
  return condition !== null && !valuesOf(sweptDimension(spec, condition.parent)).every((one) => condition.values.includes(one));
}

/**
 * Returns the first 16 hexadecimal characters of the SHA-256 of the canonical JSON, in which values
 * that are the default are left out.
 */
export const configurationHash = (configuration: TrialConfiguration): string =>
  sha256(canonicalJson(withoutDefaults(configuration))).slice(0, 16);

/** Returns the id of trial number `index` of a sweep. */
export const trialId = (sweepId: string, index: number): string => `${sweepId}-${index}`;

/** Returns the id of the sweep that a trial belongs to; '' where the text is not a trial's id. */
export const sweepOfTrial = (trial: string): string => trial.slice(0, Math.max(0, trial.lastIndexOf('-')));

/** Returns the ids of the sweeps that a sweep starts from: their models, or their trials. */
export const sourceSweeps = ({ warm = {}, extends: parent }: Pick<SweepSpec, 'warm' | 'extends'>): readonly string[] => [
  ...new Set([...Object.values(warm).map(sweepOfTrial), ...(parent === undefined ? [] : [parent])]),
];
