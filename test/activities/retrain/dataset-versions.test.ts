/** The groups of stored rows, of the first shard and of later ones, reach the tests of a run. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createDatasetVersions } from '../../../activities/retrain/dataset-versions.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { migratedDatabase } from '../../db/database.ts';
import { writeShard } from '../../support/shards.ts';
import { checkFolder } from '../../support/whole.ts';

const SPLIT = { train: 0.6, validation: 0.2, test: 0.2, seed: 1, by: 'group' } as const;
const manifest = [
  ['ids: ids.csv', 'ids: ids.csv\ngroups: groups.csv\nseries: { file: series.csv, name: pressure, unit: GPa }'],
] as const;

let db: Awaited<ReturnType<typeof migratedDatabase>>;
const root = mkdtempSync(join(tmpdir(), 'narrows-versions-'));
before(async () => {
  db = await migratedDatabase();
});
after(async () => {
  await db.close();
  rmSync(root, { recursive: true, force: true });
});

/** Ten groups of four rows, from group `first` on, at two pressures in turn. */
function writeGroups(name: string, seed: number, first: number): string {
  const folder = writeShard(join(root, name), { rows: 40, seed, manifest });
  const groups = Array.from({ length: 40 }, (_, row) => first + Math.floor(row / 4));
  writeFileSync(join(folder, 'groups.csv'), `group\n${groups.map((group) => `snapshot ${group}`).join('\n')}\n`);
  writeFileSync(join(folder, 'series.csv'), `pressure\n${groups.map((group) => 10 * (group % 2)).join('\n')}\n`);
  return folder;
}

test('rows have their groups and conditions where the split is by group, in all shards', async () => {
  const blobs = createBlobStore(db.sql, null);
  const data = createDatasetVersions(db, blobs, join(root, 'scratch'));
  const first = await storeDataset(await checkFolder(writeGroups('first', 1, 0)), blobs, (row) =>
    saveDatasetVersion(db.sql, row),
  );
  // The last group of the first shard has more rows in the second one.
  const { version } = await data.append('little', { folder: writeGroups('second', 2, 9) }, { as: 'second' });
  const { x, split, groups } = await data.rows('little', version, 'xes', SPLIT);
  assert.equal(x.rows, 80);
  const numbers = Array.from({ length: 80 }, (_, row) => (row < 40 ? 0 : 9) + Math.floor((row % 40) / 4));
  assert.deepEqual([...(groups?.units ?? [])], numbers);
  assert.deepEqual(
    [...(groups?.strata ?? [])],
    numbers.map((group) => group % 2),
  );
  const partsOf = (group: number) => Object.values(split).filter((rows) => rows.some((row) => numbers[row] === group)).length;
  assert.ok(
    numbers.every((group) => partsOf(group) === 1),
    'a group is in one part',
  );
  assert.equal((await data.rows('little', version, 'xes', { ...SPLIT, by: 'random' })).groups, null);
  assert.notEqual(first.version, version);
});
