import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../../../db/client.ts';
import { scoresSince } from '../../../../db/queries/trials/scores.ts';
import { recordReports } from '../../../../db/queries/trials/trials.ts';
import { migratedDatabase } from '../../database.ts';
import { atRung, completed, diverged, failed, PROVENANCE, seedSweep, trialOf } from '../../fixtures.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

/** Scores since a revision, by trial and rank. */
async function readSince(id: string, since: number) {
  const { revision, written, scores, emulators } = await scoresSince(db.sql, id, since);
  const rows = [...scores.index].map((index, i) => [index, scores.k[i], scores.validation[i], scores.structure[i]]);
  return {
    revision,
    written: [...written].sort(),
    scores: rows.sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1])),
    emulators: [...emulators.index]
      .map((index, i) => [index, emulators.validation[i]])
      .sort((a, b) => Number(a[0]) - Number(b[0])),
  };
}

test('scores since a revision are those of the trials that were written after it', async () => {
  const id = await seedSweep(db.sql, 's1');
  const eca = trialOf(1, { method: 'eca' });
  // The same configuration and seed on other rows, with an emulator of its own.
  const twin = { ...eca, index: 9, partition: 1 };
  const reports = [completed(id, trialOf(0), 0.7), completed(id, eca, 0.6), completed(id, twin, 0.3)];
  await recordReports(db.sql, id, PROVENANCE, reports);
  await recordReports(db.sql, id, PROVENANCE, [failed(id, trialOf(2)), diverged(id, trialOf(3)), atRung(id, trialOf(4), 0, 0.5)]);
  const first = {
    scores: [
      [0, 2, 0.7 - 0.001, Number.NaN],
      [1, 1, 0.6 - 0.1 - 0.001, 0.5],
      [1, 2, 0.6 - 0.001, 0.5],
      [9, 1, 0.3 - 0.1 - 0.001, 0.5],
      [9, 2, 0.3 - 0.001, 0.5],
    ],
    emulators: [
      [1, 0.99],
      [9, 0.99],
    ],
  };
  assert.deepEqual(await readSince(id, -1), { revision: 2, written: [0, 1, 2, 3, 4, 9], ...first });
  assert.deepEqual(await readSince(id, 1), { revision: 2, written: [2, 3, 4], scores: [], emulators: [] });
  assert.deepEqual(await readSince(id, 2), { revision: 0, written: [], scores: [], emulators: [] });
  // A failed trial and one at a rung complete; another sweep's trials are of no concern.
  const other = await seedSweep(db.sql, 's2');
  await recordReports(db.sql, other, PROVENANCE, [completed(other, trialOf(0), 0.1)]);
  await recordReports(db.sql, id, PROVENANCE, [completed(id, trialOf(2), 0.4), completed(id, trialOf(4), 0.5, { rung: 1 })]);
  const second = {
    scores: [
      [2, 2, 0.4 - 0.001, Number.NaN],
      [4, 2, 0.5 - 0.001, Number.NaN],
    ],
  };
  assert.deepEqual(await readSince(id, 2), { revision: 3, written: [2, 4], ...second, emulators: [] });
});

test('a score that is not finite counts as none', async () => {
  const id = await seedSweep(db.sql, 's3');
  await recordReports(db.sql, id, PROVENANCE, [completed(id, trialOf(0, { method: 'eca' }), Number.NaN)]);
  assert.deepEqual(await readSince(id, -1), { revision: 1, written: [0], scores: [], emulators: [[0, 0.99]] });
});
