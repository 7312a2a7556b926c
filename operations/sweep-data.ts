/** The data that a sweep trains on, split and standardised for it. */
import { type ArrayStore, type DatasetDescription, joinLineage } from '../datasets/description.ts';
import { loadPackData } from '../datasets/pack-data.ts';
import type { Queryable } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import type { SweepRow } from '../db/queries/sweeps/sweeps.ts';
import type { PackData } from '../models/training/task.ts';

export interface SweepData {
  readonly description: DatasetDescription;
  readonly pack: PackData;
}

/** Loads the data of a partition. Throws NarrowsError `dataset-missing`, `dataset-corrupt`. */
export async function sweepData(
  sql: Queryable,
  blobs: ArrayStore,
  { dataset, datasetVersion, spec }: Pick<SweepRow, 'dataset' | 'datasetVersion' | 'spec'>,
  partition = 0,
): Promise<SweepData> {
  const description = joinLineage(await findDatasetVersion(sql, `${dataset}@${datasetVersion}`));
  return { description, pack: await loadPackData(blobs, description, spec.target, spec.split, spec.scale, partition) };
}
