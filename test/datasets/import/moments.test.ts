/** Moments of spectra as a target, from the manifest to the data of a pack. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { loadPackData } from '../../../datasets/pack-data.ts';
import { summarizeDataset } from '../../../datasets/summary.ts';
import { verifyDataset } from '../../../datasets/verification.ts';
import { memoryArrays } from '../../support/array-store.ts';
import { matrixOf } from '../../support/data.ts';
import { checkFolder, storedFolder, wholeDataset } from '../../support/whole.ts';

const ROWS = 40;
/** 11050 to 11150 in steps of 0.25. */
const POINTS = 401;
const energyOf = (e: number) => 11_050 + e / 4;
/**
 * Two lines per row: the lower at 11080 + row / 20, 3 wide; the upper at 11110 - row / 10, 2 wide
 * and half as high.
 */
const lineOf = (energy: number, centre: number, width: number) => Math.exp(-(((energy - centre) / width) ** 2) / 2);
const spectrum = (row: number, e: number) =>
  lineOf(energyOf(e), 11_080 + row / 20, 3) + 0.5 * lineOf(energyOf(e), 11_120 - row / 10, 2);

const MANIFEST = `name: lines
title: Made up
licence: MIT
source: this test
descriptors: { file: X.npy, columns: [{ name: a, unit: angstrom }, { name: b, unit: degree }] }
targets:
  lines:
    moments: { of: xes, windows: { lower: [11055, 11100], "Kβ''": [11101, 11140] } }
  xes: { file: Y.npy, energies: energy.csv, unit: 1 / eV }
`;

let root: string;
let folder: string;
let number = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'narrows-moments-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(root, String(number++));
  await mkdir(folder);
  await write('dataset.yaml', MANIFEST);
  await write('X.npy', writeNpy(matrixOf(ROWS, 2, (row, column) => (column === 0 ? row : row * row))));
  await write('Y.npy', writeNpy(matrixOf(ROWS, POINTS, spectrum)));
  await write('energy.csv', `energy\n${Array.from({ length: POINTS }, (_, e) => energyOf(e)).join('\n')}\n`);
});

const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);
const rewrite = (from: string | RegExp, to: string) => write('dataset.yaml', MANIFEST.replace(from, to));

async function imported() {
  const store = memoryArrays();
  return { store, ...(await storedFolder(folder, store)) };
}

test('each window and moment gives a column with name, unit and the values of the lines', async () => {
  const { targets } = await wholeDataset(folder);
  assert.deepEqual(Object.keys(targets), ['lines', 'xes']);
  const { y, columns, energies } = targets.lines as (typeof targets)[string];
  assert.equal(energies, null);
  assert.deepEqual(
    columns?.map(({ name, unit }) => `${name} [${unit}]`),
    [
      'lower area [(1 / eV) eV]',
      'lower mean [eV]',
      'lower width [eV]',
      'lower skewness [1]',
      "Kβ'' area [(1 / eV) eV]",
      "Kβ'' mean [eV]",
      "Kβ'' width [eV]",
      "Kβ'' skewness [1]",
    ],
  );
  const root2pi = Math.sqrt(2 * Math.PI);
  for (let row = 0; row < ROWS; row++) {
    const found = y.data.subarray(8 * row, 8 * row + 8);
    const wanted = [3 * root2pi, 11_080 + row / 20, 3, 0, root2pi, 11_120 - row / 10, 2, 0];
    // Stored as float32, in which energies near 11080 have steps of a meV.
    const within = [1e-5, 1e-3, 1e-4, 1e-4, 1e-5, 1e-3, 1e-4, 1e-4];
    wanted.forEach((value, i) => {
      assert.ok(Math.abs((found[i] as number) - value) < (within[i] as number), `row ${row}: ${columns?.[i]?.name} ${found[i]}`);
    });
  }
});

test('spectra with a row for each energy have energies in their file', async () => {
  const { targets } = await wholeDataset(folder);
  await rewrite('file: Y.npy, energies: energy.csv', 'file: Y.txt, transposed: true');
  const rows = Array.from({ length: POINTS }, (_, e) =>
    [energyOf(e), ...Array.from({ length: ROWS }, (_, row) => spectrum(row, e))].join(' '),
  );
  await write('Y.txt', rows.join('\n'));
  assert.deepEqual((await wholeDataset(folder)).targets, targets);
  await write('Y.txt', rows.map((row) => row.replace(/^\S+ /, '')).join('\n'));
  await assert.rejects(checkFolder(folder), { code: 'manifest-invalid', fix: 'give xes its energies' });
});

test('moments come in the chosen order; a unit of one word needs no brackets', async () => {
  await write(
    'dataset.yaml',
    MANIFEST.replace(/windows: .* } }/, 'windows: { all: [11050, 11150] }, each: [mean, area] }').replace('1 / eV', 'counts'),
  );
  const { targets } = await wholeDataset(folder);
  assert.deepEqual(targets.lines?.columns, [
    { name: 'all mean', unit: 'eV' },
    { name: 'all area', unit: 'counts eV' },
  ]);
});

test('the windows are part of the version, and only the spectra are hashed', async () => {
  const first = await checkFolder(folder);
  assert.deepEqual(Object.keys(first.files).sort(), ['X.npy', 'Y.npy', 'energy.csv']);
  await rewrite('11055', '11056');
  assert.notEqual((await checkFolder(folder)).version, first.version);
});

