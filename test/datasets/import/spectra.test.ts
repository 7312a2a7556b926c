import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { matrixOf } from '../../support/data.ts';
import { wholeDataset } from '../../support/whole.ts';

let root: string;
let folder: string;
let number = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'narrows-spectra-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(root, String(number++));
  await mkdir(folder);
  await write('X.csv', 'a,b\n0.5,7\n1.5,8\n2.5,6\n3.5,9\n');
});

const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);

/** Reads a folder of four rows with one target. */
async function read(target: string) {
  await write(
    'dataset.yaml',
    `name: little
title: Made up
licence: MIT
source: this test
descriptors: { file: X.csv, columns: [{ name: a, unit: angstrom }, { name: b, unit: degree }] }
targets: { xas: { ${target}, unit: counts } }
`,
  );
  const { targets, warnings } = await wholeDataset(folder);
  const { y, energies } = targets.xas ?? assert.fail('no target');
  const rows = Array.from({ length: y.rows }, (_, row) => [...y.data.slice(row * y.columns, (row + 1) * y.columns)]);
  return { rows, energies, warnings: warnings.map(({ code, path }) => `${path} ${code}`) };
}

const ROWS = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
  [10, 11, 12],
];
const RISING = '1,2,3\n4,5,6\n7,8,9\n10,11,12\n';
const FALLING = '3,2,1\n6,5,4\n9,8,7\n12,11,10\n';

describe('energies', () => {
  test('from the names of the columns, with a warning', async () => {
    await write('Y.csv', `525.0,525.5,526.5\n${RISING}`);
    assert.deepEqual(await read('file: Y.csv'), {
      rows: ROWS,
      energies: [525, 525.5, 526.5],
      warnings: ['targets.xas energies-from-names'],
    });
  });
  test('none where the columns have other names', async () => {
    await write('Y.csv', `e_0,e_1,e_2\n${RISING}`);
    assert.deepEqual(await read('file: Y.csv'), { rows: ROWS, energies: null, warnings: [] });
  });
  test('that fall are stored in rising order with their columns, with a warning', async () => {
    await write('energy.csv', 'energy\n526.5\n525.5\n525\n');
    await write('Y.npy', writeNpy(matrixOf(4, 3, (row, e) => 3 * row + 3 - e)));
    const expected = { rows: ROWS, energies: [525, 525.5, 526.5] };
    const warnings = ['targets.xas energies-reversed'];
    assert.deepEqual(await read('file: Y.npy, energies: energy.csv'), { ...expected, warnings });
    await write('Y.csv', `526.5,525.5,525.0\n${FALLING}`);
    assert.deepEqual(await read('file: Y.csv, energies: energy.csv'), { ...expected, warnings });
    assert.deepEqual(await read('file: Y.csv'), { ...expected, warnings: ['targets.xas energies-from-names', ...warnings] });
  });
  test('that contradict the names are refused', async () => {
    await write('energy.csv', 'energy\n530\n530.5\n531.5\n');
    await write('Y.csv', `525.0,525.5,526.5\n${RISING}`);
    await assert.rejects(read('file: Y.csv, energies: energy.csv'), { code: 'columns-mismatch', path: 'targets.xas' });
  });
  test('columns that are not in the order of their numbers cause a warning', async () => {
    for (const names of ['e_10,e_8,e_9', 'e_9,e_10,e_8']) {
      await write('Y.csv', `${names}\n${RISING}`);
      assert.deepEqual(await read('file: Y.csv'), { rows: ROWS, energies: null, warnings: ['targets.xas columns-unordered'] });
    }
  });
  test('as the first row of a matrix are refused', async () => {
    await write('Y.txt', `525 526 527\n${RISING.replaceAll(',', ' ')}`);
    await assert.rejects(read('file: Y.txt'), { code: 'rows-mismatch', fix: /if its first row has the energies/ });
  });
  test('from a column of a text file', async () => {
    await write('xmu.dat', '# FEFF\n# omega e mu\n525.0 -5 0.1\n525.5 -4.5 0.1\n526.5 -3.5 0.1\n');
    await write('Y.csv', `e_0,e_1,e_2\n${RISING}`);
    assert.deepEqual((await read('file: Y.csv, energies: "xmu.dat#omega"')).energies, [525, 525.5, 526.5]);
    await assert.rejects(read('file: Y.csv, energies: xmu.dat'), {
      code: 'array-invalid',
      fix: 'name it after a #: xmu.dat#omega; its columns are omega, e, mu',
    });
  });
});

