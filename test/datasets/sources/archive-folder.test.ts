import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { checkDatasetFolder } from '../../../datasets/import/check.ts';
import { type ArchiveFolder, openArchiveFolder } from '../../../datasets/sources/archive-folder.ts';
import { matrixOf } from '../../support/data.ts';
import { writeHdf5 } from '../../support/files.ts';
import { scratch } from '../../support/scratch.ts';
import { writeShard } from '../../support/shards.ts';
import { wholeBytes } from '../../support/whole.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-archive-'));
after(() => rmSync(root, { recursive: true, force: true }));

const shard = writeShard(join(root, 'shard'), { rows: 5 });
const filesOf = (folder: string, prefix = '') =>
  Object.fromEntries(readdirSync(folder).map((name) => [`${prefix}${name}`, new Uint8Array(readFileSync(join(folder, name)))]));
const zipped = zipSync(filesOf(shard, 'generation-2/'));

const file = join(root, 'archive.zip');
const copies = join(root, 'copies');
mkdirSync(copies);

const opened = async <T>(bytes: Uint8Array, use: (folder: ArchiveFolder) => Promise<T>, maxBytes = 1_000_000): Promise<T> => {
  writeFileSync(file, bytes);
  await using folder = await openArchiveFolder(file, copies, maxBytes);
  return await use(folder);
};
const open = (bytes: Uint8Array) => opened(bytes, async () => {});
const one = new Uint8Array([1]);

test('the files of the folder with the manifest are read, and nothing is written', async () => {
  await opened(zipped, async (folder) => {
    for (const name of readdirSync(shard)) {
      assert.deepEqual(await wholeBytes(folder.pieces(name)), new Uint8Array(readFileSync(join(shard, name))));
    }
    assert.deepEqual(
      (await folder.find('*.csv')).map(({ file, name }) => [file, name]),
      readdirSync(shard)
        .filter((name) => name.endsWith('.csv'))
        .map((name) => [name, name.slice(0, -4)]),
    );
    assert.throws(() => folder.describe('../X.npy'), { code: 'path-outside' });
    await assert.rejects(folder.state('absent.npy'), { code: 'file-missing', message: 'the archive has no file absent.npy' });
  });
  assert.deepEqual(readdirSync(copies), []);
  await opened(zipSync({ './dataset.yaml': one }), async (folder) => assert.ok(await folder.state('dataset.yaml')));
  await assert.rejects(open(zipSync({ 'X.npy': one })), { code: 'manifest-missing' });
});

test('a dataset in an archive has the version of its folder', async () => {
  const wide = join(root, 'wide');
  mkdirSync(wide);
  await writeHdf5(join(wide, 'data.h5'), {
    X: { data: matrixOf(12, 2, (row, column) => Math.sin(row + column)).data, shape: [12, 2] },
  });
  writeFileSync(join(wide, 'Y.csv'), `y\n${Array.from({ length: 12 }, (_, row) => Math.cos(row)).join('\n')}\n`);
  writeFileSync(
    join(wide, 'dataset.yaml'),
    'name: a\ntitle: a\nlicence: a\nsource: a\ndescriptors: { file: "data.h5#/X", columns: [{ name: a, unit: "" }, { name: b, unit: "" }] }\ntargets: { y: { file: Y.csv, unit: "1" } }\n',
  );
  for (const folder of [shard, wide]) {
    const { version } = await checkDatasetFolder(folder, scratch);
    const archived = await opened(zipSync(filesOf(folder, 'a/')), (source) => checkDatasetFolder(source, scratch));
    assert.equal(archived.version, version);
  }
  // HDF5 is read in any order, from a copy.
  assert.deepEqual(readdirSync(copies), ['member-0']);
  rmSync(join(copies, 'member-0'));
});

test('manipulated archives are refused', async () => {
  await assert.rejects(open(zipSync({ '../outside': one })), { code: 'archive-damaged', message: /outside/ });
  await assert.rejects(open(zipSync({ '/etc/outside': one })), { code: 'archive-damaged' });
  await assert.rejects(open(new TextEncoder().encode('<html>not found</html>')), { code: 'archive-damaged' });
  await assert.rejects(open(zipped.subarray(0, zipped.length / 3)), { code: 'archive-damaged' });
  for (const name of ['a\u001b[2Jb', 'a\nb', 'a\u0085b', 'a/\0'])
    await assert.rejects(open(zipSync({ [name]: one })), { code: 'archive-damaged', message: /is not allowed/ });
  const deep = `${'a/'.repeat(20)}X.npy`;
  await assert.rejects(open(zipSync({ [deep]: one, 'dataset.yaml': one })), { code: 'shard-refused' });
  // A megabyte of zeros compresses to a kilobyte.
  await assert.rejects(open(zipSync({ bomb: new Uint8Array(2_000_000) })), { code: 'archive-too-large' });
  const twice = Buffer.from(zipSync({ x: one, y: new Uint8Array([2]) }));
  for (let at = twice.indexOf('y'); at >= 0; at = twice.indexOf('y', at + 1)) twice[at] = 'x'.charCodeAt(0);
  await assert.rejects(open(twice), { code: 'archive-damaged', message: /it has two members "x"$/ });
});

test('sizes that the bytes of an archive belie are refused before anything is read', async () => {
  const archive = Buffer.from(zipSync({ 'dataset.yaml': one, 'X.npy': new Uint8Array(5000) }));
  const entry = archive.lastIndexOf('X.npy') - 46;
  const changed = (offset: number, value: number) => {
    const copy = Buffer.from(archive);
    copy.writeUInt32LE(value, entry + offset);
    return copy;
  };
  const damaged = (message: RegExp) => ({ code: 'archive-damaged', message });
  await assert.rejects(open(changed(24, 900_000)), damaged(/its member X\.npy cannot have 900000 bytes$/));
  await assert.rejects(open(changed(20, 1_000_000)), damaged(/its members overlap$/));
  const read = (bytes: Uint8Array) => opened(bytes, (folder) => wholeBytes(folder.pieces('X.npy')));
  await assert.rejects(read(changed(24, 4000)), damaged(/its member X\.npy is corrupt/));
  assert.equal((await read(archive)).length, 5000);
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
    for (const bytes of refused) await assert.rejects(open(bytes));
  };
  const openFiles = () => readdirSync('/proc/self/fd').length;
  await attempt();
  const before = openFiles();
  for (let time = 0; time < 5; time++) await attempt();
  assert.ok(openFiles() <= before);
});
