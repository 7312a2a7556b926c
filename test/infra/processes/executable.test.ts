import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allowsPrograms, isExecutable } from '../../../infra/processes/executable.ts';
import { temporaryFolder } from '../folders.ts';

test('a file can be run where its rights allow it', (t) => {
  const file = join(temporaryFolder(t), 'program');
  assert.equal(isExecutable(file), false);
  writeFileSync(file, '', { mode: 0o644 });
  assert.equal(isExecutable(file), false);
  chmodSync(file, 0o755);
  assert.equal(isExecutable(file), true);
  mkdirSync(`${file}s`);
  assert.equal(isExecutable(`${file}s`), false);
});

test('a folder is probed without a trace', (t) => {
  const folder = temporaryFolder(t);
  assert.equal(allowsPrograms(folder), true);
  assert.equal(allowsPrograms(join(folder, 'missing')), false);
  assert.deepEqual(readdirSync(folder), []);
});