describe('a file with a row for each energy', () => {
  const TRANSPOSED = '525,1,4,7,10\n525.5,2,5,8,11\n526.5,3,6,9,12\n';
  const expected = { rows: ROWS, energies: [525, 525.5, 526.5], warnings: [] };
  test('a column more than structures has the energies', async () => {
    await write('Y.csv', `energy,s0,s1,s2,s3\n${TRANSPOSED}`);
    assert.deepEqual(await read('file: Y.csv, transposed: true'), expected);
    await write('Y.txt', TRANSPOSED.replaceAll(',', ' '));
    assert.deepEqual(await read('file: Y.txt, transposed: true'), expected);
  });
  test('energies that fall', async () => {
    await write('Y.txt', TRANSPOSED.replaceAll(',', ' ').trim().split('\n').toReversed().join('\n'));
    assert.deepEqual(await read('file: Y.txt, transposed: true'), { ...expected, warnings: ['targets.xas energies-reversed'] });
  });
  test('energies of their own, an array of another format, or none', async () => {
    await write('energy.csv', 'energy\n525\n525.5\n526.5\n');
    await write('Y.npy', writeNpy(matrixOf(3, 4, (e, row) => 3 * row + e + 1)));
    assert.deepEqual(await read('file: Y.npy, energies: energy.csv, transposed: true'), expected);
    assert.deepEqual(await read('file: Y.npy, transposed: true'), { ...expected, energies: null });
    await write('Y.csv', `energy,s0,s1,s2,s3\n${TRANSPOSED}`);
    assert.deepEqual(await read('file: Y.csv, energies: "Y.csv#energy", transposed: true'), expected);
    assert.deepEqual(await read('file: "Y.csv#s*", energies: "Y.csv#energy", transposed: true'), expected);
  });
  test('is found, and the key proposed', async () => {
    const fix = /add "transposed: true" to targets.xas/;
    await write('Y.csv', `energy,s0,s1,s2,s3\n${TRANSPOSED}`);
    await assert.rejects(read('file: Y.csv'), { code: 'rows-mismatch', fix });
    await write('Y.npy', writeNpy(matrixOf(3, 4, (e, row) => 3 * row + e + 1)));
    await assert.rejects(read('file: Y.npy'), { code: 'rows-mismatch', fix });
    await write('Y.csv', `,s0,s1,s2,s3\n${TRANSPOSED}`);
    await assert.rejects(read('file: Y.csv'), { code: 'rows-mismatch', fix });
    // As many energies as structures.
    await write('Y.csv', `energy,s0,s1,s2,s3\n${TRANSPOSED}527,4,7,10,13\n`);
    await assert.rejects(read('file: Y.csv'), { code: 'columns-mismatch', fix });
  });
  test('faults', async () => {
    await write('energy.csv', 'energy\n525\n525.5\n527\n');
    const header = 'energy,s0,s1,s2,s3\n';
    const cases: [string, string, object][] = [
      [
        header + TRANSPOSED,
        ', energies: energy.csv',
        { code: 'columns-mismatch', message: /526.5 in row 2, energy.csv has 527/ },
      ],
      ['energy,s0,s1\n525,1,4\n525.5,2,5\n', '', { code: 'rows-mismatch', message: /has 3 spectra, X.csv has 4/ }],
      [header + TRANSPOSED.replace('525.5', '527'), '', { code: 'energies-not-rising' }],
      [header, '', { code: 'dataset-empty' }],
    ];
    for (const [text, more, error] of cases) {
      await write('Y.csv', text);
      await assert.rejects(read(`file: Y.csv, transposed: true${more}`), error, text);
    }
  });
});

test('the index of pandas is no column of a target', async () => {
  await write('Y.csv', ',525.0,525.5,526.0\n0,1,2,3\n1,4,5,6\n2,7,8,9\n3,10,11,12\n');
  await assert.rejects(read('file: Y.csv'), { code: 'columns-mismatch', message: /the index of the rows/ });
});
