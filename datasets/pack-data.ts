/** Loads the standardised data of packs from a stored version. */
import { NarrowsError } from '../errors.ts';
import type { Matrix, SplitRows } from '../models/axes.ts';
import { sharedTotalSquares } from '../models/evaluation/covered-variance.ts';
import type { ScaleX, ScaleY, Scaling } from '../models/scaling.ts';
import { fitScaling, standardize } from '../models/standardisation.ts';
import type { PackData } from '../models/training/task.ts';
import {
  type ArrayStore,
  type DatasetDescription,
  loadList,
  loadMatrix,
  loadNearDuplicates,
  sharedScales,
} from './description.ts';
import { splitFold } from './folds.ts';
import { repeatAddress, type ShardRows, type SplitSettings, splitShards } from './split.ts';

/** Unscaled arrays and labels of a version, shared by all partitions of its rows. */
export interface PackSource {
  /** Name of the target. */
  readonly target: string;
  readonly x: Matrix;
  readonly y: Matrix;
  readonly shards: readonly ShardRows[];
  /** Columns of X that share a scale. */
  readonly scales: ReturnType<typeof sharedScales>;
}

/** Loads what the packs of a target are made of. Throws NarrowsError `spec-invalid`. */
export async function loadPackSource(store: ArrayStore, description: DatasetDescription, target: string): Promise<PackSource> {
  const stored = Object.hasOwn(description.targets, target) ? description.targets[target] : undefined;
  if (!stored) {
    throw new NarrowsError('spec-invalid', `the dataset has no target "${target}"`, {
      path: 'target',
      fix: `it has ${Object.keys(description.targets).join(', ')}`,
    });
  }
  const [x, y, shards] = await Promise.all([
    loadMatrix(store, description.x),
    loadMatrix(store, stored.y),
    loadShards(store, description),
  ]);
  return { target, x, y, shards, scales: sharedScales(description) };
}

/**
 * Returns the data of a partition, standardised by its own training rows, in SharedArrayBuffers.
 * Throws NarrowsError `spec-invalid`.
 */
export function buildPackData(
  { target, x, y, shards, scales }: PackSource,
  split: SplitSettings,
  scale: { readonly x: ScaleX; readonly y: ScaleY },
  partition = 0,
): PackData {
  const rows = partitionRows(shards, split, partition);
  const scaling = fitOrRefuse(x, y, rows.train, scale, scales);
  const data = { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
  if (sharedTotalSquares(data.y, rows.validation) > 0) return data;
  throw new NarrowsError('spec-invalid', `the target "${target}" does not vary over the validation rows`, {
    path: 'split.validation',
    fix: 'give it a larger share',
  });
}

/** Loads and builds the data of one partition. Throws NarrowsError `spec-invalid`. */
export const loadPackData = async (
  store: ArrayStore,
  description: DatasetDescription,
  target: string,
  split: SplitSettings,
  scale: { readonly x: ScaleX; readonly y: ScaleY },
  partition = 0,
): Promise<PackData> => buildPackData(await loadPackSource(store, description, target), split, scale, partition);

/** Returns the rows of each part of a partition. Throws NarrowsError `spec-invalid`. */
export function partitionRows(shards: readonly ShardRows[], split: SplitSettings, partition: number): SplitRows {
  const { folds } = split;
  return folds === undefined
    ? splitShards(shards, split, repeatAddress(partition))
    : splitFold(shards, { ...split, folds }, partition);
}

/** Loads the rows of each part of a partition. Throws NarrowsError `spec-invalid`. */
export const loadSplit = async (
  store: ArrayStore,
  description: DatasetDescription,
  split: SplitSettings,
  partition = 0,
): Promise<SplitRows> => partitionRows(await loadShards(store, description), split, partition);

/** Loads what the division of the rows depends on. */
export async function loadShards(
  store: ArrayStore,
  { groups, series, shards }: DatasetDescription,
): Promise<readonly ShardRows[]> {
  const [labels, values] = [groups && (await loadList(store, groups.parts)), series && (await loadList(store, series))];
  const loaded: ShardRows[] = [];
  for (const { version, from, rows, nearDuplicates } of shards) {
    loaded.push({
      version,
      groups: labels?.slice(from, from + rows) ?? null,
      series: values?.slice(from, from + rows) ?? null,
      rows,
      nearDuplicates: nearDuplicates ? await loadNearDuplicates(store, nearDuplicates) : [],
    });
  }
  return loaded;
}

/** Turns an impossible scaling (equal training rows) into a final error of the spec. */
function fitOrRefuse(...input: Parameters<typeof fitScaling>): Scaling {
  try {
    return fitScaling(...input);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const fix = 'use another split or another target';
    throw new NarrowsError('spec-invalid', error.message, { path: 'split', fix, cause: error });
  }
}
