import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type BlobContent, createBlobStore } from '../../../../db/blobs.ts';
import { saveDatasetVersion } from '../../../../db/queries/datasets/datasets.ts';
import { withArraysHeld } from '../../../../db/queries/lifecycle/arrays.ts';
import { deleteUnusedArrays } from '../../../../db/queries/lifecycle/unused-arrays.ts';
import { sha256Of } from '../../../../platform.ts';
import { migratedDatabase } from '../../database.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

function contentOf(text: string): BlobContent {
  const bytes = new TextEncoder().encode(text);
  return {
    sha256: sha256Of(bytes),
    bytes: bytes.length,
    pieces: (async function* () {
      yield bytes;
    })(),
  };
}
const stored = async () => (await db.sql<{ sha256: string }[]>`select sha256 from blobs`).map(({ sha256 }) => sha256).sort();

test('arrays that a version refers to, however deep, stay; others go, in batches', async () => {
  const blobs = createBlobStore(db.sql, null);
  const used = ['x', 'y', 'ids'].map(contentOf);
  for (const content of used) await blobs.put(content);
  for (let i = 0; i < 40; i++) await blobs.put(contentOf(`unused ${i}`));
  const [x, y, ids] = used.map(({ sha256 }) => sha256);
  const description = {
    x: { sha256: x, rows: 1 },
    targets: { xes: { y: { sha256: y } } },
    ids,
    manifest: { title: 'a'.repeat(64) },
  };
  await saveDatasetVersion(db.sql, { name: 'water', version: 'cd'.repeat(32), description });
  const { arrays, bytes, isComplete } = await deleteUnusedArrays(db.sql, blobs);
  assert.deepEqual([arrays, isComplete], [40, true]);
  assert.ok(bytes > 40 * 8);
  assert.deepEqual(await stored(), [x, y, ids].sort());
  assert.deepEqual(await deleteUnusedArrays(db.sql, blobs), { arrays: 0, bytes: 0, isComplete: true });
});

test('an array that an import is about to use stays: no grace is needed', async () => {
  const blobs = createBlobStore(db.sql, null);
  const content = contentOf('stored by an earlier import that failed');
  await blobs.put(content);
  await withArraysHeld(db.sql, async () => {
    // Found as it is: nothing is written that another transaction could see.
    await blobs.put(contentOf('stored by an earlier import that failed'));
    assert.deepEqual(await deleteUnusedArrays(db.sql, blobs), { arrays: 0, bytes: 0, isComplete: false });
    await saveDatasetVersion(db.sql, { name: 'late', version: 'ef'.repeat(32), description: { x: { sha256: content.sha256 } } });
  });
  assert.equal((await deleteUnusedArrays(db.sql, blobs)).arrays, 0);
  assert.equal(new TextDecoder().decode(await blobs.get(content.sha256)), 'stored by an earlier import that failed');
});

test('imports go on together', async () => {
  await withArraysHeld(db.sql, () => withArraysHeld(db.sql, async () => {}));
});
