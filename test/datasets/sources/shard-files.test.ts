import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, type Stats, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { listFolder, openListed } from '../../../datasets/sources/shard-files.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-shard-files-'));
after(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let numbered = 0;
beforeEach(() => {
  folder = join(root, `${++numbered}`);
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  writeFileSync(join(folder, 'a', 'X.npy'), 'x');
  writeFileSync(join(folder, 'dataset.yaml'), 'y');
});

test('files are listed by name, and opened', async () => {
  const { files, fault } = await listFolder(folder);
  assert.equal(fault, null);
  assert.deepEqual([...files.keys()], ['a/X.npy', 'dataset.yaml']);
  await using file = await openListed(folder, 'a/X.npy', files.get('a/X.npy') as Stats);
  assert.equal(await file?.readFile('utf8'), 'x');
});

test('more files and folders than allowed are refused', async () => {
  assert.match((await listFolder(folder, { files: 3, depth: 16 })).fault?.message ?? '', /more than 3 files/);
  assert.equal((await listFolder(folder, { files: 4, depth: 16 })).fault, null);
  assert.match((await listFolder(folder, { files: 4, depth: 1 })).fault?.message ?? '', /a\/b is a folder within too many/);
});

test('what takes the place of a listed file is not opened', async () => {
  const listed = (await listFolder(folder)).files.get('a/X.npy') as Stats;
  const open = () => openListed(folder, 'a/X.npy', listed);
  const path = join(folder, 'a', 'X.npy');
  mkdirSync(join(root, 'other', `${numbered}`), { recursive: true });
  writeFileSync(join(root, 'other', `${numbered}`, 'X.npy'), 'secret');

  renameSync(path, join(root, 'kept'));
  assert.equal(await open(), null, 'nothing');
  symlinkSync(join(root, 'kept'), path);
  assert.equal(await open(), null, 'a link, even to the same file');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  assert.equal(await open(), null, 'a pipe');
  rmSync(join(folder, 'a'), { recursive: true });
  symlinkSync(join(root, 'other', `${numbered}`), join(folder, 'a'));
  assert.equal(await open(), null, 'a link of the folder above');
});

test('a folder that becomes a link to where its files went is not followed', {
  skip: process.platform !== 'linux' && 'only Linux names the path of an open file',
}, async () => {
  for (const part of [join(folder, 'a'), folder]) {
    const listed = (await listFolder(folder)).files.get('a/X.npy') as Stats;
    const moved = join(root, `moved-${part.length}`);
    renameSync(part, moved);
    symlinkSync(moved, part);
    assert.equal(await openListed(folder, 'a/X.npy', listed), null);
    rmSync(part);
    renameSync(moved, part);
  }
});
