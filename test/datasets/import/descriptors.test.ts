import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { descriptorColumns, type JoinedArray, loadList, loadMatrix } from '../../../datasets/description.ts';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { findWarnings } from '../../../datasets/import/warnings.ts';
import { readManifest } from '../../../datasets/manifest.ts';
import { summarizeDataset } from '../../../datasets/summary.ts';
import { verifyDataset } from '../../../datasets/verification.ts';
import { memoryArrays } from '../../support/array-store.ts';
import { matrixOf } from '../../support/data.ts';
import { writeHdf5 } from '../../support/files.ts';
import { fixture, fixtureTable, glass } from '../../support/structures.ts';
import { checkFolder, storedFolder, wholeDataset } from '../../support/whole.ts';

const HEAD =
  'name: little\ntitle: Made up\nlicence: MIT\nsource: this test\ntargets: { xes: { file: Y.npy, unit: arbitrary } }\n';
const COULOMB = 'descriptors: { from: { file: a.xyz, kind: coulomb-matrix, site: Ge, neighbours: { O: 2, Ge: 1 } } }\n';
const GROUPS = 'groups: { file: a.xyz, key: snapshot }\n';
const STRUCTURES = glass(4, ['O', 'Ge', 'O', 'Ge', 'O']);

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'narrows-structures-'));
});
after(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  await write('dataset.yaml', HEAD + COULOMB + GROUPS);
  await write('a.xyz', STRUCTURES);
  await write('Y.npy', writeNpy(matrixOf(8, 3, (row, e) => row * e)));
});

const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);

async function imported() {
  const store = memoryArrays();
  return { store, ...(await storedFolder(folder, store)) };
}

test('each site gives a row with id, group, and columns with names, units and meaning', async () => {
  const { store, description } = await imported();
  assert.deepEqual([description.x.rows, description.x.columns, description.varying], [8, 6, 6]);
  assert.deepEqual(await loadList(store, description.ids as string[]), ['0:1', '0:3', '1:1', '1:3', '2:1', '2:3', '3:1', '3:3']);
  const { parts = [], count } = description.groups ?? {};
  assert.deepEqual([count, await loadList(store, parts)], [2, ['s0', 's0', 's0', 's0', 's1', 's1', 's1', 's1']]);
  assert.deepEqual(descriptorColumns(description)[2], {
    name: 'Ge0-Ge1',
    unit: '1/angstrom',
    distance: { numerator: 1024, unit: 'angstrom', pair: ['Ge0', 'Ge1'] },
  });
  const { descriptors } = await summarizeDataset(store, description);
  assert.deepEqual(
    descriptors.map(({ name, unit }) => [name, unit]),
    [
      ['Ge0-O1', '1/angstrom'],
      ['Ge0-O2', '1/angstrom'],
      ['Ge0-Ge1', '1/angstrom'],
      ['O1-O2', '1/angstrom'],
      ['O1-Ge1', '1/angstrom'],
      ['O2-Ge1', '1/angstrom'],
    ],
  );
});

test('descriptors of the shipped water from its structures equal its table', async () => {
  await write('a.xyz', fixture('water.xyz'));
  await write('Y.npy', writeNpy(matrixOf(7, 3, (row, e) => row * e)));
  await write(
    'dataset.yaml',
    `${HEAD}descriptors:
  from:
    file: a.xyz
    kind: internal-coordinates
    coordinates: { alpha: [1, 0, 2], b_long: [0, 1], b_short: [0, 2] }
    sort: falling
ids: { file: a.xyz, key: id }
`,
  );
  const { x, columns, ids, groups } = await wholeDataset(folder);
  assert.deepEqual(
    columns.map(({ name }) => name),
    ['alpha', 'b_long', 'b_short'],
  );
  assert.equal(ids?.[0], 'h2o_00000');
  assert.equal(groups, null);
  const { data } = fixtureTable('water.csv');
  x.data.forEach((value, i) => {
    assert.ok(Math.abs(value - (data[i] as number)) < 2.5e-7 * value);
  });
});

