import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseReference } from '../../../datasets/formats/array-format.ts';
import { ARRAY_FORMATS, findFormat, requireFormat } from '../../../datasets/formats/formats.ts';

test('every extension belongs to one format', () => {
  const extensions = ARRAY_FORMATS.flatMap((format) => format.extensions);
  assert.equal(new Set(extensions).size, extensions.length);
  for (const format of ARRAY_FORMATS) {
    for (const extension of format.extensions) assert.equal(findFormat(`a${extension}`), format);
  }
});

test('the example of a format is a reference to it', () => {
  for (const format of ARRAY_FORMATS) assert.equal(findFormat(parseReference(format.example).file), format);
});

test('the end of a name may be written in capitals', () => {
  assert.equal(findFormat('X.CSV'), findFormat('X.csv'));
});

test('the error for an unknown format names every known format', () => {
  const fix = ARRAY_FORMATS.map(({ example }) => example).join(', ');
  assert.throws(() => requireFormat('notes.doc'), {
    code: 'array-invalid',
    path: 'notes.doc',
    fix: `references to arrays of known formats: ${fix}`,
  });
});

test('the guide to own data shows a reference to each format', async () => {
  const guide = await readFile(new URL('../../../docs/guides/your-own-data.md', import.meta.url), 'utf8');
  for (const { extensions } of ARRAY_FORMATS) assert.ok(guide.includes(extensions[0] ?? ''), extensions[0]);
});
