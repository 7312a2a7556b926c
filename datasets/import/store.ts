/** Stores a checked dataset: its arrays first, the row of its version last. */
import {
  type ArrayStore,
  type BlobContent,
  type StoredArray,
  type StoredDescription,
  type StoredTarget,
  storeJson,
} from '../description.ts';
import type { CheckedDataset } from './check.ts';
import type { SpooledMatrix } from './spool.ts';

/** `save` writes the row of the version and returns whether it is new. */
export async function storeDataset(
  dataset: CheckedDataset,
  store: ArrayStore,
  save: (row: { name: string; version: string; description: StoredDescription }) => Promise<boolean>,
): Promise<{ name: string; version: string; rows: number; created: boolean; description: StoredDescription }> {
  const { manifest, version, x, columns, structures, varying, groups, ids, series, nearDuplicates, files, folder } = dataset;
  const targets: Record<string, StoredTarget> = {};
  for (const [target, checked] of Object.entries(dataset.targets)) {
    targets[target] = { ...checked, y: await storeMatrix(store, checked.y) };
  }
  const description: StoredDescription = {
    manifest,
    rows: x.rows,
    columns,
    ...(structures && { structures }),
    varying,
    x: await storeMatrix(store, x),
    targets,
    groups: groups && { sha256: await storeContent(store, groups), count: groups.sizes.size },
    ids: ids && (await storeContent(store, ids)),
    series: series && (await storeContent(store, series)),
    ties: nearDuplicates.length > 0 ? await storeJson(store, nearDuplicates) : null,
    files,
    folder,
  };
  const created = await save({ name: manifest.name, version, description });
  return { name: manifest.name, version, rows: x.rows, created, description };
}

async function storeContent(store: ArrayStore, { content }: { readonly content: BlobContent }): Promise<string> {
  await store.put(content);
  return content.sha256;
}

async function storeMatrix(store: ArrayStore, matrix: SpooledMatrix): Promise<StoredArray> {
  return { sha256: await storeContent(store, matrix), rows: matrix.rows, columns: matrix.columns };
}
