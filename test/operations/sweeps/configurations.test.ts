import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createBlobCache } from '../../../db/blob-cache.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { parseFrontQuery, readFront } from '../../../operations/sweeps/configurations.ts';
import { seedDataset, seedSweep, smallSpec } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../../db/database.ts';

let db: Database;
const folder = mkdtempSync(join(tmpdir(), 'narrows-fronts-'));
const range = (to: number) => Array.from({ length: to }, (_, i) => i);
const seed = (id: string, changes: Record<string, unknown> = {}) =>
  seedSweep(
    db.sql,
    createBlobStore(db.sql, createBlobCache({ directory: folder, mostBytes: 2 ** 20 })),
    id,
    smallSpec({ name: id, ...changes }),
  );

before(async () => {
  db = await migratedDatabase();
  await seedDataset(db.sql, createBlobStore(db.sql, createBlobCache({ directory: folder, mostBytes: 2 ** 20 })));
  await (await seed('swhole')).record(...range(100));
});
after(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

test('rows of a front are in the order of their ranks, with configurations', async () => {
  const { rows, objectives } = await readFront(db, 'swhole', parseFrontQuery('parameters,seconds'));
  const ranks = rows.map(({ rank }) => rank);
  assert.deepEqual(
    ranks,
    ranks.toSorted((a, b) => a - b),
  );
  assert.equal(ranks[0], 1);
  assert.deepEqual(
    objectives.map(({ name }) => name),
    ['coveredVariance', 'parameters', 'seconds'],
  );
  for (const { config, method, k, trialId } of rows) {
    assert.equal(config.method, method);
    assert.ok(config.k >= k && trialId.startsWith('swhole-'));
  }
});

test('conditions narrow the configurations, by the width or rank of a score', async () => {
  const { rows } = await readFront(db, 'swhole', parseFrontQuery('parameters', { where: 'method=eca,k=1' }));
  assert.ok(rows.length > 0 && rows.every(({ method, k }) => method === 'eca' && k === 1));
  assert.ok(
    rows.every(({ config }) => config.k === 2),
    'the rank of a score, not of its trial',
  );
});

test('a front is chosen by validation scores alone', () => {
  for (const split of ['test', 'train', 'all', 'tests']) {
    assert.throws(() => parseFrontQuery('k', { split }), { code: 'split-unfit', path: 'split', fix: 'leave out --split' });
  }
  assert.deepEqual(parseFrontQuery('k', { split: 'validation' }).objectives, ['coveredVariance', 'k']);
});

test('sweeps without scores are an error with its reason', async () => {
  const young = await seed('syoung');
  await assert.rejects(readFront(db, 'syoung', parseFrontQuery('k')), {
    code: 'nothing-to-compare',
    message: 'syoung has no trial with a validation score yet',
    fix: /narrows sweep watch syoung/,
  });
  // Of the seeded trials, these diverge.
  await young.record(5, 16);
  await setSweepState(db.sql, 'syoung', 'partial');
  await assert.rejects(readFront(db, 'syoung', parseFrontQuery('k')), {
    code: 'nothing-to-compare',
    message: /^syoung is partial without a trial with a validation score/,
  });
  await assert.rejects(readFront(db, 'swhole', parseFrontQuery('k', { where: 'validation>2' })), {
    code: 'nothing-to-compare',
    message: 'no trial of swhole that satisfies the conditions has a validation score',
  });
  await assert.rejects(readFront(db, 'swhole', parseFrontQuery('structureCoveredVariance', { where: 'method=ednn' })), {
    code: 'nothing-to-compare',
    message: 'no configuration of swhole has a covered variance of the structure',
    path: 'objectives',
  });
  await assert.rejects(readFront(db, 'nobody', parseFrontQuery('k')), { code: 'sweep-unknown' });
  await assert.rejects(readFront(db, 'swhole', parseFrontQuery('k', { partition: 3 })), {
    code: 'partition-unknown',
    fix: 'its only partition is 0',
  });
});

test('where all objectives are equal, every configuration is on the front', async () => {
  const equal = await seed('sequal', {
    methods: ['ednn'],
    space: { k: 2, hidden: [8], learningRate: { log: [0.001, 0.1] } },
    seeds: 1,
    sampler: { random: { trials: 20 } },
  });
  await equal.record(...range(20));
  await db.sql`update covered_variances set covered_variance = 0.5 where sweep_id = 'sequal'`;
  const { rows, hypervolumes, configurations } = await readFront(db, 'sequal', parseFrontQuery('k,parameters'));
  assert.ok(configurations > 2 && rows.every(({ rank, rankInMethod }) => rank === 1 && rankInMethod === 1));
  assert.deepEqual(
    hypervolumes.map(({ front, hypervolume }) => [front, hypervolume]),
    [
      [configurations, 0.5],
      [configurations, 0.5],
    ],
  );
});
