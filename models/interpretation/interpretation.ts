/**
 * Interpretation of a finished sweep in terms of the structure: for every method and width its
 * latents, components and expansion, how far seeds agree, and what a series of groups looks like
 * through it. Pure: trials and data in, plain figures out. Test rows only, except for the ranges of
 * grids.
 */
import type { Interval, Matrix, SplitName } from '../axes.ts';
import type { DescriptorColumn } from '../descriptor.ts';
import { coveredVariance, coveredVarianceByColumn } from '../evaluation/covered-variance.ts';
import { type FarRows, findFarRows } from '../far-rows.ts';
import { type Cell, METHOD_DEFINITIONS } from '../methods/catalogue.ts';
import { forward, jacobian } from '../networks/forward.ts';
import type { AxisScaling, Scaling } from '../scaling.ts';
import { inUnitsOfScore, type PhysicalPart, physicalPart, standardize, unstandardize } from '../standardisation.ts';
import { loadModel, mapRows } from '../stored/model.ts';
import { type StoredModel, unpackModel } from '../stored/model-file.ts';
import type { PackData } from '../training/task.ts';
import { dot, evenlySpaced, rowOf } from '../vectors.ts';
import { type ComponentReading, type FoundComponents, matchedAngles, readComponents } from './components.ts';
import { type Controls, type DescriptorShare, descriptorShares, drawControls } from './decisive.ts';
import { type Field, fieldOf, gridOver } from './fields.ts';
import { correlations, type DescriptorCorrelation, type LatentResponse, responses } from './latents.ts';
import { type Agreement, pairwiseAgreement } from './pairwise.ts';
import { agreementOverPartitions, inScaling, type PartitionFinding } from './partitions.ts';
import { type Quantity, reconstructSeries, type SeriesReconstruction } from './series.ts';

/** Points of a grid along each of three descriptors. */
const GRID_POINTS = 32;
/** Structures of a scatter of latents against descriptors. */
const SCATTER_ROWS = 400;

/** Trials of a method at a width or rank: of its best configuration on the first partition. */
export interface InterpretedCell extends Cell {
  readonly trials: readonly InterpretedTrial[];
  /** Number of its trials that are left out, as their latents were not kept; absent: none. */
  readonly withoutLatents?: number;
  /** One trial of each partition, the first among them; empty where the sweep has one. */
  readonly partitions: readonly PartitionFinding[];
  /** Best on validation among the trials of this method and width whose weights are kept. */
  readonly best: { readonly trialId: string; readonly model: Uint8Array };
}

export interface InterpretedTrial {
  readonly trialId: string;
  readonly seed: number;
  /** V [k, D] in standardised descriptors, orthonormal rows; null for EDNN. */
  readonly components: Float32Array | null;
  /** Score of the spectrum on test rows. */
  readonly coveredVariance: number;
  /** Test rows [n, k]. */
  readonly latents: Matrix;
}

type Labelled = Pick<DescriptorColumn, 'name' | 'unit'>;

export interface InterpretationData {
  readonly pack: PackData;
  /** Every descriptor, constant ones included, in the order of X. */
  readonly descriptors: readonly Labelled[];
  /** Rows that belong together, for resampling; null where rows are independent. */
  readonly groups: readonly string[] | null;
  readonly series: (Labelled & { readonly values: readonly string[] }) | null;
  readonly quantities: readonly Quantity[];
}

/** Scores on test rows. */
interface Scores {
  readonly coveredVariance: number;
  /** The same per energy (target column), null where a column does not vary. */
  readonly coveredVarianceByEnergy: readonly (number | null)[];
}

/** The scores are those of the best trial. */
export interface CellReading extends Cell, Scores {
  readonly trials: readonly string[];
  /** Number of seeds that are left out, as their latents were not kept; absent: none. */
  readonly withoutLatents?: number;
  readonly best: string;
  readonly latents: readonly { readonly correlations: readonly DescriptorCorrelation[]; readonly response: LatentResponse }[];
  readonly scatter: { readonly rows: readonly number[]; readonly t: readonly (readonly number[])[] };
  readonly components: readonly ComponentReading[] | null;
  /** By descriptor: what of it the expansion recovers; null for EDNN, which has none. */
  readonly expansion: readonly DescriptorShare[] | null;
  /** Over seeds; null with one seed. */
  readonly agreement: Agreement | null;
  /** Over partitions; absent with one partition. */
  readonly overPartitions?: Agreement;
  readonly series: SeriesReconstruction | null;
}

