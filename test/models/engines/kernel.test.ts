import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../support/kernel-bits.ts', import.meta.url));

test('vectors of 256 bits give the same bits as vectors of 128, in every build and with every activation', async () => {
  const [narrow, wide] = await Promise.all([run(process.execPath, [SCRIPT]), run(process.execPath, [SCRIPT, 'joined'])]);
  assert.equal(narrow.stdout.trim().split('\n').length, 12);
  assert.doesNotMatch(narrow.stdout, /NaN|Infinity/);
  assert.equal(wide.stdout, narrow.stdout);
});
