/** Text reaches terminals and logs in one place, which escapes control characters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProduction, readSource, typeScriptFiles } from './sources.ts';

const DOOR = 'infra/output.ts';
/** Prints sizes of what a developer built. */
const TOOLS = ['models/engines/kernel/build.ts'];

test('only one module writes to stdout and stderr', () => {
  const files = typeScriptFiles().filter(isProduction);
  const writers = files.filter((path) => /process\.std(out|err)\.write\(|\bconsole\.\w+\(/.test(readSource(path)));
  assert.deepEqual(writers.toSorted(), [DOOR, ...TOOLS]);
});
