import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { zipSync } from 'fflate';
import type { ArrayStore, DatasetDescription } from '../../datasets/description.ts';
import { checkDatasetFolder, storeDataset } from '../../datasets/import.ts';
import { writeNpy } from '../../datasets/npy.ts';
import { loadPackData } from '../../datasets/pack-data.ts';
import { summarizeDataset, verifyDataset } from '../../datasets/summary.ts';
import { sha256Of } from '../../db/blobs.ts';
import { matrixOf } from '../support/data.ts';
import { WATER } from '../support/water.ts';

const MANIFEST = `name: little
title: Made up
licence: MIT
source: this test
descriptors: { file: X.npy, columns: [{ name: a, unit: angstrom }, { name: b, unit: degree }] }
targets: { xes: { file: Y.npy, energies: energy.csv, unit: arbitrary } }
groups: { file: sites.csv, column: snapshot }
`;

let root: string;
let folder: string;
let number = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'narrows-import-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(root, String(number++));
  await cp(new URL('../support', import.meta.url), folder, { recursive: true, filter: (path) => path.endsWith('support') });
  await write('dataset.yaml', MANIFEST);
  await write('X.npy', writeNpy(matrixOf(6, 2, (row, column) => (column === 0 ? row : 7))));
  await write('Y.npy', writeNpy(matrixOf(6, 3, (row, e) => row * e)));
  await write('energy.csv', 'energy_eV\n1\n2\n3\n');
  await write('sites.csv', 'id,snapshot\n1,a\n2,a\n3,b\n4,b\n5,c\n6,c\n');
});

const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);

function memory(): ArrayStore & { readonly blobs: Map<string, Uint8Array> } {
  const blobs = new Map<string, Uint8Array>();
  return {
    blobs,
    async put(bytes) {
      blobs.set(sha256Of(bytes), bytes.slice());
      return sha256Of(bytes);
    },
    async get(sha256) {
      return blobs.get(sha256) as Uint8Array;
    },
  };
}

async function imported(store = memory()) {
  const rows: { name: string; version: string; description: DatasetDescription }[] = [];
  const result = await storeDataset(await checkDatasetFolder(folder), store, async (row) => {
    const fresh = !rows.some(({ version }) => version === row.version);
    rows.push(row);
    return fresh;
  });
  return { ...result, store };
}

test('a folder becomes a version, and its arrays come back standardised', async () => {
  const { description, store, version, rows } = await imported();
  assert.match(version, /^[0-9a-f]{64}$/);
  assert.equal(rows, 6);
  assert.equal(description.varying, 1);
  const data = await loadPackData(
    store,
    description,
    'xes',
    { train: 0.34, validation: 0.33, test: 0.33, seed: 1, by: 'group' },
    { x: 'zscore', y: 'centre' },
  );
  assert.equal(data.x.columns, 1, 'the constant descriptor is dropped');
  assert.deepEqual(data.scaling.x.constants, [{ column: 1, value: 7 }]);
  assert.ok(data.x.data.buffer instanceof SharedArrayBuffer);
  const groupOf = (row: number) => Math.floor(row / 2);
  const parts = [data.rows.train, data.rows.validation, data.rows.test].map((part) => new Set([...part].map(groupOf)));
  assert.deepEqual(
    parts.map((part) => part.size),
    [1, 1, 1],
    'no group on two sides',
  );
});

test('the version is that of the content: the same in another folder, another for another number', async () => {
  const first = await checkDatasetFolder(folder);
  const copy = join(root, `copy-${number}`);
  await cp(folder, copy, { recursive: true });
  assert.equal((await checkDatasetFolder(copy)).version, first.version);
  await write('X.npy', writeNpy(matrixOf(6, 2, (row, column) => (column === 0 ? row + 1 : 7))));
  assert.notEqual((await checkDatasetFolder(folder)).version, first.version);
});

test('summary and verification', async () => {
  const { description, store } = await imported();
  const summary = await summarizeDataset(store, description);
  assert.deepEqual(
    summary.descriptors.map(({ name, unit, minimum, maximum, constant }) => [name, unit, minimum, maximum, constant]),
    [
      ['a', 'angstrom', 0, 5, false],
      ['b', 'degree', 7, 7, true],
    ],
  );
  assert.equal(summary.targets[0]?.constantColumns, 1);
  assert.equal((await verifyDataset(store, description)).folderState, 'unchanged');
  await write('Y.npy', writeNpy(matrixOf(6, 3, () => 1)));
  assert.deepEqual(await verifyDataset(store, description).then(({ folderState, changed }) => [folderState, changed]), [
    'changed',
    ['Y.npy'],
  ]);
  await rm(folder, { recursive: true });
  assert.equal((await verifyDataset(store, description)).folderState, 'gone');
});

