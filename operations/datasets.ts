/** Reading datasets; dataset-files.ts, which loads more, has the operations on files. */
import { joinLineage } from '../datasets/description.ts';
import { type DatasetDiff, diffVersions } from '../datasets/diff.ts';
import { type DatasetSummary, summarizeDataset } from '../datasets/summary.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import type { Storage } from './servers.ts';

export { listDatasetVersions } from '../db/queries/datasets/datasets.ts';

export interface DatasetOverview extends DatasetSummary {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly licence: string;
  readonly source: string;
  readonly importedAt: Date;
  /** Shards that the version was appended from, oldest first. */
  readonly lineage: readonly { readonly version: string; readonly rows: number }[];
}

/** Returns shapes, units, ranges and origin of a version. Throws NarrowsError `dataset-missing`. */
export async function readDataset({ db, blobs }: Storage, reference: string): Promise<DatasetOverview> {
  const row = await findDatasetVersion(db.sql, reference);
  const description = joinLineage(row);
  const { title, licence, source } = description.manifest;
  const lineage = description.shards.map(({ version, rows }) => ({ version, rows }));
  const { name, version, importedAt } = row;
  return { name, version, title, licence, source, importedAt, lineage, ...(await summarizeDataset(blobs, description)) };
}

/** Compares two versions row by row. Throws NarrowsError `dataset-missing`. */
export async function compareVersions(
  { db, blobs }: Storage,
  first: string,
  second: string,
): Promise<DatasetDiff & { readonly first: string; readonly second: string }> {
  const [a, b] = [await findDatasetVersion(db.sql, first), await findDatasetVersion(db.sql, second)];
  const diff = await diffVersions(blobs, joinLineage(a), joinLineage(b));
  return { first: `${a.name}@${a.version}`, second: `${b.name}@${b.version}`, ...diff };
}
