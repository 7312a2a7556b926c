import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNative, runnableBuilds } from '../../models/engines/kernel/loader.ts';
import { temporaryFolder } from '../infra/folders.ts';
import { buildProtect } from '../support/guarded/arena.ts';
import { buildChecked, runGuardedShapes, runShapes } from '../support/guarded/runs.ts';
import { prepareCompiler } from '../support/programs/compiler.ts';

const build = runnableBuilds().findLast(isNative);
const skip = build === undefined ? 'no native build runs on this machine' : await prepareCompiler();

test('random shapes touch no byte outside of their blocks, without undefined behaviour', { skip }, (t) => {
  const { findings } = runGuardedShapes(temporaryFolder(t), 3, 40);
  assert.deepEqual(findings, []);
});

test('a vector read beyond a block ends the process of that check', { skip }, (t) => {
  const folder = temporaryFolder(t);
  if (build === undefined) return;
  const { status, stderr } = runShapes(buildChecked(folder, build), buildProtect(folder), [1, 0, 1, 'wrong']);
  assert.notEqual(status, 0);
  assert.match(stderr, /the native kernel crashed/);
});
