import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findDatasetVersion, listDatasetVersions, saveDatasetVersion } from '../../../../db/queries/datasets/datasets.ts';
import { findRungFaults } from '../../../../db/queries/lifecycle/stored-rungs.ts';
import { countOutcomes, findSweep, listSweeps, setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { findBestTrials } from '../../../../db/queries/trials/models.ts';
import type { TrialEntry } from '../../../../db/queries/trials/report-details.ts';
import {
  countSurvivors,
  decideRung,
  listEntrants,
  listRungCurves,
  listRungScores,
  listSurvivors,
  recordReports,
} from '../../../../db/queries/trials/trials.ts';
import { decideReached } from '../../../../search/stopping/asynchronous.ts';
import { decidePromotions } from '../../../../search/stopping/halving.ts';
import { migratedDatabase } from '../../database.ts';
import { atRung, completed, diverged, failed, PROVENANCE, SPEC, seedSweep, trialOf, VERSION } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

const indices = (rows: readonly { readonly index: number }[]) => rows.map(({ index }) => index);

test('both versions of a name are kept; the name finds the newest', async () => {
  const { sql } = db;
  const [older, newer] = ['1'.repeat(64), '2'.repeat(64)];
  assert.equal(await saveDatasetVersion(sql, { name: 'salt', version: older, description: { n: 1 } }), true);
  assert.equal(await saveDatasetVersion(sql, { name: 'salt', version: newer, description: { n: 2 } }), true);
  assert.equal((await findDatasetVersion(sql, 'salt')).version, newer);
  // Importing a version again makes it the newest of its name and keeps its first description.
  assert.equal(await saveDatasetVersion(sql, { name: 'salt', version: older, description: { n: 3 } }), false);
  assert.equal((await findDatasetVersion(sql, 'salt')).version, older);
  assert.deepEqual((await findDatasetVersion(sql, `salt@${older.slice(0, 12)}`)).description, { n: 1 });
  assert.deepEqual(
    (await listDatasetVersions(sql)).map(({ version }) => version),
    [older, newer],
  );
  await assert.rejects(findDatasetVersion(sql, 'salt@333333333333'), {
    code: 'dataset-missing',
    kind: 'not-found',
    fix: /salt@111111111111, salt@222222222222/,
  });
  await assert.rejects(findDatasetVersion(sql, 'pepper'), { code: 'dataset-missing', fix: /known are: salt;/ });
});

test('a sweep is found by id, or by name the newest', async () => {
  const { sql } = db;
  await seedSweep(sql, 'sone', { name: 'twice' });
  await seedSweep(sql, 'stwo', { name: 'twice' });
  assert.equal((await findSweep(sql, 'sone')).id, 'sone');
  const newest = await findSweep(sql, 'twice');
  assert.equal(newest.id, 'stwo');
  assert.deepEqual(newest.spec, SPEC);
  assert.deepEqual([newest.state, newest.planned, newest.datasetVersion, newest.finishedAt], ['running', 100, VERSION, null]);
  assert.deepEqual(newest.packSizes, [16]);
  assert.ok(newest.startedAt instanceof Date);
  assert.deepEqual(
    (await listSweeps(sql)).map(({ id }) => id),
    ['stwo', 'sone'],
  );
  await assert.rejects(findSweep(sql, 'snone'), { name: 'NarrowsError', code: 'sweep-unknown', kind: 'not-found' });
});

test('an ended sweep has a finishing time, a resumed one does not', async () => {
  const { sql } = db;
  await seedSweep(sql, 'sstate');
  await setSweepState(sql, 'sstate', 'failed', 'the dataset is gone');
  const { state, message, finishedAt } = await findSweep(sql, 'sstate');
  assert.deepEqual([state, message], ['failed', 'the dataset is gone']);
  assert.ok(finishedAt instanceof Date);
  await setSweepState(sql, 'sstate', 'failed', 'the dataset is gone');
  assert.deepEqual((await findSweep(sql, 'sstate')).finishedAt, finishedAt);
  await setSweepState(sql, 'sstate', 'running');
  const again = await findSweep(sql, 'sstate');
  assert.deepEqual([again.state, again.message, again.finishedAt], ['running', null, null]);
  await assert.rejects(setSweepState(sql, 'snone', 'running'), { code: 'sweep-unknown', kind: 'not-found' });
  await assert.rejects(setSweepState(sql, 'sstate', 'asleep' as 'paused'), { code: '23514' });
});

test('a sweep has counts by method and outcome, and a best trial of each width', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'sprogress');
  const cells = SPEC.methods.flatMap((method) => SPEC.space.k.map((k) => ({ method, k })));
  assert.equal((await countOutcomes(sql, id)).length, 0);
  assert.equal((await findBestTrials(sql, id, cells)).length, 0);
  await recordReports(sql, id, PROVENANCE, [
    completed(id, trialOf(0), 0.5),
    completed(id, trialOf(1), 0.7),
    failed(id, trialOf(2)),
    diverged(id, trialOf(3)),
    atRung(id, trialOf(4), 0, 0.99),
    completed(id, trialOf(10, { method: 'eca', k: 3 }), 0.9),
  ]);
  await decideRung(sql, id, 0, { promoted: [], pruned: [4] });
  assert.deepEqual(
    (await countOutcomes(sql, id)).map((row) => ({ ...row })),
    [
      { method: 'eca', completed: 1, pruned: 0, diverged: 0, failed: 0, rung: 0 },
      { method: 'ednn', completed: 2, pruned: 1, diverged: 1, failed: 1, rung: 0 },
    ],
  );
  assert.deepEqual(
    (await findBestTrials(sql, id, cells)).map(({ method, k, trialId, validation }) => [
      method,
      k,
      trialId,
      Number(validation.toFixed(3)),
    ]),
    [
      ['ednn', 2, `${id}-1`, 0.699],
      ['eca', 1, `${id}-10`, 0.699],
      ['eca', 2, `${id}-10`, 0.799],
      ['eca', 3, `${id}-10`, 0.899],
    ],
  );
});