export interface Interpretation {
  readonly format: 1;
  /** Kept descriptors, the order of every list; mean and deviation over training rows, physical. */
  readonly descriptors: readonly (Labelled & { readonly mean: number; readonly deviation: number })[];
  /** Constant descriptors, which no method sees. */
  readonly dropped: readonly string[];
  /** Rows far outside the training rows, by split; absent in old interpretations. */
  readonly far?: readonly ({ readonly split: SplitName; readonly descriptor: string } & FarRows)[];
  readonly emulator: (Scores & { readonly trialId: string }) | null;
  readonly cells: readonly CellReading[];
  /** Structures of the scatters, by row of the dataset: descriptors in physical units. */
  readonly structures: readonly { readonly row: number; readonly x: readonly number[] }[];
  readonly quantities: readonly Labelled[];
  readonly series: Labelled | null;
}

/** Reads all cells, deterministically. Throws NarrowsError `model-damaged`. */
export function interpret(data: InterpretationData, cells: readonly InterpretedCell[]): Interpretation {
  const { pack, descriptors, quantities, series } = data;
  const { kept, mean, deviation } = pack.scaling.x;
  const test = physicalPart(pack, 'test');
  const shown = [...evenlySpaced(pack.rows.test.length, SCATTER_ROWS)];
  const emulator = emulatorOf(cells);
  const controls = drawControls(pack.x, pack.rows.test);
  return {
    format: 1,
    descriptors: [...kept].map((column, i) => ({
      ...(descriptors[column] as Labelled),
      mean: mean[i] ?? Number.NaN,
      deviation: deviation[i] ?? Number.NaN,
    })),
    dropped: pack.scaling.x.constants.map(({ column }) => (descriptors[column] as Labelled).name),
    far: (['validation', 'test'] as const).flatMap((split) => {
      const found = findFarRows(pack.x, pack.scaling.x, pack.rows, split);
      return found ? [{ split, descriptor: (descriptors[found.worst.column] as Labelled).name, ...found }] : [];
    }),
    emulator: emulator && readEmulator(emulator, test),
    cells: cells.map((cell) => readCell(data, cell, test, shown, controls)),
    structures: shown.map((i) => ({
      row: pack.rows.test[i] as number,
      x: [...kept].map((column) => test.x.data[i * test.x.columns + column] as number),
    })),
    quantities: quantities.map(({ name, unit }) => ({ name, unit })),
    series: series && { name: series.name, unit: series.unit },
  };
}

/** Returns the best trial of the method that trains a full emulator; null without one. */
const emulatorOf = (cells: readonly InterpretedCell[]): InterpretedCell['best'] | null =>
  cells.filter(({ method }) => METHOD_DEFINITIONS[method].trainsEmulator).at(-1)?.best ?? null;

function readCell(
  data: InterpretationData,
  cell: InterpretedCell,
  test: PhysicalPart,
  shown: readonly number[],
  controls: Controls,
): CellReading {
  const { pack, groups, series, quantities } = data;
  const { method, k, trials, best } = cell;
  const model = loadModel(best.model, { k });
  const t = model.encode(test.x);
  const seeds = trials.flatMap(({ trialId, components, latents, coveredVariance: own }) =>
    components ? [{ trialId, components, latents, coveredVariance: own }] : [],
  );
  // A best trial of another configuration has none of its own here.
  const shownSeed = Math.max(
    0,
    seeds.findIndex(({ trialId }) => trialId === best.trialId),
  );
  const bases = seeds.map(({ components }) => components);
  const keptX = keptColumns(test.x, pack.scaling.x.kept);
  const along = responses(model, t);
  return {
    method,
    k,
    trials: trials.map(({ trialId }) => trialId),
    ...(cell.withoutLatents && { withoutLatents: cell.withoutLatents }),
    best: best.trialId,
    ...scoresOf(test.y, model.predict(test.x), pack.scaling),
    latents: correlations(t, keptX).map((own, j) => ({ correlations: own, response: along[j] as LatentResponse })),
    scatter: {
      rows: shown.map((i) => pack.rows.test[i] as number),
      t: shown.map((i) => [...rowOf(t, i)]),
    },
    components: seeds.length > 0 ? componentsOf(seeds, shownSeed, cell.partitions, pack.scaling.x) : null,
    expansion: bases.length > 0 ? descriptorShares(pack.x, pack.rows.test, seeds, groups, controls) : null,
    agreement: trials.length > 1 ? pairwiseAgreement(trials, keptX.columns) : null,
    ...(cell.partitions.length > 1 && { overPartitions: agreementOverPartitions(cell.partitions, pack.scaling.x) }),
    series:
      series && bases.length > 0 && quantities.length > 0
        ? reconstructSeries(pack.x, pack.rows.test, series.values, pack.scaling.x, bases, quantities)
        : null,
  };
}

