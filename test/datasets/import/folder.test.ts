import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { openDatasetFolder } from '../../../datasets/import/folder.ts';
import { sha256Of } from '../../../platform.ts';
import { matrixOf } from '../../support/data.ts';
import { scratch } from '../../support/scratch.ts';
import { wholeFolder } from '../../support/whole.ts';

/**
 * np.savez_compressed(f, X=np.array([[1.5, -2, 3.25], [4, 5, -6.5]], 'f4'), energies=np.array([1.5,
 * -2, 3.25])) of numpy 2.1.3: zip64 headers.
 */
const NPZ =
  'UEsDBC0AAAAIAAAAIQBO2dQT//////////8FABQAWC5ucHkBABAAmAAAAAAAAABaAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgaGA/YMQIKBIcCBgaEBiBcA8YUDAFBLAwQtAAAACAAAACEA6w0vB///////////DAAUAGVuZXJnaWVzLm5weQEAEACYAAAAAAAAAFAAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjqaOgq1ChQALgYw+GEPoRkOQCguBwBQSwECLQMtAAAACAAAACEATtnUE1oAAACYAAAABQAAAAAAAAAAAAAAgAEAAAAAWC5ucHlQSwECLQMtAAAACAAAACEA6w0vB1AAAACYAAAADAAAAAAAAAAAAAAAgAGRAAAAZW5lcmdpZXMubnB5UEsFBgAAAAACAAIAbQAAAB8BAAAAAA==';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'narrows-arrays-'));
  await writeFile(join(directory, 'data.npz'), Buffer.from(NPZ, 'base64'));
});
after(() => rm(directory, { recursive: true, force: true }));

test('members of an archive of numpy are read', async () => {
  const folder = wholeFolder(directory);
  const { rows, columns, data } = await folder.matrix('data.npz#X');
  assert.deepEqual([rows, columns, [...data]], [2, 3, [1.5, -2, 3.25, 4, 5, -6.5]]);
  assert.deepEqual([...(await folder.numbers('data.npz#energies'))], [1.5, -2, 3.25]);
  await assert.rejects(folder.matrix('data.npz#Y'), { code: 'array-invalid', fix: 'its members are X, energies' });
  await assert.rejects(folder.matrix('data.npz'), { code: 'array-invalid' });
});

test('the hash of a member is that of its .npy, the hash of a file its own', async () => {
  const x = writeNpy(matrixOf(2, 3, (row, column) => [1.5, -2, 3.25, 4, 5, -6.5][row * 3 + column] as number));
  await writeFile(join(directory, 'X.npy'), x);
  const folder = wholeFolder(directory);
  assert.equal(await folder.hash('X.npy'), sha256Of(x));
  assert.equal(await folder.hash('data.npz#X'), sha256Of(x));
});

test('a file that changes between two reads is refused', async () => {
  const folder = wholeFolder(directory);
  await writeFile(join(directory, 'ids.csv'), 'id,group\n1,a\n');
  await folder.column('ids.csv', 'id');
  await writeFile(join(directory, 'ids.csv'), 'id,group\n1,b\n');
  await assert.rejects(folder.column('ids.csv', 'group'), { code: 'file-changed', path: 'ids.csv' });
});

test('a file that changes while it is read is refused', async () => {
  const write = (last: number) => writeNpy(matrixOf(30_000, 70, (row) => (row === 29_999 ? last : row)));
  // The checksum of a member is compared first.
  for (const [file, code] of [
    ['growing.npy', 'file-changed'],
    ['growing.npz#Y', 'array-invalid'],
  ] as const) {
    const name = file.split('#')[0] as string;
    const bytes = (last: number) => (name.endsWith('.npz') ? zipSync({ 'Y.npy': write(last) }, { level: 0 }) : write(last));
    await writeFile(join(directory, name), bytes(1));
    const reading = async () => {
      let first = true;
      for await (const _ of openDatasetFolder(directory, scratch).matrix(file)) {
        if (first) await writeFile(join(directory, name), bytes(2));
        first = false;
      }
    };
    await assert.rejects(reading, { code });
  }
});

test('a value beyond float32 is refused as the infinity that it would become', async () => {
  await writeFile(join(directory, 'Y.csv'), 'a,b\n1,2\n3,1e39\n');
  await assert.rejects(wholeFolder(directory).matrix('Y.csv'), { code: 'not-finite', path: 'Y.csv[1, 1]' });
});

test('energies have one column and are finite', async () => {
  await writeFile(join(directory, 'energy.csv'), 'a,b\n1,2\n');
  await assert.rejects(wholeFolder(directory).numbers('energy.csv'), {
    code: 'array-invalid',
    message: /2 columns; one is needed/,
  });
  await writeFile(join(directory, 'energy.csv'), 'a\n1\nnan\n');
  await assert.rejects(wholeFolder(directory).numbers('energy.csv'), { code: 'not-finite', path: 'energy.csv[1, 0]' });
});

test('tables with tabs and selected columns are read', async () => {
  await writeFile(join(directory, 'table.tsv'), 'id\te_1\te_2\nx\t1\t2\ny\t3\t4\n');
  const folder = wholeFolder(directory);
  const { rows, columns, data } = await folder.matrix('table.tsv#e_*');
  assert.deepEqual([rows, columns, [...data]], [2, 2, [1, 2, 3, 4]]);
  assert.deepEqual([...(await folder.numbers('table.tsv#e_2'))], [2, 4]);
  assert.deepEqual(await folder.header('table.tsv#e_2,e_1'), ['e_2', 'e_1']);
  assert.deepEqual(await folder.column('table.tsv'), ['x', 'y']);
  assert.deepEqual(await folder.column('table.tsv#e_1'), ['1', '3']);
  await assert.rejects(folder.matrix('table.tsv#e_3'), {
    code: 'array-invalid',
    path: 'table.tsv#e_3',
    fix: /did you mean "e_1"/,
  });
});

test('invalid references are refused', async () => {
  for (const [reference, message] of [
    ['notes.doc', /file format is not known/],
    ['X.npy#X', /an \.npy file has no members/],
    ['data.npz', /names no member/],
  ] as const) {
    await assert.rejects(wholeFolder(directory).matrix(reference), { code: 'array-invalid', path: reference, message });
  }
});

test('no file outside the folder is read', async () => {
  for (const reference of ['../X.npy', '/etc/hosts.csv', 'a/../../X.npy']) {
    await assert.rejects(wholeFolder(directory).matrix(reference), { code: 'path-outside', path: reference });
  }
});

test('a pipe is refused, which may never end', async () => {
  execFileSync('mkfifo', [join(directory, 'pipe.npy')]);
  await assert.rejects(wholeFolder(directory).matrix('pipe.npy'), {
    code: 'file-missing',
    message: /pipe\.npy is not a regular file$/,
  });
});

test('a table of more columns than a call has arguments', async () => {
  const names = Array.from({ length: 200_000 }, (_, i) => `e_${i}`);
  await writeFile(join(directory, 'wide.csv'), `${names.join(',')}\n${names.map((_, i) => i).join(',')}\n`);
  const { columns, data } = await wholeFolder(directory).matrix('wide.csv#e_*');
  assert.deepEqual([columns, data[199_999]], [200_000, 199_999]);
});
