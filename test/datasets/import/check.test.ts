import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { zipSync } from 'fflate';
import type { ArrayStore } from '../../../datasets/description.ts';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { loadPackData } from '../../../datasets/pack-data.ts';
import { summarizeDataset } from '../../../datasets/summary.ts';
import { verifyDataset } from '../../../datasets/verification.ts';
import { sha256Of } from '../../../platform.ts';
import { memoryArrays } from '../../support/array-store.ts';
import { matrixOf } from '../../support/data.ts';
import { checkFolder, fromJson, storedFolder, wholeDataset } from '../../support/whole.ts';

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
  await mkdir(folder);
  await write('dataset.yaml', MANIFEST);
  await write('X.npy', writeNpy(matrixOf(6, 2, (row, column) => (column === 0 ? row : 7))));
  await write('Y.npy', writeNpy(matrixOf(6, 3, (row, e) => row * e)));
  await write('energy.csv', 'energy_eV\n513.15\n513.3\n513.45\n');
  await write('sites.csv', 'id,snapshot\n1,a\n2,a\n3,b\n4,b\n5,c\n6,c\n');
});

const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);

async function imported(store = memoryArrays()) {
  const rows: { name: string; version: string; description: unknown }[] = [];
  const result = await storeDataset(await checkFolder(folder), store, async (row) => {
    const fresh = !rows.some(({ version }) => version === row.version);
    rows.push(row);
    return fresh;
  });
  return { ...result, description: fromJson(result.version, result.description), store };
}

