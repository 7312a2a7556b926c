import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { withReclaim } from '../../../operations/lifecycle/reclaim.ts';
import { migratedDatabase } from '../../db/database.ts';
import { seedSweep } from '../../db/fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

/** Fills 16 MiB of arrays, the later half of which stays. */
async function fill(): Promise<void> {
  await db.sql`delete from blobs`;
  for (let i = 0; i < 32; i++) {
    const sha256 = i.toString(16).padStart(64, '0');
    const bytes = Buffer.alloc(512 * 1024, i + 1);
    await db.sql`insert into blobs (sha256, bytes) values (${sha256}, ${bytes.length})`;
    await db.sql`insert into blob_parts (sha256, part, bytes) values (${sha256}, 0, ${bytes})`;
  }
}
async function deleteFirstHalf() {
  await db.sql`delete from blobs where sha256 < ${'10'.padStart(64, '0')}`;
  return { result: null, hasDeleted: true };
}
const doNothing = async () => ({ result: null, hasDeleted: false });

test('space goes back to the file system when nothing runs', async () => {
  await fill();
  const { space } = await withReclaim(db, { compact: false }, deleteFirstHalf);
  assert.ok(space.freed > 7 * 2 ** 20, `${space.freed}`);
  assert.deepEqual([space.left, space.reason], [[], null]);
});

test('nothing is locked while a sweep runs: the space is said to be kept', async () => {
  await fill();
  await seedSweep(db.sql, 'srun', { name: 'busy' });
  const { space } = await withReclaim(db, { compact: true }, deleteFirstHalf);
  assert.ok(space.freed < 2 ** 20);
  assert.deepEqual([space.left.includes('blob_parts'), space.reason], [true, 'busy is not finished']);
  await setSweepState(db.sql, 'srun', 'completed');
  const after = (await withReclaim(db, { compact: false }, doNothing)).space;
  assert.deepEqual([after.freed, after.left], [0, []], 'nothing was deleted now');
  const asked = (await withReclaim(db, { compact: true }, doNothing)).space;
  assert.ok(asked.freed > 7 * 2 ** 20, 'a later call gives it back');
});

test('a table that another transaction reads is left out, without waiting', async () => {
  await fill();
  await db.sql.begin(async (reader) => {
    await reader`select 1 from blob_parts limit 1`;
    const { space } = await withReclaim(db, { compact: false }, deleteFirstHalf);
    assert.ok(space.left.includes('blob_parts'));
    assert.match(space.reason ?? '', /in use/);
  });
});