test('members of an npz and csv tables are arrays too', async () => {
  const members = { 'X.npy': writeNpy(matrixOf(6, 2, (row, column) => row + column)) };
  await write('data.npz', zipSync(members));
  await write('Y.csv', `e1,e2,e3\n${Array.from({ length: 6 }, (_, row) => `${row},${row * 2},0.5`).join('\n')}\n`);
  await write('dataset.yaml', MANIFEST.replace('file: X.npy', 'file: data.npz#X').replace('file: Y.npy', 'file: Y.csv'));
  const { x, targets } = await checkDatasetFolder(folder);
  assert.deepEqual([...x.data.slice(0, 4)], [0, 1, 1, 2]);
  assert.deepEqual([...(targets.xes?.y.data.slice(3, 6) ?? [])], [1, 2, 0.5]);
});

describe('bad input is refused, with what, where and the fix', () => {
  const cases: [string, () => Promise<void>, Record<string, unknown>][] = [
    ['no manifest', () => rm(join(folder, 'dataset.yaml')), { code: 'manifest-missing' }],
    [
      'an unknown key',
      () => write('dataset.yaml', MANIFEST.replace('licence', 'license')),
      { code: 'manifest-invalid', path: 'license', fix: 'did you mean "licence"?' },
    ],
    [
      'an unknown key of a target',
      () => write('dataset.yaml', MANIFEST.replace('energies', 'energy')),
      { code: 'manifest-invalid', path: 'targets.xes.energy', fix: 'did you mean "energies"?' },
    ],
    ['broken YAML', () => write('dataset.yaml', 'name: [unclosed'), { code: 'manifest-invalid' }],
    ['a missing file', () => rm(join(folder, 'Y.npy')), { code: 'file-missing', path: 'Y.npy' }],
    ['a file outside the folder', () => write('dataset.yaml', MANIFEST.replace('X.npy', '../X.npy')), { code: 'path-outside' }],
    [
      'a NaN',
      () => write('X.npy', writeNpy(matrixOf(6, 2, (row, column) => (row === 4 && column === 1 ? Number.NaN : row)))),
      { code: 'not-finite', message: 'X.npy: row 4, column 1 is NaN' },
    ],
    [
      'an infinity',
      () => write('Y.npy', writeNpy(matrixOf(6, 3, (row) => (row === 2 ? Number.POSITIVE_INFINITY : row)))),
      { code: 'not-finite', path: 'Y.npy[2, 0]' },
    ],
    [
      'other rows',
      () => write('Y.npy', writeNpy(matrixOf(5, 3, (row) => row))),
      { code: 'rows-mismatch', message: 'Y.npy has 5 rows, X.npy has 6' },
    ],
    [
      'other columns than named',
      () => write('X.npy', writeNpy(matrixOf(6, 3, (row) => row))),
      { code: 'columns-mismatch', message: 'X.npy has 3 columns, the manifest names 2' },
    ],
    ['another energy grid', () => write('energy.csv', 'energy_eV\n1\n2\n'), { code: 'columns-mismatch' }],
    [
      'an energy axis that does not rise',
      () => write('energy.csv', 'energy_eV\n1\n3\n2\n'),
      { code: 'energies-not-rising', path: 'energy.csv[2]' },
    ],
    ['a truncated array', () => write('Y.npy', writeNpy(matrixOf(6, 3, (row) => row)).slice(0, -7)), { code: 'array-invalid' }],
    ['no array', () => write('dataset.yaml', MANIFEST.replace('Y.npy', 'sites.txt')), { code: 'file-missing' }],
    [
      'a missing column',
      () => write('sites.csv', 'id,frame\n1,a\n'),
      { code: 'array-invalid', message: 'sites.csv: it has no column "snapshot"' },
    ],
    ['no rows', () => write('X.npy', writeNpy(matrixOf(0, 2, () => 0))), { code: 'dataset-empty' }],
  ];
  for (const [what, arrange, expected] of cases) {
    test(what, async () => {
      await arrange();
      const store = memory();
      await assert.rejects(imported(store), expected);
      assert.equal(store.blobs.size, 0, 'nothing is half-imported');
    });
  }
});

test('the shipped water data are what their README says', async () => {
  const { x, targets, ids, manifest } = await checkDatasetFolder(WATER);
  assert.deepEqual([x.rows, x.columns, ids?.length, ids?.[0]], [8000, 3, 8000, 'h2o_00000']);
  const spectra = Object.entries(targets).map(([name, { y, energies }]) => [
    name,
    y.rows,
    y.columns,
    energies?.[0],
    energies?.at(-1)?.toFixed(2),
  ]);
  assert.deepEqual(spectra, [
    ['xes', 8000, 121, 513, '531.00'],
    ['xas', 8000, 134, 530, '549.95'],
    ['xps', 8000, 60, 537, '542.90'],
  ]);
  assert.equal(manifest.licence, 'MIT');
});
