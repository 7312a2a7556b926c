import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBlobStore } from '../../db/blobs.ts';
import { mapUnreachable } from '../../db/client.ts';
import { damagedArrayError } from '../../db/damaged-array.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { sha256Of } from '../../platform.ts';
import { contentOf, wholeBytes } from '../support/whole.ts';
import { migratedDatabase } from './database.ts';
import { seedSweep, VERSION } from './fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

test('the error names the datasets of a damaged array, those that extend them, and unfinished sweeps', async () => {
  const bytes = new TextEncoder().encode('an array');
  const sha256 = sha256Of(bytes);
  const store = createBlobStore(db.sql, null);
  await store.put(contentOf(bytes, sha256));
  await seedSweep(db.sql, 's0000000001', { name: 'under way' });
  await seedSweep(db.sql, 's0000000002', { name: 'over' });
  await setSweepState(db.sql, 's0000000002', 'completed');
  await db.sql`update dataset_versions set description = ${db.sql.json({ x: { sha256 } })}`;
  const grown = { root: VERSION, parent: VERSION, rows: 2 };
  await saveDatasetVersion(db.sql, { name: 'water', version: 'cd'.repeat(32), description: {}, appendedTo: grown });
  await saveDatasetVersion(db.sql, { name: 'other', version: 'cd'.repeat(32), description: {} });
  await db.sql`update blob_parts set bytes = 'another'::bytea where sha256 = ${sha256}`;

  const users = 'of water@abababababab, water@cdcdcdcdcdcd; needed by the unfinished under way';
  const changed = `the stored array ${sha256} is damaged: its hash differs; ${users}`;
  const fix = /import the folder of the dataset again .*sweep retry/;
  await assert.rejects(store.get(sha256), { code: 'dataset-corrupt', kind: 'failure', message: changed, fix });
  await assert.rejects(wholeBytes(store.pieces(sha256)), { code: 'dataset-corrupt', message: changed });
  await db.sql`delete from blobs where sha256 = ${sha256}`;
  await assert.rejects(store.get(sha256), {
    code: 'dataset-corrupt',
    message: `the stored array ${sha256} is missing; ${users}`,
  });
  assert.equal((await damagedArrayError(db.sql, 'f'.repeat(64), 'missing')).code, 'dataset-missing');
});

test('a role that may not replace a damaged copy gets the error of the damage', async () => {
  const bytes = new TextEncoder().encode('another array');
  const sha256 = sha256Of(bytes);
  await createBlobStore(db.sql, null).put(contentOf(bytes, sha256));
  await db.sql`delete from blob_parts where sha256 = ${sha256}`;
  await db.sql`create function refuse() returns trigger language plpgsql as $$ begin raise insufficient_privilege; end $$`;
  await db.sql`create trigger refuse before delete on blob_parts for each statement execute function refuse()`;
  try {
    await assert.rejects(createBlobStore(db.sql, null).put(contentOf(bytes, sha256)), { code: 'dataset-corrupt' });
  } finally {
    await db.sql`drop function refuse cascade`;
  }
});

test('files that Postgres finds damaged are reported as such', async () => {
  for (const code of ['XX001', 'XX002']) {
    const raised = mapUnreachable(
      db,
      db.sql.unsafe(`do $$ begin raise exception 'invalid page in block 7' using errcode = '${code}'; end $$`),
    );
    await assert.rejects(raised, { code: 'database-corrupt', message: /found its own files damaged: invalid page in block 7/ });
  }
});
