/** Loads the standardised data of a pack from a stored version. */
import { NarrowsError } from '../errors.ts';
import type { SplitRows } from '../models/axes.ts';
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
import { type ShardRows, type SplitSettings, splitShards } from './split.ts';

/** Standardises by training rows, into SharedArrayBuffers. Throws NarrowsError `spec-invalid`. */
export async function loadPackData(
  store: ArrayStore,
  description: DatasetDescription,
  target: string,
  split: SplitSettings,
  scale: { readonly x: ScaleX; readonly y: ScaleY },
): Promise<PackData> {
  const stored = Object.hasOwn(description.targets, target) ? description.targets[target] : undefined;
  if (!stored) {
    throw new NarrowsError('spec-invalid', `the dataset has no target "${target}"`, {
      path: 'target',
      fix: `it has ${Object.keys(description.targets).join(', ')}`,
    });
  }
  const [x, y, rows] = await Promise.all([
    loadMatrix(store, description.x),
    loadMatrix(store, stored.y),
    loadSplit(store, description, split),
  ]);
  const scaling = fitOrRefuse(x, y, rows.train, scale, sharedScales(description));
  const data = { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
  if (sharedTotalSquares(data.y, rows.validation) > 0) return data;
  throw new NarrowsError('spec-invalid', `the target "${target}" does not vary over the validation rows`, {
    path: 'split.validation',
    fix: 'give it a larger share',
  });
}

/** Returns the rows of each part. Throws NarrowsError `spec-invalid`. */
export const loadSplit = async (store: ArrayStore, description: DatasetDescription, split: SplitSettings): Promise<SplitRows> =>
  splitShards(await loadShards(store, description), split);

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
