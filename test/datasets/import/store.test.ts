/** Imports several versions of one name into a real database. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { joinLineage, loadMatrix } from '../../../datasets/description.ts';
import { readNpy, writeNpy } from '../../../datasets/formats/npy.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { verifyDataset } from '../../../datasets/verification.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { findDatasetVersion, listDatasetVersions, saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { migratedDatabase } from '../../db/database.ts';
import { checkFolder, wholeDataset } from '../../support/whole.ts';

let db: Database;
let root: string;
before(async () => {
  db = await migratedDatabase();
  root = await mkdtemp(join(tmpdir(), 'narrows-versions-'));
  await cp(fileURLToPath(new URL('../../../examples/water-hot', import.meta.url)), join(root, 'hot'), { recursive: true });
});
after(async () => {
  await db.close();
  await rm(root, { recursive: true, force: true });
});

test('equal content is one version; other content under the same name is another, and both are kept', async () => {
  const blobs = createBlobStore(db.sql, null);
  const folder = join(root, 'hot');
  const importIt = async (directory: string) =>
    storeDataset(await checkFolder(directory), blobs, (row) => saveDatasetVersion(db.sql, row));
  const blobCount = async () => (await db.sql`select count(*)::int as n from blobs`)[0]?.n as number;

  const first = await importIt(folder);
  assert.equal(first.created, true);
  const stored = await blobCount();

  await cp(folder, join(root, 'copy'), { recursive: true });
  const again = await importIt(join(root, 'copy'));
  assert.deepEqual([again.created, again.version], [false, first.version]);
  assert.equal(await blobCount(), stored);

  const { rows, columns, data } = readNpy(writeNpy((await wholeDataset(folder)).x), 'X.npy');
  data[0] = (data[0] as number) + 1;
  await writeFile(join(folder, 'X.npy'), writeNpy({ rows, columns, data }));
  const second = await importIt(folder);
  assert.equal(second.created, true);
  assert.notEqual(second.version, first.version);
  assert.equal(await blobCount(), stored + 1, 'arrays that did not change are stored once');

  const versions = await listDatasetVersions(db.sql);
  assert.deepEqual(new Set(versions.map(({ version }) => version)), new Set([first.version, second.version]));
  assert.equal((await findDatasetVersion(db.sql, 'water-hot')).version, second.version);
  const kept = await findDatasetVersion(db.sql, `water-hot@${first.version.slice(0, 12)}`);
  const description = joinLineage(kept);
  assert.equal((await loadMatrix(blobs, description.x)).data[0], data[0] - 1);

  // X.npy of the first has changed since its import.
  assert.deepEqual((await verifyDataset(blobs, description)).changed, ['X.npy']);
  assert.equal((await verifyDataset(blobs, joinLineage(await findDatasetVersion(db.sql, 'water-hot')))).folderState, 'unchanged');
});
