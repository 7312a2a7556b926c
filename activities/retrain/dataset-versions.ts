/** Versions of growing datasets, from Postgres and the dataset readers. */
import { mkdir } from 'node:fs/promises';
import { descriptorColumns, joinLineage, loadMatrix } from '../../datasets/description.ts';
import { withScratch } from '../../datasets/files/scratch.ts';
import { loadSplit } from '../../datasets/pack-data.ts';
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { appendShard } from '../../operations/append.ts';
import type { DatasetVersions, ShardedVersion } from './ports.ts';

/** `scratch`: a folder on a disk with room for an unpacked shard. */
export function createDatasetVersions(db: Database, blobs: BlobStore, scratch: string): DatasetVersions {
  const find = (dataset: string, version?: string) =>
    findDatasetVersion(db.sql, version === undefined ? dataset : `${dataset}@${version}`);
  const grown = async (dataset: string, version?: string): Promise<ShardedVersion> => {
    const row = await find(dataset, version);
    const { shards } = joinLineage(row);
    return {
      version: row.version,
      shards: shards.map((shard) => ({ version: shard.version, to: shard.from + shard.rows })),
    };
  };
  return {
    newest: (dataset) => grown(dataset),
    at: grown,
    async append(dataset, folder, { as, signal }) {
      await mkdir(scratch, { recursive: true });
      const options = { as, ...(signal && { signal }) };
      return withScratch(scratch, (files) => appendShard({ db, blobs, scratch: files }, dataset, folder, options), signal);
    },
    async rows(dataset, version, target, split) {
      const description = joinLineage(await find(dataset, version));
      const stored = description.targets[target] as (typeof description.targets)[string];
      const [x, y, rows] = await Promise.all([
        loadMatrix(blobs, description.x),
        loadMatrix(blobs, stored.y),
        loadSplit(blobs, description, split),
      ]);
      return { x, y, split: rows, descriptors: descriptorColumns(description).map(({ name }) => name) };
    },
  };
}
