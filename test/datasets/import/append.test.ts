/**
 * Appended versions on a real database: new rows are added once, existing rows stay, and other data
 * are refused.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe as suite, test } from 'node:test';
import { joinLineage, loadList, loadMatrix } from '../../../datasets/description.ts';
import { diffVersions } from '../../../datasets/diff.ts';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { loadPackData } from '../../../datasets/pack-data.ts';
import { verifyDataset } from '../../../datasets/verification.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import { findDatasetVersion, listDatasetVersions, saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { appendShard } from '../../../operations/append.ts';
import { migratedDatabase } from '../../db/database.ts';
import { matrixOf, noise } from '../../support/data.ts';
import { scratch } from '../../support/scratch.ts';
import { checkFolder } from '../../support/whole.ts';

const MANIFEST = `
name: water
title: Small made-up data
licence: CC0-1.0
source: made up
descriptors: { file: X.npy, columns: [{ name: angle, unit: degree }, { name: bond, unit: angstrom }] }
targets: { xes: { file: Y.npy, energies: energy.csv, unit: counts } }
ids: { file: ids.csv, column: id }
`;

let db: Awaited<ReturnType<typeof migratedDatabase>>;
let blobs: ReturnType<typeof createBlobStore>;
let folder: string;
const made: string[] = [];
before(async () => {
  db = await migratedDatabase();
});
after(async () => {
  await db.close();
  for (const directory of made) await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  await db.sql`delete from dataset_versions where parent is not null`;
  await db.sql`truncate dataset_versions cascade`;
  blobs = createBlobStore(db.sql, null);
  folder = await mkdtemp(join(tmpdir(), 'narrows-append-'));
  made.push(folder);
});

const X = noise(40, 2, 'append x');
const yOf = (x: typeof X) => matrixOf(x.rows, 3, (row, e) => (x.data[2 * row] as number) * (e + 1));

/** Creates a folder with these rows of X, by number, and `changes` to the manifest. */
async function shard(
  rows: readonly number[],
  changes: { manifest?: (text: string) => string; x?: typeof X; y?: typeof X; energies?: string } = {},
) {
  const directory = await mkdtemp(join(folder, 'shard-'));
  const x = changes.x ?? matrixOf(rows.length, 2, (row, d) => X.data[2 * (rows[row] as number) + d] as number);
  const write = (name: string, content: string | Uint8Array) => writeFile(join(directory, name), content);
  await write('dataset.yaml', (changes.manifest ?? ((text) => text))(MANIFEST));
  await write('X.npy', writeNpy(x));
  await write('Y.npy', writeNpy(changes.y ?? yOf(x)));
  await write('energy.csv', changes.energies ?? 'energy_eV\n513\n514\n515\n');
  await write('ids.csv', `id\n${rows.map((row) => `m${row}`).join('\n')}\n`);
  return directory;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const importIt = async (directory: string) =>
  storeDataset(await checkFolder(directory), blobs, (row) => saveDatasetVersion(db.sql, row));
const append = (folder: string) => appendShard({ db, blobs, scratch }, 'water', { folder });
const blobBytes = async () => Number((await db.sql`select sum(bytes) as bytes from blobs`)[0]?.bytes);

test('new rows become a version after the newest, and only they are stored', async () => {
  const first = await importIt(await shard(range(0, 20)));
  const stored = await blobBytes();
  const appended = await append(await shard(range(15, 30)));
  assert.deepEqual(
    { ...appended, version: '' },
    {
      name: 'water',
      version: '',
      parent: first.version,
      created: true,
      rows: 30,
      added: 10,
      duplicates: 5,
      tied: 0,
      changed: 0,
      warnings: [],
    },
  );
  // Two descriptors and three energies of ten rows, and their ids.
  assert.equal((await blobBytes()) - stored, 10 * 5 * 4 + JSON.stringify(range(20, 30).map((row) => `m${row}`)).length);
  const row = await findDatasetVersion(db.sql, 'water');
  assert.equal(row.version, appended.version);
  const version = joinLineage(row);
  assert.deepEqual((await loadMatrix(blobs, version.x)).data, X.data.slice(0, 60));
  assert.deepEqual(
    await loadList(blobs, version.ids as string[]),
    range(0, 30).map((i) => `m${i}`),
  );
  assert.deepEqual(
    version.shards.map(({ from, rows }) => [from, rows]),
    [
      [0, 20],
      [20, 10],
    ],
  );
  assert.deepEqual(
    (await listDatasetVersions(db.sql)).map(({ rows, added, parent }) => [rows, added, parent]),
    [
      [30, 10, first.version],
      [20, 20, null],
    ],
  );
  assert.equal((await verifyDataset(blobs, version)).folderState, 'unchanged');
});

test('a repeated shard and a smaller one add nothing', async () => {
  await importIt(await shard(range(0, 20)));
  const more = await shard(range(20, 30));
  const once = await append(more);
  const twice = await append(more);
  assert.deepEqual([twice.created, twice.version, twice.added, twice.duplicates], [false, once.version, 0, 10]);
  const shrunk = await append(await shard(range(20, 25)));
  assert.deepEqual([shrunk.created, shrunk.version, shrunk.rows], [false, once.version, 30]);
  assert.equal((await listDatasetVersions(db.sql)).length, 2);
});

test('rows that were never written are reported', async () => {
  await importIt(await shard(range(0, 10)));
  const y = matrixOf(30, 3, (row, e) => (row < 10 ? row + e / 3 : 0));
  const { warnings, added } = await append(await shard(range(10, 40), { y }));
  assert.equal(added, 30);
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['rows-repeated', 'targets.xes']],
  );
});