test('decisions of halving are stored and not changed later', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'shalving');
  const report = (index: number, rung: number, validation: number) => atRung(id, trialOf(index), rung, validation);
  // Configurations of five seeds: 0-4, 5-9, 10-14.
  await recordReports(sql, id, PROVENANCE, [
    ...Array.from({ length: 14 }, (_, index) => report(index, 0, index < 5 ? 0.9 : 0.1)),
    { ...report(14, 0, Number.NaN) },
  ]);
  const scores = await listRungScores(sql, id, 0);
  assert.deepEqual(indices(scores), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  assert.deepEqual(
    { ...scores[0] },
    { index: 0, cell: 'ednn/2', partition: 0, configurationHash: trialOf(0).configurationHash, validation: 0.9, decided: null },
  );
  assert.equal(scores[14]?.validation, Number.NEGATIVE_INFINITY);

  const decision = decidePromotions(scores, 3);
  assert.deepEqual(decision.promoted, [0, 1, 2, 3, 4]);
  // A second attempt of the activity makes the same decisions.
  await decideRung(sql, id, 0, decision);
  await decideRung(sql, id, 0, decision);
  assert.equal(await countSurvivors(sql, id, 1), 5);
  assert.deepEqual(await listSurvivors(sql, id, 1, { offset: 0, limit: 3 }), [0, 1, 2]);
  assert.deepEqual(await listSurvivors(sql, id, 1, { offset: 3, limit: 3 }), [3, 4]);
  assert.equal(await countSurvivors(sql, id, 2), 0);
  assert.deepEqual(
    (await listRungScores(sql, id, 0)).map(({ decided }) => decided),
    Array.from({ length: 15 }, (_, index) => (index < 5 ? 'promoted' : 'pruned')),
  );
  const [left] = await sql`select array_agg(trial_id order by trial_id) as ids from checkpoints where sweep_id = ${id}`;
  assert.deepEqual(
    left?.ids,
    [0, 1, 2, 3, 4].map((index) => `${id}-${index}`),
  );

  // The entrants of a rung stay the same while it is trained.
  await recordReports(sql, id, PROVENANCE, [
    report(0, 1, 0.95),
    failed(id, trialOf(1), { rung: 1 }),
    diverged(id, trialOf(2), 1),
  ]);
  assert.deepEqual(await listSurvivors(sql, id, 1, { offset: 0, limit: 10 }), [0, 1, 2, 3, 4]);
  assert.deepEqual(indices(await listRungScores(sql, id, 1)), [0]);
  // A contrary later decision does not change an earlier one.
  await decideRung(sql, id, 0, { promoted: [5], pruned: [0, 3] });
  assert.deepEqual(await listSurvivors(sql, id, 1, { offset: 0, limit: 10 }), [0, 1, 2, 3, 4]);
  const [counts] = await countOutcomes(sql, id);
  assert.deepEqual({ ...counts }, { method: 'ednn', completed: 0, pruned: 10, diverged: 1, failed: 1, rung: 3 });
});

