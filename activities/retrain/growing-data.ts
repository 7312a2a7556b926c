/** What retraining needs of datasets, answered by Postgres and the dataset readers. */
import { type DatasetDescription, descriptorColumns, loadMatrix } from '../../datasets/description.ts';
import { loadSplit } from '../../datasets/pack-data.ts';
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { type DatasetVersionRow, findDatasetVersion } from '../../db/queries/datasets.ts';
import { appendShard } from '../../operations/append.ts';
import type { GrowingData, GrownVersion } from './ports.ts';

export function growingData(db: Database, blobs: BlobStore): GrowingData {
  const find = (dataset: string, version?: string) =>
    findDatasetVersion(db.sql, version === undefined ? dataset : `${dataset}@${version}`);
  return {
    newest: async (dataset) => grown(await find(dataset)),
    at: async (dataset, version) => grown(await find(dataset, version)),
    append: (dataset, folder, options) => appendShard({ db, blobs }, dataset, folder, options),
    async rows(dataset, version, target, split) {
      const description = (await find(dataset, version)).description as DatasetDescription;
      const stored = description.targets[target] as DatasetDescription['targets'][string];
      const [x, y, rows] = await Promise.all([
        loadMatrix(blobs, description.x),
        loadMatrix(blobs, stored.y),
        loadSplit(blobs, description, split),
      ]);
      return { x, y, split: rows, descriptors: descriptorColumns(description).map(({ name }) => name) };
    },
  };
}

function grown({ version, description }: DatasetVersionRow): GrownVersion {
  const { rows, grown } = description as DatasetDescription & { grown?: GrownVersion['shards'] };
  return { version, rows, shards: grown ?? [{ version, to: rows }] };
}