test('moments are stored, summarised, verified and trained on like other targets', async () => {
  const { store, description } = await imported();
  const { targets } = await summarizeDataset(store, description);
  const [lines, xes] = targets;
  assert.equal(xes?.columns, null);
  assert.deepEqual([lines?.shape, lines?.energies, lines?.unit], [[ROWS, 8], null, '']);
  const mean = lines?.columns?.[1];
  assert.deepEqual([mean?.name, mean?.unit, mean?.constant], ['lower mean', 'eV', false]);
  assert.ok(Math.abs((mean?.minimum ?? 0) - 11_080) < 1e-3 && Math.abs((mean?.maximum ?? 0) - 11_081.95) < 1e-3);
  assert.deepEqual((await verifyDataset(store, description)).folderState, 'unchanged');
  const split = { train: 0.6, validation: 0.2, test: 0.2, seed: 1, by: 'random' as const };
  const data = await loadPackData(store, description, 'lines', split, { x: 'zscore', y: 'zscore' });
  assert.deepEqual([data.y.rows, data.y.columns], [ROWS, 8]);
  let square = 0;
  for (const row of data.rows.train) square += (data.y.data[8 * row + 1] as number) ** 2 / data.rows.train.length;
  assert.ok(Math.abs(square - 1) < 1e-3, 'a column of eV and one without unit count the same');
});

describe('invalid windows and moments are refused', () => {
  const at = (window: string) => `targets.lines.moments.windows.${window}`;
  const refused: [string, () => Promise<unknown>, Record<string, unknown>][] = [
    [
      'a window beyond the energies',
      () => rewrite('11055', '10055'),
      { code: 'window-invalid', path: at('lower'), fix: 'the energies of Y.npy range from 11050 to 11150 eV' },
    ],
    [
      'a window of two energies',
      () => rewrite('[11055, 11100]', '[11055.1, 11055.7]'),
      { code: 'window-invalid', path: at('lower'), message: /contains 2 energies; moments need at least 3/ },
    ],
    [
      'a row without a positive area',
      () => write('Y.npy', writeNpy(matrixOf(ROWS, POINTS, (row, e) => (row === 7 && e > 200 ? -1 : spectrum(row, e))))),
      { code: 'moments-undefined', path: at("Kβ''"), message: /^Y\.npy: row 7 has the area -39 within the window "Kβ''"/ },
    ],
    [
      'a single area that is not positive',
      async () => {
        await rewrite('11140] }', '11140] }, each: [area]');
        await write('Y.npy', writeNpy(matrixOf(ROWS, POINTS, (row, e) => (row === 7 && e > 200 ? -1 : spectrum(row, e)))));
      },
      { code: 'moments-undefined', message: /row 7 has the area -39/ },
    ],
    [
      'a row with negative wings',
      () =>
        write('Y.npy', writeNpy(matrixOf(ROWS, POINTS, (row, e) => (row === 3 ? lineOf(e, 260, 3) - 0.03 : spectrum(row, e))))),
      { code: 'moments-undefined', message: /row 3 has / },
    ],
    [
      'a descending window',
      () => rewrite('[11055, 11100]', '[11100, 11055]'),
      { code: 'manifest-invalid', path: at('lower'), message: /lower to a higher energy/ },
    ],
    [
      'no window',
      () => rewrite(/windows: {.*?} /, 'windows: {} '),
      { code: 'manifest-invalid', path: 'targets.lines.moments.windows' },
    ],
    [
      'an unknown moment',
      () => rewrite('11140] }', '11140] }, each: [area, kurtosis]'),
      { code: 'manifest-invalid', path: 'targets.lines.moments.each.1', message: /"area"\|"mean"\|"width"\|"skewness"/ },
    ],
    [
      'a moment twice',
      () => rewrite('11140] }', '11140] }, each: [area, area]'),
      { code: 'manifest-invalid', path: 'targets.lines.moments.each' },
    ],
    [
      'an unknown key',
      () => rewrite('windows', 'window'),
      { code: 'manifest-invalid', path: 'targets.lines.moments.window', fix: 'did you mean "windows"?' },
    ],
    [
      'moments of a missing target',
      () => rewrite('of: xes', 'of: xas'),
      { code: 'manifest-invalid', path: 'targets.lines.moments.of', fix: 'did you mean "xes"?' },
    ],
    [
      'moments of moments',
      () => rewrite('of: xes', 'of: lines'),
      { code: 'manifest-invalid', path: 'targets.lines.moments.of', message: /contains moments, not spectra/ },
    ],
    [
      'moments of spectra without energies',
      () => rewrite('energies: energy.csv, ', ''),
      { code: 'manifest-invalid', path: 'targets.lines.moments.of', fix: 'give xes its energies' },
    ],
    [
      'both a file and moments',
      () => rewrite('    moments:', '    file: Z.npy\n    moments:'),
      { code: 'manifest-invalid', path: 'targets.lines.moments', message: /remove file/ },
    ],
    ['a target of nothing', () => rewrite(/\n {4}moments.*/, ' {}'), { code: 'manifest-invalid', path: 'targets.lines.file' }],
  ];
  for (const [what, arrange, expected] of refused) {
    test(what, async () => {
      await arrange();
      await assert.rejects(checkFolder(folder), expected);
    });
  }

  test('limits of a window within a hundredth of a step are on the grid', async () => {
    await rewrite('[11055, 11100]', '[11055.002, 11055.499]');
    assert.equal((await checkFolder(folder)).targets.lines?.y.columns, 8);
    await rewrite('[11055, 11100]', '[11049.999, 11100]');
    assert.equal((await checkFolder(folder)).targets.lines?.y.columns, 8);
  });
});