test('trials that completed by their patience before a rung count for their configuration', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'spatience');
  const curve = { train: [0.1], validation: [Number.NaN, 0.9375, 0.9], best: 1 };
  const early = completed(id, trialOf(0), 0.8);
  // Configurations of five seeds: 0-4 is the better one; all trials of 10-14 have completed.
  await recordReports(sql, id, PROVENANCE, [
    { ...early, report: { ...early.report, curve } as TrialEntry['report'] },
    ...[1, 2, 3, 4].map((index) => atRung(id, trialOf(index), 0, 0.9)),
    ...[5, 6, 7, 8, 9].map((index) => atRung(id, trialOf(index), 0, 0.5)),
    ...[10, 11, 12, 13, 14].map((index) => completed(id, trialOf(index), 0.99)),
  ]);
  const scores = await listRungScores(sql, id, 0);
  assert.deepEqual([scores[0]?.validation, scores[0]?.decided, scores.length], [0.9375, 'completed', 15]);
  const decision = decidePromotions(scores, 2);
  assert.deepEqual(decision, { promoted: [1, 2, 3, 4], pruned: [5, 6, 7, 8, 9] });
  const entrants = await listEntrants(sql, id, 0);
  const reached = { rung: 0, seeds: 5, isComplete: false, pointOf: (index: number) => Math.floor(index / 5) };
  assert.deepEqual(decideReached({ reduction: 2, rungs: 2 }, entrants, reached), { promoted: [1, 2, 3, 4], pruned: [] });
  await decideRung(sql, id, 0, decision);
  assert.deepEqual(
    (await listEntrants(sql, id, 1)).map(({ index, isPending, decided }) => [index, isPending, decided]),
    [0, 1, 2, 3, 4, 10, 11, 12, 13, 14].map((index) => {
      const isEarly = index === 0 || index > 9;
      return [index, !isEarly, isEarly ? 'completed' : null];
    }),
  );
});

test('curves at a rung end with it; trials that completed before count, others are left out', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'scurves');
  const withCurve = (entry: TrialEntry, ...validation: number[]): TrialEntry => {
    const curve = { train: validation, validation, best: 0 };
    return { ...entry, report: { ...entry.report, curve } as TrialEntry['report'] };
  };
  await recordReports(sql, id, PROVENANCE, [
    withCurve(atRung(id, trialOf(0), 0, 0.5), 0.25, 0.5),
    withCurve(atRung(id, trialOf(1), 0, 0.5), Number.NEGATIVE_INFINITY, 0.5),
    withCurve(completed(id, trialOf(2), 0.5), 0.75),
    withCurve(atRung(id, trialOf(3), 0, 0.5), 0.5, 0.25),
    failed(id, trialOf(4)),
    diverged(id, trialOf(5)),
  ]);
  await decideRung(sql, id, 0, { promoted: [0, 1], pruned: [3] });
  await recordReports(sql, id, PROVENANCE, [withCurve(atRung(id, trialOf(0), 1, 0.5), 0.25, 0.5, 0.75, 0.5)]);
  const read = async (rung: number, epochs: number) =>
    (await listRungCurves(sql, id, rung, epochs)).map(({ index, curve, decided }) => [index, curve, decided]);
  assert.deepEqual(await read(0, 2), [
    [0, [0.25, 0.5], 'promoted'],
    [1, [Number.NEGATIVE_INFINITY, 0.5], 'promoted'],
    [2, [0.75], 'completed'],
    [3, [0.5, 0.25], 'pruned'],
  ]);
  assert.deepEqual(await read(1, 4), [
    [0, [0.25, 0.5, 0.75, 0.5], null],
    [2, [0.75], 'completed'],
  ]);
  const [first] = await listRungCurves(sql, id, 0, 2);
  const { configurationHash } = trialOf(0);
  assert.deepEqual([first?.cell, first?.partition, first?.configurationHash], ['ednn/2', 0, configurationHash]);
});

