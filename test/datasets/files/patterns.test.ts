import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findFiles } from '../../../datasets/files/patterns.ts';
import { temporaryFolder } from '../../infra/folders.ts';

test('files are in natural order of the text that the wildcards stand for', async (t) => {
  const folder = temporaryFolder(t);
  const files = [
    'runs/10/xmu.dat',
    'runs/9/xmu.dat',
    'runs/9/feff.inp',
    'runs/a(1)/xmu.dat',
    'runs/.old/xmu.dat',
    'runs/notes',
    's/w_2.x.dat',
    's/w_10.dat',
    's/w_2.dat.bak',
  ];
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  symlinkSync(join(folder, 'runs/9'), join(folder, 'runs/11'));
  const names = async (pattern: string) => (await findFiles(folder, pattern)).map(({ name }) => name);
  assert.deepEqual(await names('runs/*/xmu.dat'), ['9', '10', '11', 'a(1)']);
  assert.deepEqual(await names('./s/w_*.dat'), ['2.x', '10']);
  assert.deepEqual(await names('*/*/*.inp'), ['runs/9/feff', 'runs/11/feff']);
  assert.deepEqual(await names('none/*.dat'), []);
  assert.deepEqual(await findFiles(folder, 'runs/a(*)/xmu.dat'), [{ file: 'runs/a(1)/xmu.dat', name: '1' }]);
});