test('periodicity and shortest distance are stored; fractional coordinates and unread cells give warnings', async () => {
  const structuresOf = async (text: string, site = 'Ge') => {
    await write('a.xyz', text);
    await write('dataset.yaml', HEAD + COULOMB.replace('{ O: 2, Ge: 1 }', '{ O: 1 }').replace('site: Ge', `site: ${site}`));
    await write('Y.npy', writeNpy(matrixOf(2, 3, (row, e) => row * e)));
    const { store, description } = await imported();
    const { structures } = await summarizeDataset(store, description);
    const warnings = findWarnings(await checkFolder(folder));
    return { structures, codes: warnings.map(({ code }) => code), messages: warnings.map(({ message }) => message).join() };
  };
  const frames = (comment: string, z: readonly number[]) =>
    z.map((height) => `2\n${comment}\nGe 0 0 0\nO 0 0 ${height}\n`).join('');
  const slab = await structuresOf(frames('Lattice="5 0 0 0 5 0 0 0 0" pbc="T T F"', [1.75, 1.7]));
  assert.deepEqual(slab.structures, {
    frames: 2,
    periodic: [true, true, false],
    closest: { distance: 1.7, atoms: [0, 1], frame: 'frame 1' },
    unreadCell: null,
  });
  assert.deepEqual(slab.codes, []);
  const fractional = await structuresOf(frames('cell: 10 10 10', [0.17, 0.18]));
  assert.deepEqual(fractional.structures?.unreadCell, { frame: 'frame 0', text: 'cell: 10 10 10' });
  assert.deepEqual(fractional.codes, ['cell-unread', 'atoms-close']);
  assert.match(fractional.messages, /shortest distance is 0\.17 angstrom \(atoms 0 and 1 of frame 0\): .*fractional/);
});

test('the version covers the structures and the setting of the manifest, including its order', async () => {
  const versions = [(await imported()).version];
  await write('a.xyz', STRUCTURES.replace('snapshot=s0', 'snapshot=s9'));
  versions.push((await imported()).version);
  await write('a.xyz', STRUCTURES);
  await write('dataset.yaml', HEAD + COULOMB.replace('O: 2, Ge: 1', 'Ge: 1, O: 2') + GROUPS);
  versions.push((await imported()).version);
  assert.equal(new Set(versions).size, 3);
  await write('dataset.yaml', HEAD + COULOMB + GROUPS);
  assert.equal((await imported()).version, versions[0]);
});

test('verify detects a change of the structures', async () => {
  const { store, description } = await imported();
  assert.equal((await verifyDataset(store, description)).folderState, 'unchanged');
  await write('a.xyz', STRUCTURES.replace('snapshot=s0', 'snapshot=s9'));
  const { folderState, changed } = await verifyDataset(store, description);
  assert.deepEqual([folderState, changed], ['changed', ['a.xyz']]);
});

test('ids may come from a table, with a group per frame of structures', async () => {
  await write('ids.csv', `id\n${[...'abcdefgh'].join('\n')}\n`);
  await write('dataset.yaml', `${HEAD}${COULOMB}ids: ids.csv\ngroups: a.xyz\n`);
  const { ids, groups } = await wholeDataset(folder);
  assert.deepEqual([ids?.join(''), groups?.join('')], ['abcdefgh', '00112233']);
});

test('with structures, targets and series may have any format, and moments come from the spectra', async () => {
  const energies = Float64Array.from({ length: 5 }, (_, e) => 11_000 + e);
  const spectra = matrixOf(8, 5, (row, e) => 1 + row + e);
  await writeHdf5(join(folder, 'data.h5'), {
    xes: { data: spectra.data, shape: [8, 5] },
    energies: { data: energies },
    pressure: { data: Int32Array.from({ length: 8 }, (_, row) => row >> 1) },
  });
  const targets = `targets:
  lines: { moments: { of: xes, windows: { all: [11000, 11004] }, each: [area] } }
  xes: { file: data.h5#/xes, energies: data.h5#/energies, unit: counts }
`;
  const seriesOf = 'series: { name: pressure, unit: GPa, file: data.h5#/pressure }\n';
  await write('dataset.yaml', HEAD.replace(/targets: .*\n/, targets) + COULOMB + GROUPS + seriesOf);
  const { store, description } = await imported();
  assert.deepEqual(await loadList(store, description.series as string[]), [...'00112233']);
  assert.deepEqual(description.targets.lines?.columns, [{ name: 'all area', unit: 'counts eV' }]);
  assert.deepEqual(
    [...(await loadMatrix(store, description.targets.lines?.y as JoinedArray)).data],
    Array.from({ length: 8 }, (_, row) => 4 * (3 + row)),
  );
  assert.deepEqual(Object.keys(description.files).sort(), ['a.xyz', 'data.h5#/energies', 'data.h5#/pressure', 'data.h5#/xes']);
  // X, both targets, groups, ids and series.
  const { arrays, folderState } = await verifyDataset(store, description);
  assert.deepEqual([arrays, folderState], [6, 'unchanged']);
});