test('a folder becomes a version whose arrays are loaded standardised', async () => {
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

test('a spec that does not fit the data is a final error of the spec', async () => {
  const split = { train: 0.34, validation: 0.33, test: 0.33, seed: 1, by: 'group' as const };
  const scale = { x: 'zscore' as const, y: 'centre' as const };
  const { description, store } = await imported();
  for (const target of ['xas', 'constructor']) {
    await assert.rejects(loadPackData(store, description, target, split, scale), {
      code: 'spec-invalid',
      path: 'target',
      fix: 'it has xes',
    });
  }
  await write('X.npy', writeNpy(matrixOf(6, 2, (row) => Math.floor(row / 2))));
  const same = await imported();
  await assert.rejects(loadPackData(same.store, same.description, 'xes', split, scale), {
    code: 'spec-invalid',
    message: 'no descriptor varies over the training rows',
  });
});

test('a unit of 1 is that of quantities without a dimension', async () => {
  await write('dataset.yaml', MANIFEST.replace('unit: arbitrary', 'unit: 1').replace('unit: degree', 'unit: 1'));
  const { manifest, columns } = await checkFolder(folder);
  assert.deepEqual(
    [manifest.targets.xes, columns[1]?.unit],
    [{ file: 'Y.npy', energies: 'energy.csv', unit: '1', energyUnit: 'eV' }, '1'],
  );
});

test('constant columns are those that a sweep drops', async () => {
  await write('X.npy', writeNpy(matrixOf(6, 2, (row, column) => (column === 0 ? row : 8979 + 0.001 * (row % 2)))));
  const { description, store } = await imported();
  assert.equal(description.varying, 1);
  assert.deepEqual(
    (await summarizeDataset(store, description)).descriptors.map(({ constant }) => constant),
    [false, true],
  );
});

test('an interrupted import leaves no version and can be repeated', async () => {
  const whole = memoryArrays();
  let puts = 0;
  const failing: ArrayStore = {
    ...whole,
    async put(content) {
      if (++puts === 2) throw new Error('the connection is gone');
      return whole.put(content);
    },
  };
  const saved: string[] = [];
  const save = async ({ version }: { version: string }) => saved.push(version) === 1;
  const checked = await checkFolder(folder);
  await assert.rejects(storeDataset(checked, failing, save), /the connection is gone/);
  assert.deepEqual(saved, []);
  assert.equal((await storeDataset(checked, failing, save)).created, true);
  assert.deepEqual(saved, [checked.version]);
});

test('the version depends on the content, not on the folder', async () => {
  const first = await checkFolder(folder);
  const copy = join(root, `copy-${number}`);
  await cp(folder, copy, { recursive: true });
  assert.equal((await checkFolder(copy)).version, first.version);
  await write('X.npy', writeNpy(matrixOf(6, 2, (row, column) => (column === 0 ? row + 1 : 7))));
  assert.notEqual((await checkFolder(folder)).version, first.version);
});

test('the version does not depend on the name given at import, which is checked', async () => {
  const first = await checkFolder(folder);
  const renamed = await checkFolder(folder, 'other');
  assert.deepEqual([renamed.manifest.name, renamed.version], ['other', first.version]);
  for (const name of ['a@b', 'n'.repeat(81)])
    await assert.rejects(checkFolder(folder, name), { code: 'name-invalid', path: 'name' });
});

test('the version can be recomputed independently', async () => {
  const manifest = {
    descriptors: {
      columns: [
        { name: 'a', unit: 'angstrom' },
        { name: 'b', unit: 'degree' },
      ],
      file: 'X.npy',
    },
    groups: { column: 'snapshot', file: 'sites.csv' },
    licence: 'MIT',
    name: 'little',
    source: 'this test',
    targets: { xes: { energies: 'energy.csv', energyUnit: 'eV', file: 'Y.npy', unit: 'arbitrary' } },
    title: 'Made up',
    units: {},
  };
  const lines = ['X.npy', 'Y.npy', 'energy.csv', 'sites.csv'].map(
    (file) => `${file} ${sha256Of(readFileSync(join(folder, file)))}`,
  );
  const byHand = sha256Of(new TextEncoder().encode([JSON.stringify(manifest), ...lines].join('\n')));
  assert.equal((await checkFolder(folder)).version, byHand);
});

test('the summary has units, ranges and constant columns', async () => {
  const { description, store } = await imported();
  const summary = await summarizeDataset(store, description);
  assert.deepEqual(
    summary.descriptors.map(({ name, unit, minimum, maximum, constant }) => [name, unit, minimum, maximum, constant]),
    [
      ['a', 'angstrom', 0, 5, false],
      ['b', 'degree', 7, 7, true],
    ],
  );
  assert.deepEqual(summary.targets[0], {
    name: 'xes',
    unit: 'arbitrary',
    shape: [6, 3],
    energies: { first: 513.15, last: 513.45, unit: 'eV' },
    minimum: 0,
    maximum: 10,
    constantColumns: 1,
    columns: null,
  });
});

describe('verify', () => {
  const verify = async (change: () => Promise<unknown>) => {
    const { description, store } = await imported();
    await change();
    const { folderState, changed, arrays } = await verifyDataset(store, description);
    return { folderState, changed, arrays };
  };
  test('unchanged', async () => {
    assert.deepEqual(await verify(async () => {}), { folderState: 'unchanged', changed: [], arrays: 3 });
  });
  test('unchanged, imported under another name', async () => {
    const store = memoryArrays();
    const { description } = await storedFolder(folder, store, 'other');
    assert.equal((await verifyDataset(store, description)).folderState, 'unchanged');
  });
  test('an array changed on disk', async () => {
    const { folderState, changed } = await verify(() => write('Y.npy', writeNpy(matrixOf(6, 3, () => 1))));
    assert.deepEqual([folderState, changed], ['changed', ['Y.npy']]);
  });
  test('the manifest changed on disk', async () => {
    const { folderState, changed } = await verify(() => write('dataset.yaml', MANIFEST.replace('unit: degree', 'unit: rad')));
    assert.deepEqual([folderState, changed], ['changed', ['dataset.yaml']]);
  });
  test('only white space of the manifest changed', async () => {
    assert.equal((await verify(() => write('dataset.yaml', `# a remark\n${MANIFEST}`))).folderState, 'unchanged');
  });
  test('a file is missing', async () => {
    const { folderState, changed } = await verify(() => rm(join(folder, 'energy.csv')));
    assert.deepEqual([folderState, changed], ['changed', ['energy.csv']]);
  });
  test('the folder is gone', async () => {
    assert.equal((await verify(() => rm(folder, { recursive: true }))).folderState, 'gone');
  });
  test('a stored array that does not match its hash', async () => {
    const { description, store } = await imported();
    const x = description.x.parts[0]?.sha256 as string;
    const bytes = store.blobs.get(x) as Uint8Array;
    bytes[3] = (bytes[3] as number) ^ 1;
    await assert.rejects(verifyDataset(store, description), { code: 'dataset-corrupt' });
    store.blobs.set(x, bytes.slice(4));
    await assert.rejects(summarizeDataset(store, description), { code: 'dataset-corrupt' });
  });
});

test('members of an npz file and csv tables are arrays', async () => {
  const members = { 'X.npy': writeNpy(matrixOf(6, 2, (row, column) => row + column)) };
  await write('data.npz', zipSync(members));
  await write('Y.csv', `e1,e2,e3\n${Array.from({ length: 6 }, (_, row) => `${row},${row * 2},0.5`).join('\n')}\n`);
  await write('dataset.yaml', MANIFEST.replace('file: X.npy', 'file: data.npz#X').replace('file: Y.npy', 'file: Y.csv'));
  const { x, targets } = await wholeDataset(folder);
  assert.deepEqual([...x.data.slice(0, 4)], [0, 1, 1, 2]);
  assert.deepEqual([...(targets.xes?.y.data.slice(3, 6) ?? [])], [1, 2, 0.5]);
});

describe('invalid datasets are refused with position and fix', () => {
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
      'another number of rows',
      () => write('Y.npy', writeNpy(matrixOf(5, 3, (row) => row))),
      { code: 'rows-mismatch', message: 'Y.npy has 5 rows, X.npy has 6' },
    ],
    [
      'another number of columns',
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
    [
      'a file of an unknown format',
      () => write('dataset.yaml', MANIFEST.replace('Y.npy', 'sites.doc')),
      { code: 'array-invalid', path: 'sites.doc' },
    ],
    ['a folder for a file', () => write('dataset.yaml', MANIFEST.replace('Y.npy', '..npy/Y.npy')), { code: 'file-missing' }],
    [
      'an unknown dtype',
      () => {
        const text = Buffer.from(writeNpy(matrixOf(6, 3, (row) => row))).toString('latin1');
        return write('Y.npy', Buffer.from(text.replace('<f4', '<c8'), 'latin1'));
      },
      { code: 'array-invalid', path: 'Y.npy', message: /its data type is <c8/ },
    ],
    [
      'an unknown key of the groups',
      () => write('dataset.yaml', MANIFEST.replace('column: snapshot', 'colum: snapshot')),
      { code: 'manifest-invalid', path: 'groups.colum', fix: 'did you mean "column"?' },
    ],
    [
      'an unknown key of a descriptor',
      () => write('dataset.yaml', MANIFEST.replace('unit: degree', 'units: degree')),
      { code: 'manifest-invalid', path: 'descriptors.columns.1.units', fix: 'did you mean "unit"?' },
    ],
    [
      'a wrong type',
      () => write('dataset.yaml', MANIFEST.replace('title: Made up', 'title: 7')),
      { code: 'manifest-invalid', path: 'title', message: /expected string/ },
    ],
    [
      'a missing key',
      () => write('dataset.yaml', MANIFEST.replace(/licence.*\n/, '')),
      { code: 'manifest-invalid', path: 'licence' },
    ],
    ['no target', () => write('dataset.yaml', MANIFEST.replace(/targets.*\n/, 'targets: {}\n')), { code: 'manifest-invalid' }],
    [
      'two descriptors with one name',
      () => write('dataset.yaml', MANIFEST.replace('name: b', 'name: a')),
      { code: 'manifest-invalid', path: 'descriptors.columns', message: /two columns share a name/ },
    ],
    [
      'a name that a spec could not contain',
      () => write('dataset.yaml', MANIFEST.replace('little', 'lit@tle')),
      { code: 'manifest-invalid', path: 'name' },
    ],
    ['no YAML mapping', () => write('dataset.yaml', '- a list'), { code: 'manifest-invalid' }],
    ['an empty manifest', () => write('dataset.yaml', ''), { code: 'manifest-invalid' }],
    [
      'a missing member of an archive',
      async () => {
        await write('data.npz', zipSync({ 'Z.npy': writeNpy(matrixOf(6, 2, () => 1)) }));
        await write('dataset.yaml', MANIFEST.replace('X.npy', 'data.npz#X'));
      },
      { code: 'array-invalid', path: 'data.npz#X', fix: 'its members are Z' },
    ],
    [
      'a truncated archive',
      async () => {
        await write('data.npz', zipSync({ 'X.npy': writeNpy(matrixOf(6, 2, () => 1)) }).slice(0, -30));
        await write('dataset.yaml', MANIFEST.replace('X.npy', 'data.npz#X'));
      },
      { code: 'array-invalid', path: 'data.npz' },
    ],
    [
      'another number of groups',
      () => write('sites.csv', 'id,snapshot\n1,a\n'),
      { code: 'rows-mismatch', message: 'sites.csv has 1 rows, X.npy has 6' },
    ],
    [
      'a list without a line of names',
      async () => {
        await write('ids.txt', 'm1\nm2\nm3\nm4\nm5\nm6\n');
        await write('dataset.yaml', `${MANIFEST}ids: ids.txt\n`);
      },
      { code: 'rows-mismatch', path: 'ids.txt', fix: /first line of a text table has the names/ },
    ],
    [
      'another number of rows of the geometry',
      async () => {
        await write('xyz.npy', writeNpy(matrixOf(5, 9, () => 1)));
        await write('dataset.yaml', `${MANIFEST}geometry: xyz.npy\n`);
      },
      { code: 'rows-mismatch', path: 'xyz.npy' },
    ],
    [
      'a NaN in the geometry',
      async () => {
        await write('xyz.npy', writeNpy(matrixOf(6, 9, (row, column) => (row + column === 14 - 1 ? Number.NaN : 1))));
        await write('dataset.yaml', `${MANIFEST}geometry: xyz.npy\n`);
      },
      { code: 'not-finite', path: 'xyz.npy[5, 8]' },
    ],
    [
      'an array without columns',
      () => write('Y.npy', writeNpy(matrixOf(6, 0, () => 0))),
      { code: 'array-invalid', message: /no columns/ },
    ],
    [
      'descriptors in another order than the file',
      async () => {
        await write('X.csv', `b,a\n${'1,2\n'.repeat(6)}`);
        await write('dataset.yaml', MANIFEST.replace('X.npy', 'X.csv'));
      },
      { code: 'columns-mismatch', path: 'descriptors.columns.0.name', fix: /order of the file: b, a/ },
    ],
    [
      'groups that are not a table',
      () => write('dataset.yaml', MANIFEST.replace('sites.csv', 'X.npy')),
      { code: 'array-invalid' },
    ],
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
      const store = memoryArrays();
      await assert.rejects(imported(store), expected);
      assert.equal(store.blobs.size, 0, 'nothing is half-imported');
    });
  }
});
