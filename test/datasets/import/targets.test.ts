/** Imports whole datasets from HDF5 and Parquet files of other programs. */

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readManifest } from '../../../datasets/manifest.ts';
import { verifyDataset } from '../../../datasets/verification.ts';
import { canonicalJson } from '../../../models/canonical-json.ts';
import { sha256Of } from '../../../platform.ts';
import { memoryArrays } from '../../support/array-store.ts';
import { parquetOf, writeHdf5 } from '../../support/files.ts';
import { checkFolder, storedFolder, wholeDataset } from '../../support/whole.ts';

const FIXTURES = fileURLToPath(new URL('../formats/fixtures', import.meta.url));

const about = `name: little
title: Made up
licence: MIT
source: this test
`;
const HDF5 = `${about}
descriptors: { file: "h5py.h5#/X", columns: [{ name: a, unit: angstrom }, { name: b, unit: degree }] }
targets: { xes: { file: "h5py.h5#/spectra/xes", energies: "h5py.h5#/spectra/energies", unit: arbitrary } }
ids: "h5py.h5#/number"
groups: "h5py.h5#/snapshot"
`;
const PARQUET = `${about}
descriptors: { file: "pandas.parquet#a,b", columns: [{ name: a, unit: angstrom }, { name: b, unit: degree }] }
targets: { xes: { file: "pandas.parquet#e_*", energies: { file: grid.parquet, column: energy }, unit: arbitrary } }
ids: { file: pandas.parquet, column: number }
groups: { file: pandas.parquet, column: snapshot }
`;

let root: string;
let folder: string;
let number = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'narrows-formats-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(root, String(number++));
  await mkdir(folder);
  for (const file of ['h5py.h5', 'pandas.parquet']) await cp(join(FIXTURES, file), join(folder, file));
  await writeGrid(30);
});

const manifest = (text: string) => writeFile(join(folder, 'dataset.yaml'), text);
const writeGrid = (energies: number) =>
  writeFile(
    join(folder, 'grid.parquet'),
    parquetOf([
      { name: 'index', data: Int32Array.from({ length: energies }, (_, e) => e), type: 'INT32' },
      { name: 'energy', data: Float64Array.from({ length: energies }, (_, e) => 11_081 + e / 2), type: 'DOUBLE' },
    ]),
  );

test('both formats give the same numbers', async () => {
  await manifest(HDF5);
  const hdf5 = await wholeDataset(folder);
  await manifest(PARQUET);
  const parquet = await wholeDataset(folder);
  assert.deepEqual(parquet.x, hdf5.x);
  assert.deepEqual(parquet.targets, hdf5.targets);
  assert.deepEqual(parquet.groups, hdf5.groups);
  assert.deepEqual([hdf5.ids?.[11], parquet.ids?.[11]], ['11', '111']);
  assert.equal(hdf5.targets.xes?.energies?.[29], 11_095.5);
});

test('the version can be recomputed from the hash of the whole file of each reference', async () => {
  await manifest(PARQUET);
  const { version, files } = await checkFolder(folder);
  const hashOf = async (reference: string) => sha256Of(await readFile(join(folder, reference.split('#')[0] as string)));
  const references = ['grid.parquet#energy', 'pandas.parquet', 'pandas.parquet#a,b', 'pandas.parquet#e_*'];
  assert.deepEqual(Object.keys(files).sort(), references);
  const lines = await Promise.all(references.map(async (reference) => `${reference} ${await hashOf(reference)}`));
  const text = [canonicalJson(await readManifest(folder)), ...lines].join('\n');
  assert.equal(version, sha256Of(new TextEncoder().encode(text)));
});

test('verify reports a changed file by all its references', async () => {
  await manifest(PARQUET);
  const store = memoryArrays();
  const { description } = await storedFolder(folder, store);
  assert.equal((await verifyDataset(store, description)).folderState, 'unchanged');
  await writeGrid(31);
  assert.deepEqual((await verifyDataset(store, description)).changed, ['grid.parquet#energy']);
});

