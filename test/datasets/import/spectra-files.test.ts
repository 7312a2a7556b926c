import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, type TestContext, test } from 'node:test';
import { loadList, loadMatrix } from '../../../datasets/description.ts';
import { findWarnings } from '../../../datasets/import/warnings.ts';
import { verifyDataset } from '../../../datasets/verification.ts';
import { temporaryFolder } from '../../infra/folders.ts';
import { memoryArrays } from '../../support/array-store.ts';
import { feffSpectrum, writeFeffRuns } from '../../support/datasets/feff-runs.ts';
import { checkFolder, storedFolder } from '../../support/whole.ts';

const HEAD = 'name: little\ntitle: Made up\nlicence: MIT\nsource: this test\n';
const FEFF = `${HEAD}descriptors: { from: { file: runs/*/feff.inp, kind: coulomb-matrix, neighbours: { O: 4 } } }
targets: { xas: { file: runs/*/xmu.dat, unit: normalised } }
`;
const TABLE = `${HEAD}descriptors: { file: X.csv, columns: [{ name: a, unit: "" }, { name: b, unit: "" }] }\n`;
const SPECTRA = 'targets: { xas: { file: spectra/*.dat, unit: "1" } }\n';

let folder: string;
beforeEach((t) => {
  folder = temporaryFolder(t as TestContext);
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

async function imported() {
  const store = memoryArrays();
  const { description, version } = await storedFolder(folder, store);
  const target = description.targets.xas;
  if (target === undefined) throw new Error('the dataset has no target xas');
  return {
    store,
    version,
    description,
    ids: await loadList(store, description.ids ?? []),
    x: await loadMatrix(store, description.x),
    energies: target.energies ?? [],
    y: await loadMatrix(store, target.y),
  };
}

const warningCodes = async () => findWarnings(await checkFolder(folder)).map(({ code }) => code);

describe('runs of FEFF', () => {
  test('give a row each: the absorber with its neighbours, mu over omega, the id of the folder', async () => {
    writeFeffRuns(folder, 12);
    write({ 'dataset.yaml': FEFF });
    const { store, description, ids, x, y, energies } = await imported();
    assert.deepEqual(
      ids,
      Array.from({ length: 12 }, (_, i) => String(i + 1)),
    );
    assert.deepEqual([x.rows, x.columns, y.rows, y.columns], [12, 10, 12, 30]);
    assert.deepEqual([energies[0], energies.at(-1)], [8969, 8998]);
    const mu = feffSpectrum(10)
      .split('\n')
      .slice(2, -1)
      .map((line) => Number(line.trim().split(/\s+/)[3]));
    assert.deepEqual([...y.data.subarray(9 * 30, 10 * 30)], [...Float32Array.from(mu)]);
    assert.deepEqual(await warningCodes(), []);
    assert.equal((await verifyDataset(store, description)).folderState, 'unchanged');
    appendFileSync(join(folder, 'runs/3/xmu.dat'), '# changed\n');
    assert.deepEqual((await verifyDataset(store, description)).changed, ['runs/*/xmu.dat']);
  });

  test('may name their absorber, another column, and groups', async () => {
    writeFeffRuns(folder, 4);
    write({ 'dataset.yaml': FEFF.replace('neighbours', 'site: absorber, neighbours').replace('xmu.dat', 'xmu.dat#chi') });
    const { y, version } = await imported();
    assert.ok((y.data[0] as number) < 0.01);
    write({ 'dataset.yaml': `${FEFF}groups: runs/*/feff.inp\n` });
    const grouped = await imported();
    assert.equal(grouped.description.groups?.count, 4);
    assert.notEqual(grouped.version, version);
  });

  test('on grids that differ are interpolated linearly onto energies that all have, with a warning', async () => {
    writeFeffRuns(folder, 6, (run) => 0.25 * (run % 3));
    write({ 'dataset.yaml': FEFF });
    const { energies, y } = await imported();
    // Run 1 begins at 8969.25, run 2 at 8969.5, run 3 ends at 8998.
    assert.deepEqual([energies.length, energies[0], energies.at(-1)], [28, 8970.25, 8997.25]);
    const rows = feffSpectrum(3)
      .split('\n')
      .slice(2, -1)
      .map((line) => line.trim().split(/\s+/).map(Number));
    const [low = [], high = []] = rows.filter(([omega = 0]) => omega === 8970 || omega === 8971);
    const expected = 0.75 * (low[3] as number) + 0.25 * (high[3] as number);
    assert.ok(Math.abs((y.data[2 * 28] as number) - expected) < 1e-6);
    assert.deepEqual(await warningCodes(), ['spectra-interpolated']);
  });

  test('are interpolated onto the grid of the manifest, which every file must cover', async () => {
    writeFeffRuns(folder, 6, (run) => 0.25 * (run % 3));
    const withGrid = (grid: string) => write({ 'dataset.yaml': FEFF.replace('xmu.dat,', `xmu.dat, grid: ${grid},`) });
    withGrid('[8970, 8990, 0.5]');
    const { energies } = await imported();
    assert.deepEqual([energies.length, energies[0], energies.at(-1)], [41, 8970, 8990]);
    withGrid('[8960, 8990, 0.5]');
    await assert.rejects(checkFolder(folder), {
      code: 'grids-differ',
      path: 'runs/2/xmu.dat',
      message: 'runs/2/xmu.dat begins at 8969.5, the grid begins at 8960',
      fix: /8969\.5 to 8998/,
    });
    withGrid('[8990, 8960, 0.5]');
    await assert.rejects(checkFolder(folder), { code: 'manifest-invalid', path: 'targets.xas.grid' });
  });

  test('of several edges are refused', async () => {
    writeFeffRuns(folder, 4, (run) => (run === 3 ? 200 : 0));
    write({ 'dataset.yaml': FEFF });
    await assert.rejects(checkFolder(folder), {
      code: 'grids-differ',
      message: /no energies are common to all files: runs\/3\/xmu\.dat begins/,
    });
  });

  test('that are not complete are refused with their names', async () => {
    writeFeffRuns(folder, 4);
    write({ 'dataset.yaml': FEFF });
    rmSync(join(folder, 'runs/3/xmu.dat'));
    await assert.rejects(checkFolder(folder), { code: 'rows-mismatch', message: /no file for "3"/ });
    renameSync(join(folder, 'runs/3/feff.inp'), join(folder, 'runs/3/other.inp'));
    assert.deepEqual((await imported()).ids, ['1', '2', '4']);
    rmSync(join(folder, 'runs/4/feff.inp'));
    await assert.rejects(checkFolder(folder), {
      code: 'rows-mismatch',
      path: 'runs/4/xmu.dat',
      message: /no row .* the name "4"/,
    });
  });
});

describe('a file of two columns for each spectrum', () => {
  const spectrum = (row: number, { falls = false } = {}) => {
    const lines = [0, 1, 2, 3].map((e) => `${100 + e} ${(10 * row + e).toFixed(1)}`);
    return `# energy intensity\n${(falls ? lines.reverse() : lines).join('\n')}\n`;
  };
  const x = (rows: number) => `a,b\n${Array.from({ length: rows }, (_, i) => `${i % 3},${i * i}`).join('\n')}\n`;

  test('gives rows in natural order of the names, which are the ids', async () => {
    write({
      'dataset.yaml': TABLE + SPECTRA,
      'X.csv': x(3),
      'spectra/s10.dat': spectrum(3),
      'spectra/s9.dat': spectrum(2),
      'spectra/s1.dat': spectrum(1, { falls: true }),
    });
    const { ids, y, energies } = await imported();
    assert.deepEqual(ids, ['s1', 's9', 's10']);
    assert.deepEqual(energies, [100, 101, 102, 103]);
    assert.deepEqual([...y.data], [10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33]);
  });

  test('finds its row by the id, where ids are the names of the files', async () => {
    write({ 'dataset.yaml': `${TABLE}${SPECTRA}ids: ids.csv\n`, 'X.csv': x(3), 'ids.csv': 'id\nc\na\nb\n' });
    write({ 'spectra/a.dat': spectrum(1), 'spectra/b.dat': spectrum(2), 'spectra/c.dat': spectrum(3) });
    const { ids, y } = await imported();
    assert.deepEqual([ids, y.data[0], y.data[4], y.data[8]], [['c', 'a', 'b'], 30, 10, 20]);
    rmSync(join(folder, 'spectra/b.dat'));
    await assert.rejects(checkFolder(folder), { code: 'rows-mismatch', message: /no file for "b"/ });
  });

  test('goes with one file of structures each, and with frames that have an id', async () => {
    const water = (r: number, comment = '') => `3\n${comment}\nO 0 0 0\nH 0 0 ${r}\nH ${r} 0 0\n`;
    const from = (file: string) =>
      `${HEAD}descriptors: { from: { file: "${file}", kind: coulomb-matrix, site: O, neighbours: { H: 2 } } }\n${SPECTRA}`;
    write({ 'dataset.yaml': from('structures/*.xyz'), 'structures/b.xyz': water(0.9), 'structures/a.xyz': water(1) });
    write({ 'spectra/a.dat': spectrum(1), 'spectra/b.dat': spectrum(2) });
    const files = await imported();
    assert.deepEqual([files.ids, files.x.data[0], files.y.data[4]], [['a:0', 'b:0'], 8, 20]);
    write({
      'dataset.yaml': `${from('all.xyz')}ids: { file: all.xyz, key: id }\n`,
      'all.xyz': water(0.9, 'id=b') + water(1, 'id=a'),
    });
    const frames = await imported();
    assert.deepEqual([frames.ids, frames.y.data[0]], [['b:0', 'a:0'], 20]);
  });

  test('may have any ending, and a column of its own for the spectrum', async () => {
    write({ 'dataset.yaml': `${TABLE}targets: { xas: { file: "spectra/absspct_*_1s_01#1", unit: "1" } }\n`, 'X.csv': x(2) });
    for (const site of ['0001', '0002']) write({ [`spectra/absspct_Ti.${site}_1s_01`]: '  1.0  5.0  7.0\n  2.0  6.0  8.0\n' });
    assert.deepEqual([...(await imported()).y.data], [5, 6, 5, 6]);
  });

  test('has an area for moments', async () => {
    const moments =
      'targets: { xas: { file: spectra/*.dat, unit: "1" }, m: { moments: { of: xas, windows: { all: [100, 103] }, each: [area] } } }\n';
    write({ 'dataset.yaml': TABLE + moments, 'X.csv': x(2), 'spectra/1.dat': spectrum(1), 'spectra/2.dat': spectrum(2) });
    const { description, store } = await imported();
    const y = description.targets.m?.y;
    assert.deepEqual(y && [...(await loadMatrix(store, y)).data], [34.5, 64.5]);
  });

  const good = { 'dataset.yaml': TABLE + SPECTRA, 'X.csv': x(2), 'spectra/1.dat': spectrum(1), 'spectra/2.dat': spectrum(2) };
  const cases: [string, Record<string, string>, Record<string, unknown>][] = [
    ['energies out of order', { 'spectra/2.dat': '1 1\n3 1\n2 1\n' }, { code: 'energies-not-rising', path: 'spectra/2.dat[2]' }],
    ['one column', { 'spectra/2.dat': '1\n2\n' }, { code: 'array-invalid', path: 'spectra/2.dat' }],
    [
      'more columns than two',
      { 'spectra/2.dat': '1 1 1\n2 2 2\n' },
      { code: 'array-invalid', message: /it has 3 columns: 0, 1, 2/, fix: /#0,3/ },
    ],
    [
      'a first row with text',
      { 'spectra/2.dat': '# e y\n1 none\n2 2\n' },
      { code: 'array-invalid', message: /first row has "none"/ },
    ],
    [
      'a number that is too wide',
      { 'spectra/2.dat': '# e y\n1 ****\n2 2\n' },
      { code: 'array-invalid', message: /Fortran writes \*/ },
    ],
    ['one energy', { 'spectra/2.dat': '1 1\n' }, { code: 'array-invalid', message: /it has 1 energies/ }],
    ['a value that is not a number', { 'spectra/2.dat': '1 1\n2 NaN\n' }, { code: 'not-finite', path: 'spectra/2.dat[1]' }],
    [
      'more files than rows',
      { 'spectra/3.dat': spectrum(3) },
      { code: 'rows-mismatch', message: 'spectra/*.dat has 3 files, X.csv has 2' },
    ],
    ['no file', { 'dataset.yaml': (TABLE + SPECTRA).replace('*.dat', '*.txt') }, { code: 'file-missing', path: 'spectra/*.txt' }],
    ['files outside the folder', { 'dataset.yaml': (TABLE + SPECTRA).replace('spectra/', '../') }, { code: 'path-outside' }],
    [
      'energies as well',
      { 'dataset.yaml': (TABLE + SPECTRA).replace('*.dat,', '*.dat, energies: e.csv,') },
      { code: 'manifest-invalid', path: 'targets.xas.energies' },
    ],
    [
      'a grid for one file',
      { 'dataset.yaml': (TABLE + SPECTRA).replace('*.dat,', '1.dat, grid: [1, 2, 0.1],') },
      { code: 'manifest-invalid', path: 'targets.xas.grid' },
    ],
  ];
  for (const [what, files, expected] of cases) {
    test(`is refused: ${what}`, async () => {
      write({ ...good, ...files });
      await assert.rejects(checkFolder(folder), expected);
    });
  }
});
