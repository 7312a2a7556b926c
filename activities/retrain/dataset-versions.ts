/** Versions of growing datasets, from Postgres and the dataset readers. */
import { mkdir } from 'node:fs/promises';
import type { BoxOptions } from '../../datasets/box/process.ts';
import { type DatasetDescription, descriptorColumns, joinLineage, loadList, loadMatrix } from '../../datasets/description.ts';
import { withScratch } from '../../datasets/files/scratch.ts';
import { loadSplit } from '../../datasets/pack-data.ts';
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import type { Groups } from '../../models/drift/exchange.ts';
import { appendShard, type ShardFiles } from '../../operations/append.ts';
import type { SplitSpec } from '../../search/spec.ts';

/** A dataset version as a sequence of shards. */
export interface ShardedVersion {
  readonly version: string;
  /** Oldest first; `to` counts the rows up to and including this shard. */
  readonly shards: readonly { readonly version: string; readonly to: number }[];
}

/** `scratch`: a folder on a disk with room for an unpacked shard; `onBoxEnd`: see BoxOptions. */
export function createDatasetVersions(db: Database, blobs: BlobStore, scratch: string, onBoxEnd?: BoxOptions['onEnd']) {
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
    /** Throws NarrowsError `dataset-missing`. */
    newest: (dataset: string) => grown(dataset),
    at: (dataset: string, version: string) => grown(dataset, version),
    /** Appends the new rows of a shard; `as`: the folder to remember. Throws its faults. */
    async append(
      dataset: string,
      files: ShardFiles,
      { as, signal }: { readonly as: string; readonly signal?: AbortSignal | undefined },
    ) {
      await mkdir(scratch, { recursive: true });
      const options = { as, isBackground: true, signal, onEnd: onBoxEnd };
      return withScratch(scratch, (own) => appendShard({ db, blobs, scratch: own }, dataset, files, options), signal);
    },
    /** Loads all rows in physical units, the split of sweeps, and the descriptors' names. */
    async rows(dataset: string, version: string, target: string, split: SplitSpec) {
      const description = joinLineage(await find(dataset, version));
      const stored = description.targets[target] as (typeof description.targets)[string];
      const [x, y, rows, groups] = await Promise.all([
        loadMatrix(blobs, description.x),
        loadMatrix(blobs, stored.y),
        loadSplit(blobs, description, split),
        split.by === 'group' ? loadGroups(blobs, description) : null,
      ]);
      return { x, y, split: rows, groups, descriptors: descriptorColumns(description).map(({ name }) => name) };
    },
  };
}

/** Returns the groups of all rows and, where there is a series, their conditions. */
async function loadGroups(blobs: BlobStore, { groups, series }: DatasetDescription): Promise<Groups | null> {
  if (groups === null) return null;
  const units = indexLabels(await loadList(blobs, groups.parts));
  return { units, strata: series ? indexLabels(await loadList(blobs, series)) : null };
}

/** Returns a number for each label, the same for equal ones. */
function indexLabels(labels: readonly string[]): Int32Array {
  const indices = new Map<string, number>();
  return Int32Array.from(labels, (label) => {
    const index = indices.get(label) ?? indices.size;
    indices.set(label, index);
    return index;
  });
}