describe('invalid datasets are refused with position and fix', () => {
  const cases: [string, () => Promise<unknown>, Record<string, unknown>][] = [
    [
      'HDF5: another number of rows',
      async () => {
        await writeHdf5(join(folder, 'short.h5'), { Y: { data: new Float32Array(330), shape: [11, 30] } });
        await manifest(HDF5.replace('h5py.h5#/spectra/xes', 'short.h5#/Y'));
      },
      { code: 'rows-mismatch', message: 'short.h5#/Y has 11 rows, h5py.h5#/X has 12' },
    ],
    [
      'HDF5: another number of energies than the spectra have',
      async () => {
        await writeHdf5(join(folder, 'grid.h5'), { energies: { data: Float64Array.from({ length: 31 }, (_, e) => e) } });
        await manifest(HDF5.replace('h5py.h5#/spectra/energies', 'grid.h5#/energies'));
      },
      { code: 'columns-mismatch', message: 'grid.h5#/energies has 31 energies, h5py.h5#/spectra/xes has 30 columns' },
    ],
    [
      'HDF5: energies that do not rise',
      async () => {
        await writeHdf5(join(folder, 'grid.h5'), {
          energies: { data: Float64Array.from({ length: 30 }, (_, e) => Math.abs(e - 2)) },
        });
        await manifest(HDF5.replace('h5py.h5#/spectra/energies', 'grid.h5#/energies'));
      },
      { code: 'energies-not-rising', path: 'grid.h5#/energies[1]' },
    ],
    [
      'HDF5: text for spectra',
      () => manifest(HDF5.replace('/spectra/xes', '/snapshot')),
      { code: 'array-invalid', path: 'h5py.h5#/snapshot', message: /it contains text/ },
    ],
    [
      'HDF5: a missing path',
      () => manifest(HDF5.replace('/spectra/xes', '/spectra/xas')),
      { code: 'array-invalid', fix: /^did you mean "\/spectra\/xes"\? its datasets are \/X, / },
    ],
    ['HDF5: a truncated file', () => manifest(HDF5).then(() => cut('h5py.h5')), { code: 'array-invalid', path: 'h5py.h5' }],
    [
      'Parquet: another number of energies than the spectra have',
      () => manifest(PARQUET).then(() => writeGrid(29)),
      { code: 'columns-mismatch', message: 'grid.parquet#energy has 29 energies, pandas.parquet#e_* has 30 columns' },
    ],
    [
      'Parquet: another number of rows',
      async () => {
        await writeFile(
          join(folder, 'x.parquet'),
          parquetOf(['a', 'b'].map((name) => ({ name, data: [1, 2, 3], type: 'DOUBLE' as const }))),
        );
        await manifest(PARQUET.replace('pandas.parquet#a', 'x.parquet#a'));
      },
      { code: 'rows-mismatch', message: 'pandas.parquet#e_* has 12 rows, x.parquet#a,b has 3' },
    ],
    [
      'Parquet: a missing column',
      () => manifest(PARQUET.replace('#a,b', '#a,bb')),
      { code: 'array-invalid', path: 'pandas.parquet#a,bb', fix: /^did you mean "b"\?/ },
    ],
    [
      'Parquet: a missing column of groups',
      () => manifest(PARQUET.replace('column: snapshot', 'column: snapshots')),
      { code: 'array-invalid', path: 'pandas.parquet', fix: /^did you mean "snapshot"\?/ },
    ],
    [
      'Parquet: columns in another order than in the manifest',
      () => manifest(PARQUET.replace('#a,b', '#b,a')),
      { code: 'columns-mismatch', path: 'descriptors.columns.0.name', fix: /order of the file: b, a/ },
    ],
    [
      'Parquet: more columns than in the manifest',
      () => manifest(PARQUET.replace('#a,b', '')),
      { code: 'columns-mismatch', path: 'descriptors.columns' },
    ],
    [
      'Parquet: text for descriptors',
      () => manifest(PARQUET.replace('#a,b', '#a,snapshot')),
      { code: 'array-invalid', message: /its column "snapshot" contains text/ },
    ],
    [
      'Parquet: a truncated file',
      () => manifest(PARQUET).then(() => cut('pandas.parquet')),
      { code: 'array-invalid', path: 'pandas.parquet' },
    ],
    [
      'an unknown key with file and column of the energies',
      () => manifest(PARQUET.replace('column: energy }', 'column: energy, unit: eV }')),
      { code: 'manifest-invalid', path: 'targets.xes.energies' },
    ],
  ];
  for (const [what, arrange, expected] of cases) {
    test(what, async () => {
      await arrange();
      await assert.rejects(checkFolder(folder), expected);
    });
  }
});

const cut = (file: string) => truncate(join(folder, file), 5000);
