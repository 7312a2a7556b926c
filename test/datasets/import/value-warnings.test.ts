import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeNpyArray } from '../../../datasets/formats/npy.ts';
import { stream } from '../../../models/random.ts';
import { checkFolder } from '../../support/whole.ts';

const ROWS = 60;
const COLUMNS = 6;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'narrows-values-'));
  await writeFile(join(folder, 'e.csv'), `e\n${[...Array(COLUMNS).keys()].join('\n')}\n`);
});
after(() => rm(folder, { recursive: true, force: true }));

type Value = (row: number, column: number, random: number) => number;
const random: Value = (_row, _column, normal) => normal;

/** Writes float64 [ROWS, columns]. */
async function write(name: string, columns: number, value: Value): Promise<void> {
  const { normal } = stream(1, name);
  const data = Float64Array.from({ length: ROWS * columns }, (_, at) => value(Math.floor(at / columns), at % columns, normal()));
  await writeFile(join(folder, name), writeNpyArray({ shape: [ROWS, columns], data }));
}

/** Imports X of two columns and a spectrum, or values without energies. */
async function check(x: Value, y: Value, { isSpectrum = true, columns = COLUMNS } = {}) {
  await write('X.npy', 2, x);
  await write('Y.npy', columns, y);
  const energies = isSpectrum ? ', energies: e.csv' : '';
  const head = 'name: a\ntitle: b\nlicence: c\nsource: d\n';
  const descriptors = 'descriptors: { file: X.npy, columns: [{ name: E_tot, unit: eV }, { name: b, unit: 1 }] }';
  await writeFile(join(folder, 'dataset.yaml'), `${head}${descriptors}\ntargets: { y: { file: Y.npy${energies}, unit: 1 } }\n`);
  const dataset = await checkFolder(folder);
  return { ...dataset, warnings: dataset.warnings.map(({ code, path, message }) => `${code} ${path}: ${message}`) };
}

const warningsOf = async (...of: Parameters<typeof check>) => (await check(...of)).warnings;

test('ordinary values cause no warning, near zero, constant or whole', async () => {
  assert.deepEqual(await warningsOf(random, random), []);
  assert.deepEqual(await warningsOf((row, column) => (column ? 1 / 3 : Math.floor(row / 3)), random), []);
  assert.deepEqual(await warningsOf(random, (_, column, normal) => (column ? 1e-200 * normal : normal)), []);
});

describe('precision', () => {
  test('a large mean whose spread float32 rounds is reported, and counts as the sweep counts it', async () => {
    const energy =
      (spread: number): Value =>
      (_, column, normal) =>
        column === 0 ? spread * normal - 50_000 : normal;
    assert.deepEqual((await check(energy(10), random)).warnings, []);
    const rough = await check(energy(0.07), random);
    assert.equal(rough.varying, 2);
    assert.match(
      rough.warnings.join(),
      /^precision-lost descriptors: .* spread of E_tot \(mean -\d+\.?\d*, deviation 0\.0\d+\): subtract/,
    );
    for (const spread of [0.01, 1e-6]) {
      const lost = await check(energy(spread), random);
      assert.equal(lost.varying, 1);
      assert.match(lost.warnings.join(), /deviation \S+: counts as constant\)/);
    }
  });
  test('spectra are judged as a whole, other targets column by column', async () => {
    const y: Value = (_, column, normal) => (column === 0 ? normal : 1e4 + 1e-3 * normal);
    assert.deepEqual(await warningsOf(random, y), []);
    assert.match(
      (await warningsOf(random, y, { isSpectrum: false })).join(),
      /^precision-lost targets\.y: .*column 1 .*column 5 /,
    );
    const all: Value = (_, _column, normal) => 1e6 + normal;
    assert.match((await warningsOf(random, all)).join(), /^precision-lost targets\.y: .* the spectra of Y\.npy/);
  });
  test('values below float32 are refused', async () => {
    for (const size of [1e-43, 1e-60, 1e-200]) {
      await assert.rejects(
        check(random, (_, _column, normal) => size * (3 + normal)),
        {
          code: 'values-underflow',
          path: 'targets.y.file',
          fix: /larger unit/,
        },
      );
      await assert.rejects(
        check((_, column, normal) => (column ? size * (3 + normal) : normal), random),
        {
          code: 'values-underflow',
          message: /^the values of b in X\.npy are about/,
          path: 'descriptors.columns.1',
        },
      );
    }
    assert.deepEqual(await warningsOf(random, () => 0), [
      'rows-repeated targets.y: 60 rows from row 0 to 59 of Y.npy are 0 in every column: were they ever written?',
    ]);
  });
});

describe('rows that were never written', () => {
  test('rows of one value, at the end or in between', async () => {
    const late = await warningsOf(random, (row, _, normal) => (row < 30 ? normal : 0));
    assert.deepEqual(late, [
      'rows-repeated targets.y: 30 rows from row 30 to 59 of Y.npy are 0 in every column: were they ever written?',
    ]);
    const between = await warningsOf(random, (row, _, normal) => (row % 4 === 3 ? -1 : normal));
    assert.match(between.join(), /15 rows from row 3 to 59 of Y\.npy are -1 in every column/);
    assert.match(
      (await warningsOf(random, (row, _, normal) => (row === 7 ? 0 : normal))).join(),
      /: row 7 of Y\.npy is 0 in every/,
    );
  });
  test('rows equal to the one before', async () => {
    const found = await warningsOf(random, (row, column, normal) => (row < 40 ? normal : column));
    assert.match(found.join(), /19 rows from row 41 to 59 of Y\.npy are equal to the row before/);
  });
  test('few columns: a long run', async () => {
    const options = { isSpectrum: false, columns: 1 };
    assert.match(
      (await warningsOf(random, (row, _, normal) => (row < 30 ? normal : 0), options)).join(),
      /30 rows from row 30 to 59/,
    );
    assert.match(
      (await warningsOf((row, _, normal) => (row < 30 ? normal : 0), random)).join(),
      /rows-repeated descriptors: 30 rows/,
    );
    assert.deepEqual(await warningsOf(random, (row) => Math.floor(row / 20), options), [], 'sorted classes');
  });
});

describe('a column that counts the rows', () => {
  test('from 0 or 1, in any order, with its share of the variance', async () => {
    for (const first of [0, 1]) {
      for (const place of [(row: number) => row, (row: number) => (7 * row) % ROWS]) {
        const found = await warningsOf(random, (row, column, normal) => (column === 0 ? place(row) + first : normal));
        assert.match(
          found.join(),
          /^column-counts-rows targets\.y: column 0 of Y\.npy counts the rows, and has 9\d\.\d % of the variance/,
        );
      }
    }
    assert.deepEqual(
      await warningsOf((row, column, normal) => (column ? row : normal), random),
      [],
      'a descriptor that is named',
    );
  });
  test('over the partitions of Spark', async () => {
    const id = (row: number) => (row % 20) + Math.floor(row / 20) * 2 ** 33;
    const found = await warningsOf(random, (row, column, normal) => (column === 2 ? id(row) : normal), { isSpectrum: false });
    assert.match(
      found.join(),
      /column-counts-rows targets\.y: column 2 of Y\.npy counts the rows, and has 100 % of the variance/,
    );
  });
  test('not a column of steps of another size', async () => {
    assert.deepEqual(await warningsOf((row) => 0.5 * row, random), []);
  });
});
