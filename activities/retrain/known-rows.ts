import { NarrowsError } from '../../errors.ts';
import type { ShardedVersion } from './dataset-versions.ts';

/**
 * Returns the number of rows of this version, the first ones, that a champion of an earlier version
 * was trained on or tested with. Throws NarrowsError `data-unrelated`.
 */
export function knownRows(data: ShardedVersion, version: string, dataset: string): number {
  const shard = data.shards.find((one) => one.version === version);
  if (shard) return shard.to;
  throw new NarrowsError(
    'data-unrelated',
    `${dataset}@${data.version.slice(0, 12)} does not continue ${dataset}@${version.slice(0, 12)}, which the champions were trained on: rows are gone or were changed`,
    { path: 'dataset', fix: 'append new rows with "narrows data append", or start a retraining of another name' },
  );
}
