/** Storage of a sweep in Postgres: errors of test rows from the engine to the comparison. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createStorage } from '../../activities/storage.ts';
import { createBlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { findInterpretation } from '../../db/queries/sweeps/interpretation.ts';
import { createSweep } from '../../db/queries/sweeps/sweeps.ts';
import { loadComparisonScores } from '../../db/queries/sweeps/test-errors.ts';
import type { TrialEntry } from '../../db/queries/trials/report-details.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { totalSquares } from '../../models/evaluation/covered-variance.ts';
import type { Interpretation } from '../../models/interpretation/interpretation.ts';
import { previewTrials, trialCount, trialId } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { describeInterpretation } from '../../text/interpretation.ts';
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
  const storage = createStorage({ db, blobs: createBlobStore(sql, null), codeVersion: '0', host: 'here' });
  const sweep = await storage.sweep(id);
  const entries: TrialEntry[] = [];
  for (const trial of previewTrials(spec, [...Array(planned).keys()])) {
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
    await storage.recordReports(id, engine, entries);
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

test('latents are kept by policy; comparisons and interpretations do not need them', async () => {
  const { sql } = db;
  const trained = {
    all: smallSpec(SETTINGS),
    best: smallSpec({ ...SETTINGS, latents: 'best' }),
    none: smallSpec({ ...SETTINGS, latents: 'none' }),
  };
  const results = new Map<string, { bytes: number; rows: Float64Array[]; interpretation: Interpretation; without: string[] }>();
  for (const [policy, spec] of Object.entries(trained)) {
    const id = `slatents${policy}`;
    const { storage } = await trainSweep(id, spec);
    await storage.keepBestModels(id);
    await storage.interpret(id, new AbortController().signal);
    const [size] = await sql<
      { bytes: number }[]
    >`select coalesce(sum(octet_length(bytes)), 0)::int as bytes from latents where trial_id like ${`${id}-%`}`;
    const without = await sql<{ id: string }[]>`
      select id from trials where sweep_id = ${id} and exists (select from models where trial_id = id)
        and not exists (select from latents where trial_id = id)`;
    const { trials } = await loadComparisonScores(sql, [id]);
    const found = await findInterpretation(sql, id);
    results.set(policy, {
      bytes: size?.bytes ?? -1,
      rows: trials.flatMap(({ rows }) => rows?.structureErrors ?? []),
      interpretation: found?.result as Interpretation,
      without: without.map((row) => row.id),
    });
  }
  const [all, best, none] = ['all', 'best', 'none'].map(
    (policy) => results.get(policy) as NonNullable<ReturnType<typeof results.get>>,
  );
  assert.ok(all && best && none);
  assert.equal(none.bytes, 0);
  assert.ok(best.bytes <= all.bytes);
  assert.deepEqual(best.without, [], 'every trial with weights has its latents');
  for (const { rows, interpretation } of [best, none]) {
    // Four trials of ECA (two ranks each) and NNCA with an expansion; stored to 11 bits.
    assert.equal(rows.length, all.rows.length);
    for (const [i, errors] of rows.entries()) {
      for (const [row, error] of errors.entries()) {
        const exact = all.rows[i]?.[row] ?? Number.NaN;
        assert.ok(Math.abs(error - exact) <= 1e-3 * Math.abs(exact) + 1e-6, `${error} instead of ${exact}`);
      }
    }
    const agreements = ({ cells }: Interpretation) => cells.map(({ agreement }) => agreement?.kind);
    assert.deepEqual(agreements(interpretation), agreements(all.interpretation));
  }
});

test('with "best", latents go with the weights of a trial that others surpass', async () => {
  const { sql } = db;
  const id = 'sbest';
  // Five seeds: two more than weights are kept of a method and width.
  const { storage } = await trainSweep(id, smallSpec({ ...SETTINGS, seeds: 5, methods: ['ednn'], latents: 'best' }));
  const withLatents = async () =>
    (await sql<{ id: string }[]>`select distinct trial_id as id from latents where trial_id like ${`${id}-%`} order by 1`).map(
      (row) => row.id,
    );
  await storage.keepBestModels(id);
  const kept = await sql<{ id: string }[]>`select trial_id as id from models where sweep_id = ${id} order by 1`;
  assert.equal(kept.length, 6);
  assert.deepEqual(
    await withLatents(),
    kept.map((row) => row.id),
  );
  await storage.interpret(id, new AbortController().signal);
  const interpreted = (await findInterpretation(sql, id))?.result as Interpretation;
  assert.deepEqual(
    interpreted.cells.map(({ trials, withoutLatents }) => [trials.length, withoutLatents]),
    [
      [3, 2],
      [3, 2],
    ],
  );
  assert.match(describeInterpretation(interpreted).join('\n'), /2 of 5 seeds are not compared/);
});
