import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ARRAY_FORMATS, findFormat, parseReference, requireFormat } from '../../../datasets/formats/formats.ts';

test('a reader is loaded with the first file of its format', () => {
  const check = new URL('../../../datasets/import/check.ts', import.meta.url).href;
  const script = `import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(check)});
    console.log(JSON.stringify(loaded));`;
  const loaded = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  ) as string[];
  assert.ok(loaded.includes(check));
  const readers = loaded.filter((url) =>
    /datasets\/(formats\/(npy|npz|csv|hdf5|parquet)|descriptors\/describe|import\/spectra-files)\.ts$/.test(url),
  );
  assert.deepEqual(readers, []);
});

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

test('capitals of an ending make no difference', () => {
  for (const [file, extension] of Object.entries({ 'X.NPY': '.npy', 'a.Csv': '.csv', 'd.H5': '.h5' })) {
    assert.ok(findFormat(file)?.extensions.includes(extension), file);
  }
});

test('a # in the name of a file or of a dataset', () => {
  const parts = (reference: string) => Object.values(parseReference(reference));
  assert.deepEqual(parts('run#3.npy'), ['run#3.npy', undefined]);
  assert.deepEqual(parts('run#3/d.h5#/y#2'), ['run#3/d.h5', '/y#2']);
  assert.deepEqual(parts('d.h5#/y'), ['d.h5', '/y']);
  assert.deepEqual(parts('notes.txt#a'), ['notes.txt', 'a']);
});