/** Reads the components over seeds and, where there are several, over partitions of the rows. */
function componentsOf(
  seeds: readonly FoundComponents[],
  shown: number,
  partitions: readonly PartitionFinding[],
  scaling: AxisScaling,
): ComponentReading[] {
  const D = scaling.kept.length;
  const readings = readComponents(seeds, shown, D);
  const found = inScaling(partitions, scaling).flatMap(({ components, latents }) =>
    components ? [{ components, latents }] : [],
  );
  if (found.length < 2) return readings;
  const angles = matchedAngles(seeds[shown] as FoundComponents, found, D);
  return readings.map((reading, j) => ({ ...reading, angleOverPartitions: angles[j] as Interval }));
}

function readEmulator({ trialId, model }: InterpretedCell['best'], { x, y }: PhysicalPart): Interpretation['emulator'] {
  const { shape, parameters, scaling } = unpackModel(model);
  const emulate = (row: Float32Array) => forward(shape, parameters, row).at(-1) as Float64Array;
  const predicted = mapRows(standardize(x, scaling.x), scaling.y.kept.length, emulate);
  return { trialId, ...scoresOf(y, unstandardize(predicted, scaling.y), scaling) };
}

/** Scores targets in physical units. JSON knows no NaN. */
const scoresOf = (y: Matrix, predicted: Matrix, scaling: Scaling): Scores => ({
  coveredVariance: coveredVariance(inUnitsOfScore(y, scaling), inUnitsOfScore(predicted, scaling)),
  coveredVarianceByEnergy: Array.from(coveredVarianceByColumn(y, predicted), (value) => (Number.isFinite(value) ? value : null)),
});

/** M(x) = |d yhat / d x|_F of the emulator, both sides standardised, [N]. */
function sensitivity({ shape, parameters, scaling }: StoredModel, x: Matrix): Float32Array {
  return mapRows(standardize(x, scaling.x), 1, (row) => {
    const { derivatives } = jacobian(shape, parameters, row);
    return [Math.sqrt(derivatives.reduce((sum, column) => sum + dot(column, column), 0))];
  }).data;
}

/** Whether there are fields, which need three descriptors that vary. */
export const hasFields = ({ scaling }: Pick<PackData, 'scaling'>): boolean => scaling.x.kept.length === 3;

/**
 * Returns fields over a grid of the descriptors: 'sensitivity', and the latent of a method by its
 * name; none unless three descriptors vary. Throws NarrowsError `model-damaged`.
 */
export function interpretFields(pack: PackData, cells: readonly InterpretedCell[]): Record<string, Field> {
  if (!hasFields(pack)) return {};
  const { kept } = pack.scaling.x;
  const train = physicalPart(pack, 'train');
  const grid = gridOver(keptColumns(train.x, kept), GRID_POINTS);
  if (grid === null || grid.inside.length === 0) return {};
  const emulator = emulatorOf(cells);
  // Constant descriptors, where there are any, stay at their values.
  const x = withConstants(grid.points, train.x, kept);
  const fields: Record<string, Field> = {};
  for (const { method, k, best } of cells) {
    if (k === 1) fields[method] = fieldOf(grid, loadModel(best.model, { k }).encode(x).data);
  }
  if (emulator) fields.sensitivity = fieldOf(grid, sensitivity(unpackModel(emulator.model), x));
  return fields;
}

function keptColumns({ rows, columns, data }: Matrix, kept: Uint32Array): Matrix {
  const picked = new Float32Array(rows * kept.length);
  for (let row = 0; row < rows; row++)
    kept.forEach((column, i) => {
      picked[row * kept.length + i] = data[row * columns + column] as number;
    });
  return { rows, columns: kept.length, data: picked };
}

function withConstants({ rows, data }: Matrix, like: Matrix, kept: Uint32Array): Matrix {
  const { columns } = like;
  const whole = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    whole.set(like.data.subarray(0, columns), row * columns);
    kept.forEach((column, i) => {
      whole[row * columns + column] = data[row * kept.length + i] as number;
    });
  }
  return { rows, columns, data: whole };
}
