/** Interim: replaced by branch data. */
import { createHash } from 'node:crypto';
import {
  type ArrayStore,
  type DatasetDescription,
  descriptorColumns,
  loadList,
  loadMatrix,
  storeMatrix,
} from '../datasets/description.ts';
import { checkDatasetFolder } from '../datasets/import.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion, saveDatasetVersion } from '../db/queries/datasets.ts';
import { NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';

type Grown = DatasetDescription & { readonly grown?: readonly { readonly version: string; readonly to: number }[] };

export async function appendShard(
  { db, blobs }: { readonly db: Database; readonly blobs: ArrayStore },
  name: string,
  folder: string,
  { signal, as = folder }: { readonly signal?: AbortSignal | undefined; readonly as?: string } = {},
): Promise<{ version: string; created: boolean; added: number; duplicates: number; tied: number }> {
  const parent = await findDatasetVersion(db.sql, name);
  const old = parent.description as Grown;
  const shard = await checkDatasetFolder(folder, name, signal);
  const differ = (what: string) => new NarrowsError('shard-differs', `the shard has other ${what} than ${name}`, { path: what });
  if (JSON.stringify(descriptorColumns(old)) !== JSON.stringify(shard.columns)) throw differ('descriptors');
  if (Object.keys(old.targets).sort().join() !== Object.keys(shard.targets).sort().join()) throw differ('targets');
  for (const [target, { energies }] of Object.entries(shard.targets)) {
    if (JSON.stringify(old.targets[target]?.energies) !== JSON.stringify(energies)) throw differ('energies');
    const unit = (about: unknown) =>
      JSON.stringify([(about as { unit?: string }).unit, (about as { energyUnit?: string }).energyUnit]);
    if (unit(old.manifest.targets[target]) !== unit(shard.manifest.targets[target])) throw differ('units');
  }
  const keyOf = (matrices: readonly Matrix[], row: number) =>
    matrices
      .map(({ columns, data }) => Buffer.from(data.slice(row * columns, (row + 1) * columns).buffer).toString('base64'))
      .join(' ');
  const names = Object.keys(old.targets);
  const oldX = await loadMatrix(blobs, old.x);
  const oldY = await Promise.all(
    names.map((target) => loadMatrix(blobs, (old.targets[target] as { y: DatasetDescription['x'] }).y)),
  );
  const seen = new Set(Array.from({ length: old.rows }, (_, row) => keyOf([oldX, ...oldY], row)));
  const newY = names.map((target) => (shard.targets[target] as { y: Matrix }).y);
  const fresh: number[] = [];
  for (let row = 0; row < shard.x.rows; row++) {
    const key = keyOf([shard.x, ...newY], row);
    if (!seen.has(key)) fresh.push(row);
    seen.add(key);
  }
  const duplicates = shard.x.rows - fresh.length;
  if (fresh.length === 0) return { version: parent.version, created: false, added: 0, duplicates, tied: 0 };
  const joined = (a: Matrix, b: Matrix): Matrix => {
    const data = new Float32Array((a.rows + fresh.length) * a.columns);
    data.set(a.data);
    for (const [i, row] of fresh.entries())
      data.set(b.data.subarray(row * b.columns, (row + 1) * b.columns), (a.rows + i) * a.columns);
    return { rows: a.rows + fresh.length, columns: a.columns, data };
  };
  const version = createHash('sha256').update(parent.version).update(shard.version).digest('hex');
  const rows = old.rows + fresh.length;
  const targets: Record<string, DatasetDescription['targets'][string]> = {};
  for (const [i, target] of names.entries()) {
    targets[target] = {
      ...(old.targets[target] as DatasetDescription['targets'][string]),
      y: await storeMatrix(blobs, joined(oldY[i] as Matrix, newY[i] as Matrix)),
    };
  }
  const list = async (sha256: string | null | undefined, more: readonly string[] | null) =>
    sha256 && more
      ? blobs.put(
          new TextEncoder().encode(JSON.stringify([...(await loadList(blobs, sha256)), ...fresh.map((row) => more[row])])),
        )
      : null;
  const description: Grown = {
    ...old,
    rows,
    x: await storeMatrix(blobs, joined(oldX, shard.x)),
    targets,
    groups: null,
    ids: await list(old.ids, shard.ids),
    series: null,
    folder: as,
    files: shard.files,
    grown: [...(old.grown ?? [{ version: parent.version, to: old.rows }]), { version, to: rows }],
  };
  const created = await saveDatasetVersion(db.sql, { name, version, description });
  return { version, created, added: fresh.length, duplicates, tied: 0 };
}
