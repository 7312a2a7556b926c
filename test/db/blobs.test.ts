import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createBlobStore, type InstallationBlobs } from '../../db/blobs.ts';
import { sha256Of } from '../../platform.ts';
import { contentOf } from '../support/whole.ts';
import { blobContract } from './blob-contract.ts';
import { migratedDatabase } from './database.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
let store: InstallationBlobs;

before(async () => {
  db = await migratedDatabase();
  store = createBlobStore(db.sql, null);
});
after(() => db?.close());

async function put(bytes: Uint8Array): Promise<string> {
  const sha256 = sha256Of(bytes);
  await store.put(contentOf(bytes, sha256));
  return sha256;
}

blobContract('blobs in Postgres', () => ({
  db,
  open: (cache) => createBlobStore(db.sql, cache),
  async flip(sha256) {
    await db.sql`update blob_parts set bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5)) where sha256 = ${sha256} and part = 0`;
  },
  async truncate(sha256) {
    await db.sql`update blob_parts p set bytes = substring(bytes for octet_length(bytes) - 1) where sha256 = ${sha256}
      and part = (select max(part) from blob_parts where sha256 = p.sha256)`;
  },
  async lose(sha256) {
    await db.sql`delete from blob_parts where sha256 = ${sha256}`;
  },
  lostCode: 'dataset-corrupt',
}));

test('blobs are stored in parts', async () => {
  for (const [size, parts] of [
    [0, 0],
    [1000, 1],
    [9 * 2 ** 20 + 1, 3],
  ] as const) {
    const sha256 = await put(new Uint8Array(randomBytes(size)));
    const [stored] = await db.sql`
      select count(*)::int as parts, coalesce(max(octet_length(bytes)), 0) <= 4 * 1024 * 1024 as fits from blob_parts where sha256 = ${sha256}`;
    assert.deepEqual({ ...stored }, { parts, fits: true });
  }
});

test('an interrupted put leaves no readable blob', async () => {
  const bytes = new Uint8Array(randomBytes(5 * 1024 * 1024));
  await db.sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'cut off'; end $$`;
  await db.sql`create trigger refuse before insert on blob_parts for each row when (new.part = 1) execute function refuse()`;
  try {
    await assert.rejects(put(bytes), /cut off/);
  } finally {
    await db.sql`drop function refuse cascade`;
  }
  await assert.rejects(store.get(sha256Of(bytes)), { code: 'dataset-missing', kind: 'not-found' });
  await put(bytes);
  assert.deepEqual(await store.get(sha256Of(bytes)), bytes);
});

test('storing equal content again replaces a damaged copy', async () => {
  const bytes = new Uint8Array(randomBytes(9 * 1024 * 1024));
  const sha256 = await put(bytes);
  const damages = [
    db.sql`update blob_parts set bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5)) where sha256 = ${sha256} and part = 1`,
    db.sql`delete from blob_parts where sha256 = ${sha256} and part = 2`,
    db.sql`update blob_parts set bytes = substring(bytes from 2) where sha256 = ${sha256} and part = 0`,
    db.sql`update blobs set bytes = bytes - 1 where sha256 = ${sha256}`,
  ];
  for (const damage of damages) {
    await damage;
    await assert.rejects(store.get(sha256), { code: 'dataset-corrupt' });
    await put(bytes);
    assert.deepEqual(await store.get(sha256), bytes);
  }
});