test('concurrent appends keep the rows of both', async () => {
  await importIt(await shard(range(0, 10)));
  await Promise.all([append(await shard(range(10, 20))), append(await shard(range(20, 30)))]);
  assert.equal(joinLineage(await findDatasetVersion(db.sql, 'water')).rows, 30);
});

test('the split of existing rows does not change', async () => {
  const split = { train: 0.6, validation: 0.2, test: 0.2, seed: 1, by: 'random' } as const;
  const scale = { x: 'zscore', y: 'centre' } as const;
  await importIt(await shard(range(0, 20)));
  const load = async () => loadPackData(blobs, joinLineage(await findDatasetVersion(db.sql, 'water')), 'xes', split, scale);
  const { rows } = await load();
  await append(await shard(range(20, 40)));
  const grown = await load();
  for (const part of ['train', 'validation', 'test'] as const) {
    assert.deepEqual(
      grown.rows[part].filter((row) => row < 20),
      rows[part],
    );
    assert.ok(
      grown.rows[part].some((row) => row >= 20),
      part,
    );
  }
  assert.equal(grown.x.rows, 40);
});

test('near-duplicates are found, and an id with other content', async () => {
  await importIt(await shard(range(0, 20)));
  const near = matrixOf(2, 2, (row, d) => (row === 0 ? (X.data[6 + d] as number) + 1e-5 : (X.data[60 + d] as number)));
  const { added, tied, changed } = await append(await shard([3, 30], { x: near }));
  assert.deepEqual([added, tied, changed], [2, 1, 1]);
});

test('differences between versions are counted', async () => {
  const first = await importIt(await shard(range(0, 20)));
  await append(await shard(range(18, 30)));
  const [a, b] = [await findDatasetVersion(db.sql, `water@${first.version}`), await findDatasetVersion(db.sql, 'water')];
  const { descriptors, ...counts } = await diffVersions(blobs, joinLineage(a), joinLineage(b));
  assert.deepEqual(counts, { added: 10, removed: 0, changed: 0, unchanged: 20 });
  assert.deepEqual(
    descriptors.map(({ name, unit }) => [name, unit]),
    [
      ['angle', 'degree'],
      ['bond', 'angstrom'],
    ],
  );
  const [angle] = descriptors as [(typeof descriptors)[number]];
  const [before, now] = angle.ranges;
  assert.ok(now[0] <= before[0] && now[1] >= before[1]);
  const back = await diffVersions(blobs, joinLineage(b), joinLineage(a));
  assert.deepEqual([back.added, back.removed], [0, 10]);
});