test('a table may define the distance that a column means', async () => {
  await write('X.npy', writeNpy(matrixOf(8, 2, (row, column) => row + column + 1)));
  await write(
    'dataset.yaml',
    `${HEAD}descriptors:
  file: X.npy
  columns:
    - { name: c1, unit: 1/angstrom, distance: { numerator: 256, unit: angstrom, pair: [Ge, O] } }
    - { name: angle, unit: degree }
`,
  );
  const { description } = await imported();
  assert.deepEqual(descriptorColumns(description), [
    { name: 'c1', unit: '1/angstrom', distance: { numerator: 256, unit: 'angstrom', pair: ['Ge', 'O'] } },
    { name: 'angle', unit: 'degree' },
  ]);
  // As a version from before columns were stored with the manifest.
  const { columns: _, ...old } = description;
  assert.deepEqual(descriptorColumns(old), descriptorColumns(description));
});

describe('the manifests of the guide are valid', () => {
  const guide = readFileSync(new URL('../../../docs/guides/your-own-data.md', import.meta.url), 'utf8');
  const blocks = [...guide.matchAll(/```yaml\n(descriptors:[^`]*)```/g)].map(([, block]) => block as string);
  test('the guide has six of them', () => assert.equal(blocks.length, 6));
  for (const block of blocks) {
    test(block.trim().split('\n').slice(0, 4).join(' ').replaceAll(/\s+/g, ' '), async () => {
      await write('dataset.yaml', HEAD + block);
      await readManifest(folder);
    });
  }
});

describe('invalid manifests and structures are refused with position and fix', () => {
  const manifest = (from: string, to: string) => () => write('dataset.yaml', (HEAD + COULOMB + GROUPS).replace(from, to));
  const cases: [string, () => Promise<unknown>, Record<string, unknown>][] = [
    [
      'an unknown key of the descriptors',
      manifest('{ from:', '{ form:'),
      { code: 'manifest-invalid', path: 'descriptors.form', fix: 'did you mean "from"?' },
    ],
    [
      'an unknown key of a kind',
      manifest('neighbours:', 'neighbors:'),
      { code: 'manifest-invalid', path: 'descriptors.from.neighbors', fix: 'did you mean "neighbours"?' },
    ],
    [
      'a key of another kind',
      manifest('site: Ge', 'site: Ge, cutoff: 3'),
      { code: 'manifest-invalid', path: 'descriptors.from.cutoff' },
    ],
    [
      'an unknown kind',
      manifest('coulomb-matrix', 'coulomb-matrx'),
      {
        code: 'manifest-invalid',
        path: 'descriptors.from.kind',
        message: /unknown kind "coulomb-matrx": did you mean "coulomb-matrix"\?/,
      },
    ],
    [
      'no kind',
      manifest('kind: coulomb-matrix, ', ''),
      { code: 'manifest-invalid', path: 'descriptors.from.kind', message: /one of internal-coordinates, coulomb-matrix/ },
    ],
    [
      'a site that is not an element',
      manifest('site: Ge', 'site: Gee'),
      { code: 'manifest-invalid', path: 'descriptors.from.site', message: /an element .*, or the number of an atom/ },
    ],
    [
      'a neighbour that is not an element',
      manifest('{ O: 2,', '{ Ox: 2,'),
      { code: 'manifest-invalid', path: 'descriptors.from.neighbours', message: /elements and how many of each/ },
    ],
    [
      'an invalid count of neighbours',
      manifest('O: 2', 'O: 0'),
      { code: 'manifest-invalid', path: 'descriptors.from.neighbours.O' },
    ],
    [
      'both a table and structures',
      manifest('{ from:', '{ file: X.npy, from:'),
      { code: 'manifest-invalid', path: 'descriptors.from', message: /remove file and columns/ },
    ],
    [
      'neither a table nor structures',
      manifest(COULOMB, 'descriptors: {}\n'),
      { code: 'manifest-invalid', path: 'descriptors.file', message: /name a file and its columns, or the structures/ },
    ],
    [
      'columns without a file',
      manifest(COULOMB, 'descriptors: { columns: [{ name: a, unit: b }] }\n'),
      { code: 'manifest-invalid', path: 'descriptors.file' },
    ],
    [
      'a coordinate of five atoms',
      manifest(
        COULOMB,
        'descriptors: { from: { file: a.xyz, kind: internal-coordinates, coordinates: { a: [0, 1, 2, 3, 4] } } }\n',
      ),
      { code: 'manifest-invalid', path: 'descriptors.from.coordinates.a' },
    ],
    [
      'a coordinate whose name would change its order',
      manifest(
        COULOMB,
        'descriptors: { from: { file: a.xyz, kind: internal-coordinates, coordinates: { b: [0, 1], 1: [0, 2] } } }\n',
      ),
      { code: 'manifest-invalid', path: 'descriptors.from.coordinates.1' },
    ],
    [
      'both coordinates and bonds',
      manifest(
        COULOMB,
        'descriptors: { from: { file: a.xyz, kind: internal-coordinates, coordinates: { a: [0, 1] }, bonds: [[0, 1]] } }\n',
      ),
      { code: 'manifest-invalid', path: 'descriptors.from', message: /remove one/ },
    ],
    [
      'an unknown key of a distance',
      manifest(
        COULOMB,
        'descriptors: { file: X.npy, columns: [{ name: a, unit: b, distance: { numerator: 1, units: angstrom } }] }\n',
      ),
      { code: 'manifest-invalid', path: 'descriptors.columns.0.distance.units', fix: 'did you mean "unit"?' },
    ],
    [
      'an invalid numerator',
      manifest(
        COULOMB,
        'descriptors: { file: X.npy, columns: [{ name: a, unit: b, distance: { numerator: 0, unit: angstrom } }] }\n',
      ),
      { code: 'manifest-invalid', path: 'descriptors.columns.0.distance.numerator' },
    ],
    [
      'structures of another kind of file',
      manifest('file: a.xyz, kind', 'file: a.cif, kind'),
      { code: 'manifest-invalid', path: 'descriptors.from.file', message: /\.xyz, \.extxyz or feff\.inp/ },
    ],
    ['structures that are not there', () => rm(join(folder, 'a.xyz')), { code: 'file-missing', path: 'a.xyz' }],
    [
      'structures outside the folder',
      manifest('a.xyz, kind', '../a.xyz, kind'),
      { code: 'manifest-invalid', path: 'groups.file' },
    ],
    [
      'structures outside the folder, without groups',
      () => write('dataset.yaml', HEAD + COULOMB.replace('a.xyz', '../a.xyz')),
      { code: 'path-outside', path: '../a.xyz' },
    ],
    [
      'groups by a key that the frames lack',
      manifest('key: snapshot', 'key: frame'),
      {
        code: 'structures-unfit',
        path: 'a.xyz:1',
        message: /its comment line has no key "frame"/,
        fix: 'add frame=... to every comment line; this one has snapshot',
      },
    ],
    [
      'groups by a column of structures',
      manifest('key: snapshot', 'column: snapshot'),
      { code: 'manifest-invalid', path: 'groups.column', fix: /name a key/ },
    ],
    [
      'groups by a key of a table',
      manifest('file: a.xyz, key', 'file: sites.csv, key'),
      { code: 'manifest-invalid', path: 'groups.key', fix: /name its column/ },
    ],
    [
      'ids of structures that the descriptors are not computed from',
      () => write('dataset.yaml', `${HEAD}${COULOMB}ids: b.xyz\n`),
      { code: 'manifest-invalid', path: 'ids.file' },
    ],
    [
      'targets of other rows than there are sites',
      () => write('Y.npy', writeNpy(matrixOf(7, 3, () => 1))),
      { code: 'rows-mismatch', message: 'Y.npy has 7 rows, a.xyz gives 8' },
    ],
    [
      'a truncated frame',
      async () => write('a.xyz', (await readFile(join(folder, 'a.xyz'), 'utf8')).split('\n').slice(0, -3).join('\n')),
      {
        code: 'structures-invalid',
        path: 'a.xyz:22',
        message: /frame 3 \(line 22\): the file ends within this frame: 3 of its 5 atoms/,
      },
    ],
  ];
  for (const [what, arrange, expected] of cases) {
    test(what, async () => {
      await arrange();
      await assert.rejects(checkFolder(folder), expected);
    });
  }
});
