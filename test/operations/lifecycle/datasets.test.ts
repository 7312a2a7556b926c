import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { recordBlobLocation } from '../../../db/blob-location.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import { findDatasetVersion, listDatasetVersions, saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { withArraysHeld } from '../../../db/queries/lifecycle/arrays.ts';
import { markRemoved } from '../../../db/queries/lifecycle/removal.ts';
import { saveRetraining, startRun, updateRun } from '../../../db/queries/retraining/retrainings.ts';
import { createSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { planDatasetRemoval, removeDataset } from '../../../operations/lifecycle/datasets.ts';
import { measureUnused, removeSweeps } from '../../../operations/lifecycle/sweeps.ts';
import { sha256Of } from '../../../platform.ts';
import { migratedDatabase, storageOf } from '../../db/database.ts';
import { SPEC } from '../../db/fixtures.ts';
import { until } from '../../support/until.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());
beforeEach(async () => {
  for (const table of ['retrain_runs', 'retrainings', 'sweeps', 'dataset_versions', 'blobs'])
    await db.sql`delete from ${db.sql(table)}`;
});

const version = (digits: string) => digits.repeat(32);
const PLAIN = { compact: false };

/** Stores a version whose only array has these bytes. */
async function importVersion(name: string, digits: string, content: string, parent?: string): Promise<void> {
  const bytes = new TextEncoder().encode(content);
  const pieces = (async function* () {
    yield bytes;
  })();
  await createBlobStore(db.sql, null).put({ sha256: sha256Of(bytes), bytes: bytes.length, pieces });
  const appendedTo = parent === undefined ? {} : { appendedTo: { root: version(parent), parent: version(parent), rows: 2 } };
  const description = { manifest: { title: name }, rows: 1, x: { sha256: sha256Of(bytes) }, targets: {} };
  await saveDatasetVersion(db.sql, { name, version: version(digits), description, ...appendedTo });
}

const sweepOn = (id: string, digits: string) =>
  createSweep(db.sql, {
    ...{ id, name: `on-${digits}`, spec: SPEC, dataset: 'water', datasetVersion: version(digits) },
    ...{ target: 'xes', planned: 1, packSizes: [1], codeVersion: '0' },
  });

const left = async () => ({
  versions: (await listDatasetVersions(db.sql)).map((row) => `${row.name}@${row.version.slice(0, 2)}`).sort(),
  arrays: (await db.sql`select from blobs`).length,
});

test('a version goes with the arrays that no other version has, and its bytes are measured', async () => {
  await importVersion('water', 'aa', 'shared');
  await importVersion('water', 'ab', 'own array');
  await importVersion('ice', 'ac', 'shared');
  const plan = await planDatasetRemoval(db, 'water@abab');
  assert.deepEqual(plan, { name: 'water', versions: [version('ab')], bytes: 'own array'.length });
  const removal = await removeDataset(storageOf(db), plan, PLAIN);
  assert.deepEqual([removal.arrays, removal.bytes, removal.isComplete], [1, 'own array'.length, true]);
  assert.deepEqual(await left(), { versions: ['ice@ac', 'water@aa'], arrays: 1 });
  assert.equal((await planDatasetRemoval(db, 'water')).bytes, 0, 'its array is shared');
  assert.equal((await removeDataset(storageOf(db), await planDatasetRemoval(db, 'water'), PLAIN)).arrays, 0);
  assert.deepEqual(await left(), { versions: ['ice@ac'], arrays: 1 });
  await assert.rejects(planDatasetRemoval(db, 'water'), { code: 'dataset-missing' });
  // A second call with the same plan changes nothing.
  assert.equal((await removeDataset(storageOf(db), plan, PLAIN)).arrays, 0);
});

test('a process with other settings than those of the installation removes nothing', async () => {
  await importVersion('water', 'aa', 'elsewhere');
  const plan = await planDatasetRemoval(db, 'water');
  await recordBlobLocation(db.sql, 's3://blobs');
  try {
    await assert.rejects(removeDataset(storageOf(db), plan, PLAIN), { code: 'blobs-elsewhere' });
    const sweeps = removeSweeps(storageOf(db), { sweeps: [], kept: [] }, PLAIN);
    await assert.rejects(sweeps, { code: 'blobs-elsewhere' });
    await assert.rejects(measureUnused(storageOf(db)), { code: 'blobs-elsewhere' });
  } finally {
    await recordBlobLocation(db.sql, null);
  }
  assert.deepEqual(await left(), { versions: ['water@aa'], arrays: 1 });
});

test('a name removes all versions, all or none; too few digits are refused', async () => {
  await importVersion('water', 'aa', 'one');
  await importVersion('water', 'ab', 'two', 'aa');
  await assert.rejects(planDatasetRemoval(db, 'water@a'), { code: 'version-ambiguous', message: /water@aaaaaaaaaaaa/ });
  await assert.rejects(planDatasetRemoval(db, 'water@aaaa'), {
    code: 'dataset-in-use',
    message: /abababababab was appended to it/,
  });
  await sweepOn('s1', 'aa');
  await assert.rejects(planDatasetRemoval(db, 'water'), { code: 'dataset-in-use', message: /the sweep on-aa was trained on it/ });
  await db.sql`delete from sweeps`;
  await removeDataset(storageOf(db), await planDatasetRemoval(db, 'water'), PLAIN);
  assert.deepEqual(await left(), { versions: [], arrays: 0 });
});

test('a retraining keeps its newest data, and those that its runs have read; others may go', async () => {
  for (const digits of ['aa', 'ab', 'ac']) await importVersion('water', digits, digits);
  const options = { watchDir: null, url: null } as never;
  await saveRetraining(db.sql, { name: 'nightly', spec: SPEC, dataset: 'water', target: 'xes', options });
  await startRun(db.sql, 'run', 'nightly');
  await updateRun(db.sql, 'run', { toVersion: version('ab') });
  for (const digits of ['abab', 'acac'])
    await assert.rejects(planDatasetRemoval(db, `water@${digits}`), {
      code: 'dataset-in-use',
      message: /the retraining nightly works/,
    });
  await removeDataset(storageOf(db), await planDatasetRemoval(db, 'water@aaaa'), PLAIN);
  assert.deepEqual((await left()).versions, ['water@ab', 'water@ac']);
});

test('a sweep that was started after the plan keeps its data; one that is half removed does not', async () => {
  await importVersion('water', 'aa', 'one');
  const plan = await planDatasetRemoval(db, 'water');
  await sweepOn('s1', 'aa');
  await assert.rejects(removeDataset(storageOf(db), plan, PLAIN), { code: 'dataset-in-use', message: /on-aa/ });
  assert.deepEqual((await left()).arrays, 1);
  await setSweepState(db.sql, 's1', 'cancelled');
  await markRemoved(db.sql, 's1', () => {});
  await removeDataset(storageOf(db), await planDatasetRemoval(db, 'water'), PLAIN);
  assert.deepEqual(await left(), { versions: [], arrays: 0 });
});

test('a sweep that starts while its data are removed is refused by name', async () => {
  await importVersion('water', 'aa', 'one');
  const { promise, resolve } = Promise.withResolvers<void>();
  const removing = db.sql.begin(async (sql) => {
    await sql`delete from dataset_versions`;
    await promise;
  });
  await until(
    async () => (await db.sql`select from dataset_versions for update skip locked`).length === 0,
    'the version is locked',
  );
  const starting = sweepOn('s1', 'aa').catch((error: unknown) => error);
  const waiting = async () =>
    (await db.sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length;
  await until(async () => (await waiting()) > 0, 'the start waits');
  resolve();
  await removing;
  assert.equal(((await starting) as { code: string }).code, 'dataset-missing');
});

test('arrays wait for an import at work, and go with the next removal', async () => {
  await importVersion('water', 'aa', 'one');
  const plan = await planDatasetRemoval(db, 'water');
  await withArraysHeld(db.sql, async () => {
    assert.equal((await removeDataset(storageOf(db), plan, PLAIN)).isComplete, false);
  });
  await assert.rejects(findDatasetVersion(db.sql, 'water'), { code: 'dataset-missing' });
  assert.equal((await left()).arrays, 1);
  assert.equal((await removeDataset(storageOf(db), plan, PLAIN)).arrays, 1);
});