test('columns under the name of another are refused, of descriptors and of targets', async () => {
  const manifest = (text: string) =>
    text.replace('X.npy', 'X.csv').replace(/targets:.*/, 'targets: { levels: { file: Y.csv, unit: eV } }');
  const tables = async (rows: readonly number[], x: string, y: string) => {
    const directory = await shard(rows, { manifest });
    const table = (header: string) =>
      `${header}\n${rows.map((row) => Array(header.split(',').length).fill(row).join(',')).join('\n')}\n`;
    await writeFile(join(directory, 'X.csv'), table(x));
    await writeFile(join(directory, 'Y.csv'), table(y));
    return directory;
  };
  await importIt(await tables(range(0, 10), 'angle,bond', 'homo,lumo,ip'));
  await assert.rejects(append(await tables(range(10, 15), 'Bond (A),Angle (deg)', 'homo,lumo,ip')), {
    code: 'columns-mismatch',
    path: 'descriptors.columns.0.name',
  });
  await assert.rejects(append(await tables(range(10, 15), 'angle,bond', 'LUMO,HOMO,ip')), {
    code: 'shard-differs',
    path: 'targets.levels',
    message: /column 0 of levels is "LUMO", not "homo"/,
  });
  assert.equal((await append(await tables(range(10, 15), 'Angle (deg),Bond (A)', 'HOMO,LUMO,IP'))).added, 5);
});

suite('a shard that does not fit is refused, and nothing is kept', () => {
  const cases: readonly [string, () => Promise<string>, { code: string; path?: string; message?: RegExp }][] = [
    [
      'another unit',
      () => shard(range(20, 25), { manifest: (text) => text.replace('unit: degree', 'unit: rad') }),
      { code: 'shard-differs', path: 'descriptors.columns.0.unit', message: /angle is in rad, not in degree/ },
    ],
    [
      'another descriptor',
      () => shard(range(20, 25), { manifest: (text) => text.replace('name: bond', 'name: length') }),
      { code: 'shard-differs', path: 'descriptors.columns.1.name' },
    ],
    [
      'another energy grid',
      () => shard(range(20, 25), { energies: 'energy_eV\n513\n514\n516\n' }),
      { code: 'shard-differs', path: 'targets.xes.energies', message: /energy 2 is 516, not 515/ },
    ],
    [
      'another target',
      () => shard(range(20, 25), { manifest: (text) => text.replace('xes:', 'xas:') }),
      { code: 'shard-differs' },
    ],
    [
      'another unit of spectra',
      () => shard(range(20, 25), { manifest: (text) => text.replace('unit: counts', 'unit: barn') }),
      { code: 'shard-differs', path: 'targets.xes.unit' },
    ],
    [
      'energies in another unit',
      () => shard(range(20, 25), { manifest: (text) => text.replace('unit: counts', 'unit: counts, energyUnit: keV') }),
      { code: 'shard-differs', path: 'targets.xes.energyUnit', message: /energyUnit is "keV", not "eV"/ },
    ],
    [
      'no ids',
      () => shard(range(20, 25), { manifest: (text) => text.replace(/ids:.*\n/, '') }),
      { code: 'shard-differs', path: 'ids' },
    ],
    [
      'NaN',
      () => shard(range(20, 25), { y: matrixOf(5, 3, (row, e) => (row === 2 && e === 1 ? Number.NaN : 1)) }),
      { code: 'not-finite' },
    ],
    ['rows that do not match', () => shard(range(20, 25), { y: matrixOf(4, 3, () => 1) }), { code: 'rows-mismatch' }],
    ['no row', () => shard([], { x: matrixOf(0, 2, () => 0) }), { code: 'dataset-empty' }],
  ];
  for (const [name, make, wanted] of cases) {
    test(name, async () => {
      await importIt(await shard(range(0, 20)));
      const before = await blobBytes();
      await assert.rejects(append(await make()), (error: { code: string; path?: string; message: string }) => {
        assert.equal(error.code, wanted.code, error.message);
        if (wanted.path) assert.equal(error.path, wanted.path);
        if (wanted.message) assert.match(error.message, wanted.message);
        return true;
      });
      assert.equal(await blobBytes(), before);
      assert.equal((await listDatasetVersions(db.sql)).length, 1);
    });
  }
});
