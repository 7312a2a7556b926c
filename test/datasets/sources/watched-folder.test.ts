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

test('without sums a folder is ready once its files have been quiet', async () => {
  writeShard(join(watched, 'one'), { rows: 3 });
  const young = await look(Date.now());
  assert.deepEqual(young.names, []);
  assert.match(young.waiting[0]?.reason ?? '', /changed within the last 10 s/);
  assert.deepEqual((await look()).names, ['one']);
});

test('names of those who still write, files beside the folders, and folders without a manifest are left alone', async () => {
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

test('sums are believed at once, and name what is still missing', async () => {
  const folder = writeShard(join(watched, 'one'), { rows: 3 });
  writeSums(folder);
  assert.deepEqual((await look(Date.now())).names, ['one']);
  const y = readFileSync(join(folder, 'Y.npy'));
  rmSync(join(folder, 'Y.npy'));
  assert.match((await look()).waiting[0]?.reason ?? '', /names Y.npy, which does not exist yet/);
  // Half of the file has come: it waits while it is young, and is wrong once it is quiet.
  writeFileSync(join(folder, 'Y.npy'), y.subarray(0, y.length / 2));
  assert.equal(await copied(Date.now()), null);
  const damaged = await copied();
  assert.equal(damaged?.fault?.code, 'sums-differ');
  assert.match(damaged?.fault?.message ?? '', /Y.npy does not match its hash/);
});

test('content is known by bytes and names, wherever it lies and whether or not there are sums', async () => {
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

test('a fingerprint stays with the files, and a shard that changes after the look is not taken', async () => {
  const folder = writeShard(join(watched, 'one'), { rows: 3 });
  const [before] = (await look()).ready;
  const [again] = (await look()).ready;
  assert.ok(before && again);
  assert.equal(before.fingerprint, again.fingerprint);
  appendFileSync(join(folder, 'ids.csv'), 'one_more\n');
  assert.equal(await copyShard(before, copies, { settle: 10, now: later() }), null);
  assert.notEqual((await look()).ready[0]?.fingerprint, before.fingerprint);
});

test('sums that lead out of the folder, or are none, are a fault', async () => {
  const folder = writeShard(join(watched, 'one'), { rows: 3 });
  cpSync(join(folder, 'X.npy'), join(root, 'outside.npy'));
  writeFileSync(join(folder, 'SHA256SUMS'), `${'0'.repeat(64)}  ../../outside.npy\n`);
  assert.equal((await copied())?.fault?.code, 'sums-invalid');
});

test('a folder that is not there is named', async () => {
  await assert.rejects(scanFolder(join(root, 'nowhere'), { settle: 1, now: 0 }), { code: 'source-missing' });
});
