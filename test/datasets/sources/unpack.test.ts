import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { unpackDataset } from '../../../datasets/sources/unpack.ts';
import type { NarrowsError } from '../../../errors.ts';
import { writeShard } from '../../support/shards.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-unpack-'));
after(() => rmSync(root, { recursive: true, force: true }));

const shard = writeShard(join(root, 'shard'), { rows: 5 });
const zipped = zipSync(
  Object.fromEntries(readdirSync(shard).map((name) => [`generation-2/${name}`, readFileSync(join(shard, name))])),
);

const file = join(root, 'archive.zip');

const unpacked = (bytes: Uint8Array): Promise<string> => {
  writeFileSync(file, bytes);
  return unpackDataset(file, 1_000_000);
};

test('unpacking returns the folder with the manifest', async () => {
  const folder = await unpacked(zipped);
  assert.ok(folder.endsWith('/generation-2'));
  for (const name of readdirSync(shard)) assert.deepEqual(readFileSync(join(folder, name)), readFileSync(join(shard, name)));
  const flat = zipSync({ 'dataset.yaml': new Uint8Array([1]) });
  assert.ok((await unpacked(flat)).includes('unpacked'));
  await assert.rejects(unpacked(zipSync({ 'X.npy': new Uint8Array([1]) })), { code: 'manifest-missing' });
});

test('manipulated archives are refused', async () => {
  await assert.rejects(unpacked(zipSync({ '../outside': new Uint8Array([1]) })), { code: 'archive-damaged', message: /outside/ });
  await assert.rejects(unpacked(zipSync({ '/etc/outside': new Uint8Array([1]) })), { code: 'archive-damaged' });
  await assert.rejects(unpacked(new TextEncoder().encode('<html>not found</html>')), { code: 'archive-damaged' });
  await assert.rejects(unpacked(zipped.subarray(0, zipped.length / 3)), { code: 'archive-damaged' });
  for (const name of ['a\u001b[2Jb', 'a\nb', 'a\u0085b', 'a/\0'])
    await assert.rejects(unpacked(zipSync({ [name]: new Uint8Array([1]) })), {
      code: 'archive-damaged',
      message: /is not allowed/,
    });
  const deep = `${'a/'.repeat(20)}X.npy`;
  await assert.rejects(unpacked(zipSync({ [deep]: new Uint8Array([1]), 'dataset.yaml': new Uint8Array([1]) })), {
    code: 'shard-refused',
  });
  await assert.rejects(unpacked(zipSync({ ['n'.repeat(300)]: new Uint8Array([1]) })), (error: NarrowsError) => {
    assert.equal(error.code, 'archive-damaged');
    assert.ok(!error.message.includes(root), error.message);
    return true;
  });
  // A megabyte of zeros compresses to a kilobyte.
  await assert.rejects(unpacked(zipSync({ bomb: new Uint8Array(2_000_000) })), { code: 'archive-too-large' });
});

test('two members of one name, and a member below a file, are refused without a path of this machine', async () => {
  const nested = zipSync({ a: new Uint8Array([1]), 'a/b': new Uint8Array([1]) });
  const twice = zipSync({ x: new Uint8Array([1]), y: new Uint8Array([2]) });
  for (let at = twice.indexOf(0x79); at >= 0; at = twice.indexOf(0x79, at + 1)) twice[at] = 0x78;
  for (const bytes of [nested, twice]) {
    await assert.rejects(unpacked(bytes), {
      code: 'archive-damaged',
      message: /^the archive cannot be unpacked: its member "(x|a\/b)" cannot be created \(E[A-Z]+\)$/,
    });
  }
});

test('archives that are refused leave no file open', {
  skip: !existsSync('/proc/self/fd') && 'open files are listed in /proc of Linux only',
}, async () => {
  const large = zipSync({ noise: Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7919) >> 3) }, { level: 0 });
  const refused = [
    zipped.subarray(0, zipped.length / 2),
    large.subarray(0, 20_000),
    zipSync({ bomb: new Uint8Array(2_000_000) }),
  ];
  const attempt = async () => {
    for (const bytes of refused) await assert.rejects(unpacked(bytes));
  };
  const openFiles = () => readdirSync('/proc/self/fd').length;
  await attempt();
  const before = openFiles();
  for (let time = 0; time < 5; time++) await attempt();
  assert.ok(openFiles() <= before);
});
