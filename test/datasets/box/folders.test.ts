import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { openBoxFolder } from '../../../datasets/box/folders.ts';
import { temporaryFolder } from '../../infra/folders.ts';

const MODULE = new URL('../../../datasets/box/folders.ts', import.meta.url).href;

test('folders of processes that were killed are removed, others and those in use are not', async (t) => {
  const directory = temporaryFolder(t);
  const script = `const { openBoxFolder } = await import(${JSON.stringify(MODULE)});
    openBoxFolder(${JSON.stringify(directory)});
    process.kill(process.pid, 'SIGKILL');`;
  assert.equal(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal, 'SIGKILL');
  assert.equal(readdirSync(directory).length, 1);
  const [elsewhere, old, other] = ['box-00000000-1-a', 'box-00000000-1-b', 'other'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [elsewhere, old, other]) mkdirSync(path);
  for (const path of [old, other]) utimesSync(path, 0, 0);
  const names: string[] = [];
  {
    await using first = openBoxFolder(directory);
    await using second = openBoxFolder(directory);
    names.push(basename(first.path), basename(second.path));
    assert.ok(names.every((name) => readdirSync(directory).includes(name)));
  }
  assert.deepEqual(readdirSync(directory).sort(), ['box-00000000-1-a', 'other']);
});