test('trials that are promoted one after another keep their places', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'sasynchronous');
  const report = (index: number, rung: number, validation: number) => atRung(id, trialOf(index), rung, validation);
  // Configurations of five seeds: 0-4, 5-9, 10-14.
  await recordReports(sql, id, PROVENANCE, [
    ...Array.from({ length: 9 }, (_, index) => report(index, 0, index / 10)),
    failed(id, trialOf(9), { rung: 0 }),
    diverged(id, trialOf(10), 0),
  ]);
  const entrants = await listEntrants(sql, id, 0);
  assert.deepEqual(
    entrants.map(({ index, validation, isPending, decided }) => [index, validation, isPending, decided]),
    Array.from({ length: 11 }, (_, index) => [index, index < 9 ? index / 10 : null, false, null]),
  );
  const places = (rung: number, offset = 0) => listSurvivors(sql, id, rung, { offset, limit: 10 });
  const promote = (rung: number, promoted: readonly number[]) =>
    decideRung(sql, id, rung, { promoted, pruned: [] }, 'one after another');
  await promote(0, [5, 6]);
  await promote(0, [5, 6]);
  assert.deepEqual(await places(1), [5, 6]);
  await promote(0, [8, 0, 7, 5]);
  assert.deepEqual(await places(1), [5, 6, 0, 7, 8]);
  assert.deepEqual(await places(1, 3), [7, 8]);
  assert.equal(await countSurvivors(sql, id, 1, ['ednn']), 5);
  assert.equal(await countSurvivors(sql, id, 1, ['eca']), 0);
  assert.deepEqual(
    (await listEntrants(sql, id, 1, ['ednn'])).map(({ index, isPending }) => [index, isPending]),
    [0, 5, 6, 7, 8].map((index) => [index, true]),
  );
  await recordReports(sql, id, PROVENANCE, [report(8, 1, 0.9), report(7, 1, 0.8), failed(id, trialOf(5), { rung: 1 })]);
  await promote(1, [8]);
  await Promise.all([promote(1, [7]), promote(0, [2]), promote(0, [1])]);
  assert.deepEqual(await places(2), [8, 7]);
  assert.deepEqual((await places(1)).slice(0, 5), [5, 6, 0, 7, 8]);
  assert.deepEqual((await places(1)).toSorted(), [0, 1, 2, 5, 6, 7, 8]);
  assert.deepEqual(
    (await listEntrants(sql, id, 1)).map(({ index, isPending, decided }) => [index, isPending, decided]),
    [
      ...[0, 1, 2].map((index) => [index, true, null]),
      [5, false, null],
      [6, true, null],
      ...[7, 8].map((index) => [index, false, 'promoted']),
    ],
  );
  await decideRung(sql, id, 0, { promoted: [], pruned: [3, 4, 8] }, 'one after another');
  assert.deepEqual(
    (await listEntrants(sql, id, 0)).map(({ decided }) => decided),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((index) => (index > 8 ? null : index === 3 || index === 4 ? 'pruned' : 'promoted')),
  );
  const numbers = await sql<{ promotion: number }[]>`
    select promotion from rung_scores where trial_id like ${`${id}-%`} and rung = 0 and promotion is not null order by 1`;
  assert.deepEqual(
    numbers.map(({ promotion }) => promotion),
    [0, 1, 2, 3, 4, 5, 6],
    'each place once',
  );
  const findFaults = async () =>
    (await findRungFaults(sql, id, [1, 2, 3])).filter(({ problem }) => /^its place/.test(problem)).map(({ trialId }) => trialId);
  assert.deepEqual(await findFaults(), []);
  await sql`update rung_scores set promotion = 1 where trial_id = ${`${id}-5`} and rung = 0`;
  assert.deepEqual(await findFaults(), [`${id}-5`]);
});

test('deleting a sweep deletes its own rows only', async () => {
  const { sql } = db;
  const [gone, stays] = [await seedSweep(sql, 'sgone'), await seedSweep(sql, 'sstays')];
  for (const id of [gone, stays]) {
    await recordReports(sql, id, PROVENANCE, [
      completed(id, trialOf(0, { method: 'eca', k: 2 }), 0.5),
      atRung(id, trialOf(1), 0, 0.4),
    ]);
  }
  const count = async () => {
    const tables = ['covered_variances', 'latents', 'learning_curves', 'models', 'rung_scores', 'checkpoints'];
    const counts = tables.map(async (table) => {
      const rows = await sql`select split_part(trial_id, '-', 1) as sweep, count(*)::int as n from ${sql(table)} group by 1`;
      return [table, rows.find(({ sweep }) => sweep === gone)?.n ?? 0, rows.find(({ sweep }) => sweep === stays)?.n ?? 0];
    });
    return Promise.all(counts);
  };
  const before = await count();
  assert.ok(before.every(([, n]) => n > 0));
  await sql`delete from sweeps where id = ${gone}`;
  assert.deepEqual(
    await count(),
    before.map(([table, , n]) => [table, 0, n]),
  );
});
