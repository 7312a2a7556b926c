/** Rows and descriptors of a sweep's partitions, computed from its dataset. */
import {
  type ArrayStore,
  type DatasetDescription,
  descriptorColumns,
  loadMatrix,
  sharedScales,
} from '../datasets/description.ts';
import { loadShards, partitionRows } from '../datasets/pack-data.ts';
import type { SplitRows } from '../models/axes.ts';
import { fitDescriptorScaling } from '../models/standardisation.ts';
import type { SplitSpec } from '../search/spec.ts';

/** Returns what gives the rows of each part of a partition; the last partition is cached. */
export async function rowsByPartition(
  store: ArrayStore,
  description: DatasetDescription,
  split: SplitSpec,
): Promise<(partition: number) => SplitRows> {
  const shards = await loadShards(store, description);
  return cacheLast((partition) => partitionRows(shards, split, partition));
}

/** Returns what names the descriptors that vary over the training rows of a partition. */
export async function descriptorsByPartition(
  store: ArrayStore,
  description: DatasetDescription,
  split: SplitSpec,
): Promise<(partition: number) => readonly string[]> {
  const [x, rowsOf] = [await loadMatrix(store, description.x), await rowsByPartition(store, description, split)];
  const columns = descriptorColumns(description);
  const scales = sharedScales(description);
  return cacheLast((partition) => {
    const { kept } = fitDescriptorScaling(x, rowsOf(partition).train, scales);
    return Array.from(kept, (column) => columns[column]?.name ?? '');
  });
}

/** Caches the last value: trials come in the order of their partitions. */
function cacheLast<T>(compute: (partition: number) => T): (partition: number) => T {
  let last: { readonly partition: number; readonly value: T } | null = null;
  return (partition) => {
    if (last?.partition !== partition) last = { partition, value: compute(partition) };
    return last.value;
  };
}
