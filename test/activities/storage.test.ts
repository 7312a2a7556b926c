/** Storage of a sweep in Postgres: errors of test rows from the engine to the comparison. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createStorage } from '../../activities/storage.ts';
import { createBlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { createSweep } from '../../db/queries/sweeps/sweeps.ts';
import { loadComparisonScores } from '../../db/queries/sweeps/test-errors.ts';
import type { TrialEntry } from '../../db/queries/trials/report-details.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { totalSquares } from '../../models/evaluation/covered-variance.ts';
import { trialCount, trialId, trialsAt } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { DATASET_VERSION, seedDataset, smallSpec } from '../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../db/database.ts';
import { unwatched } from '../support/data.ts';

const SETTINGS = {
  space: { k: [1, 2], hidden: [8], learningRate: 0.02 },
  seeds: 2,
  sampler: { grid: {} },
  training: { epochs: 10, batch: 16 },
};
const ID = 'serrors';

let db: Database;
const engine = createKernelEngine({ threads: 2 });
before(async () => {
  db = await migratedDatabase();
  await seedDataset(db.sql, createBlobStore(db.sql, null));
});
after(async () => {
  await engine.close();
  await db?.close();
});

/** Trains a sweep, and delivers its reports and baselines twice. */
async function trainSweep(id: string, spec: SweepSpec) {
  const { sql } = db;
  const planned = trialCount(spec);
  await createSweep(sql, {
    ...{ id, name: id, spec, dataset: 'little', datasetVersion: DATASET_VERSION, target: 'xes' },
    ...{ planned, packSizes: [planned], codeVersion: '0' },
  });
  const storage = createStorage({ db, blobs: createBlobStore(sql, null), engine, codeVersion: '0', host: 'here' });
  const sweep = await storage.sweep(id);
  const entries: TrialEntry[] = [];
  for (const trial of trialsAt(spec, [...Array(planned).keys()])) {
    const { index, configuration, seed, partition } = trial;
    const task = {
      ...{ trialId: trialId(id, index), configuration, seed },
      ...{ untilEpoch: configuration.epochs, checkpoint: null, initial: null },
    };
    const data = await storage.packData(sweep, partition);
    const [report] = await engine.train({ data, tasks: [task] }, unwatched());
    assert.ok(report?.outcome === 'completed');
    entries.push({ trial, trialId: report.trialId, rung: 0, report });
  }
  for (let delivery = 0; delivery < 2; delivery++) {
    await storage.recordReports(id, entries);
    await storage.baselines(sweep);
  }
  const scores = entries.flatMap(({ report }) => (report.outcome === 'completed' ? report.scores : []));
  return { storage, sweep, scores };
}

const sum = (values: Float64Array | undefined | null) => values?.reduce((total, value) => total + value, 0) ?? Number.NaN;

test('trained trials and baselines are compared by errors of test rows that reproduce their scores', async () => {
  const { sql } = db;
  const { storage, sweep, scores: reported } = await trainSweep(ID, smallSpec(SETTINGS));
  const { trials: compared, baselines } = await loadComparisonScores(sql, [ID]);
  const { test: testRows } = (await storage.packData(sweep, 0)).rows;
  // Three methods at two widths or ranks, two seeds.
  assert.equal(compared.length, 12);
  for (const { method, k, test: score, structureTest, rows } of compared) {
    assert.equal(rows?.errors.length, testRows.length, `${method}/${k}`);
    assert.ok(Math.abs(1 - sum(rows.errors) / sum(rows.spreads) - score) < 1e-12);
    assert.deepEqual([...rows.units], [...testRows.keys()]);
    assert.equal(rows.strata, null);
    assert.equal(rows.spreads, compared[0]?.rows?.spreads, 'the arrays of the test rows are shared');
    if (method === 'ednn') assert.equal(rows.structureErrors, null);
    else assert.ok(Math.abs(1 - sum(rows.structureErrors) / sum(rows.structureSpreads) - (structureTest as number)) < 1e-6);
  }
  const [first] = compared;
  const exact = reported.find(({ split, coveredVariance }) => split === 'test' && coveredVariance === first?.test)?.errors;
  first?.rows?.errors.forEach((error, row) => {
    assert.ok(Math.abs(error / (exact?.[row] as number) - 1) < 1e-3);
  });

  assert.deepEqual(new Set(baselines.map(({ name }) => name)), new Set(['emulator', 'ridge', 'pcr', 'pls2']));
  for (const { name, test: score, rows } of baselines) {
    assert.ok(Math.abs(1 - sum(rows?.errors) / sum(rows?.spreads) - score) < 1e-12, name);
    assert.equal(rows?.structureErrors, null);
  }

  await storage.compare(ID, new AbortController().signal);
  const [stored] = await sql<{ kept: number }[]>`select count(*)::int as kept from test_errors where trial_id like ${`${ID}-%`}`;
  assert.equal(stored?.kept, reported.filter(({ split }) => split === 'test').length);
});

test('each partition has test rows of its own', async () => {
  const split = { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random', repeats: 2 };
  const { storage, sweep } = await trainSweep('srepeats', smallSpec({ ...SETTINGS, methods: ['nnca', 'eca'], split }));
  const { trials, baselines } = await loadComparisonScores(db.sql, ['srepeats']);
  for (const { rows, test: score, partition = 0 } of [...trials, ...baselines]) {
    const { y, rows: parts } = await storage.packData(sweep, partition);
    assert.ok(Math.abs(sum(rows?.spreads) / totalSquares(y, parts.test) - 1) < 1e-12);
    assert.ok(Math.abs(1 - sum(rows?.errors) / sum(rows?.spreads) - score) < 1e-12);
  }
  assert.deepEqual(new Set(trials.map(({ partition }) => partition)), new Set([0, 1]));
  assert.deepEqual(new Set(baselines.map(({ partition }) => partition)), new Set([0, 1]));
  assert.ok(trials.every(({ rows }) => rows?.structureErrors));
  await db.sql`delete from sweeps where id = 'srepeats'`;
});

test('trials whose errors were never stored, or of a sweep without test rows, are compared by their scores alone', async () => {
  const { sql } = db;
  const errorless = async () =>
    (await loadComparisonScores(sql, [ID])).trials.flatMap(({ rows, trialId: id }) => (rows ? [] : [id]));
  assert.deepEqual(await errorless(), []);
  await sql`delete from test_errors where trial_id = ${`${ID}-0`}`;
  assert.deepEqual(await errorless(), [`${ID}-0`]);
  await sql`delete from latents where split = 'test'`;
  const { trials } = await loadComparisonScores(sql, [ID]);
  assert.ok(trials.every(({ rows }) => !rows || rows.structureErrors === null));
  await sql`delete from test_rows where sweep_id = ${ID}`;
  assert.equal((await errorless()).length, 12);
});

test('errors and test rows go with their sweep', async () => {
  const { sql } = db;
  await sql`delete from sweeps where id = ${ID}`;
  const [left] = await sql<[{ rows: number }]>`
    select (select count(*) from test_errors) + (select count(*) from baseline_errors) + (select count(*) from test_rows) as rows`;
  assert.equal(Number(left.rows), 0);
});
