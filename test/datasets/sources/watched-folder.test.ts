import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { copyShard, scanFolder } from '../../../datasets/sources/watched-folder.ts';
import { writeShard, writeSums } from '../../support/shards.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-folder-'));
after(() => rmSync(root, { recursive: true, force: true }));

let watched: string;
let copies: string;
let numbered = 0;
beforeEach(() => {
  watched = join(root, `watched-${++numbered}`);
  copies = join(root, `copies-${numbered}`);
  mkdirSync(watched);
  mkdirSync(copies);
});

const later = () => Date.now() + 60_000;
const look = async (now = later(), settle = 10) => {
  const { ready, waiting } = await scanFolder(watched, { settle, now });
  return { ready, names: ready.map(({ folder }) => basename(folder)), waiting };
};

async function copied(now = later()) {
  const [shard] = (await look(now)).ready;
  assert.ok(shard);
  return copyShard(shard, copies, { settle: 10, now });
}

test('without sums a folder is ready once its files have not changed for a while', async () => {
  writeShard(join(watched, 'one'), { rows: 3 });
  const young = await look(Date.now());
  assert.deepEqual(young.names, []);
  assert.match(young.waiting[0]?.reason ?? '', /changed within the last 10 s/);
  assert.deepEqual((await look()).names, ['one']);
});

test('temporary names, single files, and folders without a manifest are ignored', async () => {
  for (const name of ['.hidden', 'a.part', 'b.tmp', 'whole']) writeShard(join(watched, name), { rows: 3 });
  writeFileSync(join(watched, 'note.txt'), 'no shard');
  mkdirSync(join(watched, 'empty'));
  const { names, waiting } = await look();
  assert.deepEqual(names, ['whole']);
  assert.deepEqual(
    waiting.map(({ folder, reason }) => [basename(folder), reason]),
    [['empty', 'it has no dataset.yaml yet']],
  );
  renameSync(join(watched, 'a.part'), join(watched, 'a'));
  assert.deepEqual((await look()).names, ['a', 'whole']);
});

test('with sums a folder is ready at once, or waits for the files they name', async () => {
  const folder = writeShard(join(watched, 'one'), { rows: 3 });
  writeSums(folder);
  assert.deepEqual((await look(Date.now())).names, ['one']);
  const y = readFileSync(join(folder, 'Y.npy'));
  rmSync(join(folder, 'Y.npy'));
  assert.match((await look()).waiting[0]?.reason ?? '', /names Y.npy, which does not exist yet/);
  // Half of the file has arrived: it waits at first, and is a fault once it no longer changes.
  writeFileSync(join(folder, 'Y.npy'), y.subarray(0, y.length / 2));
  assert.equal(await copied(Date.now()), null);
  const damaged = await copied();
  assert.equal(damaged?.fault?.code, 'sums-differ');
  assert.match(damaged?.fault?.message ?? '', /Y.npy does not match its hash/);
});

test('the content hash depends on bytes and names only, with or without sums', async () => {
  const folder = writeShard(join(watched, 'one'), { rows: 3 });
  const first = await copied();
  assert.equal(first?.fault, null);
  assert.deepEqual(readFileSync(join(copies, 'X.npy')), readFileSync(join(folder, 'X.npy')));
  writeSums(folder);
  renameSync(folder, join(watched, 'elsewhere'));
  assert.equal((await copied())?.content, first?.content);
  writeShard(join(watched, 'elsewhere'), { rows: 4 });
  writeSums(join(watched, 'elsewhere'));
  assert.notEqual((await copied())?.content, first?.content);
});

test('the fingerprint changes with the files, and a shard that changed after the scan is not copied', async () => {
  const folder = writeShard(join(watched, 'one'), { rows: 3 });
  const [before] = (await look()).ready;
  const [again] = (await look()).ready;
  assert.ok(before && again);
  assert.equal(before.fingerprint, again.fingerprint);
  appendFileSync(join(folder, 'ids.csv'), 'one_more\n');
  assert.equal(await copyShard(before, copies, { settle: 10, now: later() }), null);
  assert.notEqual((await look()).ready[0]?.fingerprint, before.fingerprint);
});

test('invalid sums, and those of files outside the folder, are a fault', async () => {
  const folder = writeShard(join(watched, 'one'), { rows: 3 });
  cpSync(join(folder, 'X.npy'), join(root, 'outside.npy'));
  writeFileSync(join(folder, 'SHA256SUMS'), `${'0'.repeat(64)}  ../../outside.npy\n`);
  assert.equal((await copied())?.fault?.code, 'sums-invalid');
});

test('a missing folder is named', async () => {
  await assert.rejects(scanFolder(join(root, 'nowhere'), { settle: 1, now: 0 }), { code: 'source-missing' });
});
