import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { describeModelInput, readModelInput, type TrainedOn } from '../../../datasets/import/model-input.ts';
import { readMatrix } from '../../../datasets/import/spool.ts';
import type { Matrix } from '../../../models/axes.ts';
import { temporaryFolder } from '../../infra/folders.ts';
import { matrixOf } from '../../support/data.ts';
import { feffInput, writeFeffRuns } from '../../support/datasets/feff-runs.ts';
import { scratch } from '../../support/scratch.ts';
import { glass } from '../../support/structures.ts';
import { wholeDataset } from '../../support/whole.ts';

const HEAD = 'name: little\ntitle: Made up\nlicence: MIT\nsource: this test\n';
const TARGETS = 'targets: { xes: { file: Y.npy, unit: arbitrary } }\n';
const COULOMB = 'descriptors: { from: { file: a.xyz, kind: coulomb-matrix, site: Ge, neighbours: { O: 2, Ge: 1 } } }\n';
const TABLE = 'descriptors: { file: X.csv, columns: [{ name: a, unit: "" }, { name: b, unit: "" }] }\n';
const STRUCTURES = glass(4, ['O', 'Ge', 'O', 'Ge', 'O']);

/** Imports a folder with these files, as a model's dataset. */
async function dataset(t: TestContext, descriptors: string, file: string, text: string, rows: number) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'dataset.yaml'), HEAD + descriptors + TARGETS);
  writeFileSync(join(folder, file), text);
  writeFileSync(join(folder, 'Y.npy'), writeNpy(matrixOf(rows, 3, (row, e) => row * e)));
  const { manifest, columns, x } = await wholeDataset(folder);
  return { folder, x, dataset: { manifest, columns } };
}

const read = async (path: string, trained: TrainedOn): Promise<Matrix> =>
  readMatrix(await readModelInput(path, trained, { scratch }));
const describeText = async (text: string, trained: TrainedOn): Promise<Matrix> =>
  readMatrix(await describeModelInput(text, trained, { scratch }));

test('structures give the X of the import, as a file, in a folder, as a dataset and as text', async (t) => {
  const { folder, x, dataset: trained } = await dataset(t, COULOMB, 'a.xyz', STRUCTURES, 8);
  const elsewhere = temporaryFolder(t);
  writeFileSync(join(elsewhere, 'new #1.xyz'), STRUCTURES);
  mkdirSync(join(elsewhere, 'run'));
  writeFileSync(join(elsewhere, 'run', 'a.xyz'), STRUCTURES);
  for (const path of [join(folder, 'a.xyz'), join(elsewhere, 'new #1.xyz'), join(elsewhere, 'run'), folder])
    assert.deepEqual(await read(path, trained), x, path);
  assert.deepEqual(await describeText(STRUCTURES, trained), x);
});

test('a dataset whose descriptors are computed in another way is refused', async (t) => {
  const { dataset: trained } = await dataset(t, COULOMB, 'a.xyz', STRUCTURES, 8);
  const { folder } = await dataset(t, COULOMB.replace('Ge: 1', 'Ge: 2'), 'a.xyz', STRUCTURES, 8);
  await assert.rejects(read(folder, trained), { code: 'input-unfit', message: /descriptors\.from\.neighbours: neighbours is/ });
  const table = await dataset(t, TABLE, 'X.csv', 'a,b\n1,2\n3,4\n', 2);
  const other = await dataset(t, TABLE.replace('name: b, unit: ""', 'name: b, unit: nm'), 'X.csv', 'a,b\n1,2\n3,4\n', 2);
  await assert.rejects(read(other.folder, table.dataset), { code: 'input-unfit', message: /of b, unit is "nm", not ""/ });
});

test('a table gives its columns, and names in another order are refused', async (t) => {
  const { folder, x, dataset: trained } = await dataset(t, TABLE, 'X.csv', 'a,b\n1,2\n3,4\n', 2);
  writeFileSync(join(folder, 'new.csv'), 'a,b\n1,2\n3,4\n');
  writeFileSync(join(folder, 'swapped.csv'), 'b,a\n1,2\n3,4\n');
  assert.deepEqual(await read(join(folder, 'new.csv'), trained), x);
  await assert.rejects(read(join(folder, 'swapped.csv'), trained), { code: 'columns-mismatch' });
});

test('input of another kind than the dataset is refused with the fix', async (t) => {
  const table = await dataset(t, TABLE, 'X.csv', 'a,b\n1,2\n3,4\n', 2);
  const structures = await dataset(t, COULOMB, 'a.xyz', STRUCTURES, 8);
  writeFileSync(join(table.folder, 'a.xyz'), STRUCTURES);
  const unfit = { code: 'input-unfit', fix: /X\.csv/ };
  await assert.rejects(read(join(table.folder, 'a.xyz'), table.dataset), unfit);
  await assert.rejects(describeText(STRUCTURES, table.dataset), unfit);
  await assert.rejects(read(join(table.folder, 'X.csv'), structures.dataset), { code: 'input-unfit', fix: /xyz/ });
  await assert.rejects(read(table.folder, structures.dataset), {
    code: 'columns-mismatch',
    message: /descriptor 0 of .* is "a", the model takes "Ge0-O1"/,
  });
  await assert.rejects(read(join(table.folder, 'none.xyz'), structures.dataset), { code: 'file-missing' });
});

test('a folder of runs, one run, its input or a pattern give the X of the import', async (t) => {
  const folder = temporaryFolder(t);
  writeFeffRuns(folder, 12);
  const feff = 'descriptors: { from: { file: runs/*/feff.inp, kind: coulomb-matrix, neighbours: { O: 4 } } }\n';
  writeFileSync(join(folder, 'dataset.yaml'), `${HEAD}${feff}targets: { xas: { file: runs/*/xmu.dat, unit: normalised } }\n`);
  const { manifest, columns, x } = await wholeDataset(folder);
  const trained = { manifest, columns };
  const elsewhere = temporaryFolder(t);
  writeFeffRuns(elsewhere, 12);
  for (const path of [folder, elsewhere, join(elsewhere, 'runs'), join(elsewhere, 'runs/*/feff.inp')])
    assert.deepEqual(await read(path, trained), x, path);
  const third = { ...x, rows: 1, data: x.data.slice(20, 30) };
  for (const path of [join(elsewhere, 'runs/3'), join(elsewhere, 'runs/3/feff.inp')])
    assert.deepEqual(await read(path, trained), third, path);
  assert.deepEqual(await describeText(feffInput(3), trained), third);
  await assert.rejects(read(temporaryFolder(t), trained), { code: 'file-missing', message: /no file runs\/\*\/feff\.inp/ });
});

test('the frames of a new file are all described, whatever frames the dataset chose', async (t) => {
  const chosen = COULOMB.replace('file: a.xyz,', 'file: a.xyz, frames: { snapshot: s1 },');
  const { folder, x, dataset: trained } = await dataset(t, chosen, 'a.xyz', STRUCTURES, 4);
  assert.equal(x.rows, 4);
  assert.deepEqual(await read(folder, trained), x);
  const all = await read(join(folder, 'a.xyz'), trained);
  assert.deepEqual([all.rows, all.data.slice(-x.data.length)], [8, x.data]);
  assert.deepEqual(await describeText(STRUCTURES, trained), all);
});
