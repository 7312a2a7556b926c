import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { loadCheckpoints, saveCheckpoint, sumCheckpoints } from '../../../../db/queries/trials/checkpoints.ts';
import type { TrialEntry } from '../../../../db/queries/trials/report-details.ts';
import { loadLatents, loadLearningCurve } from '../../../../db/queries/trials/results.ts';
import { findTrialStates, recordReports } from '../../../../db/queries/trials/trials.ts';
import { until } from '../../../support/until.ts';
import { migratedDatabase } from '../../database.ts';
import { atRung, completed, diverged, failed, PROVENANCE, seedSweep, trialOf, VERSION } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
let sweepId: string;
let sweeps = 0;

before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());
beforeEach(async () => {
  sweepId = await seedSweep(db.sql, `s${++sweeps}`);
});

const record = (...entries: TrialEntry[]) => recordReports(db.sql, sweepId, PROVENANCE, entries);
const trialRows = () => db.sql`select * from trials where sweep_id = ${sweepId} order by index`;

/** Reads all rows of the sweep's trials. */
async function everything() {
  const tables = ['covered_variances', 'latents', 'components', 'learning_curves', 'models', 'rung_scores', 'checkpoints'];
  return Promise.all([
    trialRows(),
    db.sql`select * from baselines where sweep_id = ${sweepId} order by 1, 2, 3, 4, 5, 6`,
    ...tables.map((table) => db.sql`select * from ${db.sql(table)} where trial_id like ${`${sweepId}-%`} order by 1, 2, 3`),
  ]);
}

test('a trial that another build had to train stores the name of that build', async () => {
  const entry = completed(sweepId, trialOf(3), 0.5);
  const build = 'wasm-simd/1 after a crash of x86-64-v4/2';
  await record({ ...entry, report: { ...entry.report, build } });
  const [row] = await trialRows();
  assert.equal(row?.engine_build, build);
});

test('a completed trial stores its row, provenance, scores, latents, curve and weights', async () => {
  const trial = trialOf(7, { method: 'eca', k: 2 });
  await record(completed(sweepId, trial, 0.9, { rows: 5000 }));
  const [row] = await trialRows();
  assert.ok(row);
  const { started_at, finished_at, write_id: _, ...rest } = row;
  assert.deepEqual(rest, {
    id: `${sweepId}-7`,
    sweep_id: sweepId,
    index: 7,
    method: 'eca',
    k: 2,
    cell: 'eca',
    configuration: trial.configuration,
    configuration_hash: trial.configurationHash,
    seed: '2',
    partition: 0,
    outcome: 'completed',
    rung: 0,
    promoted_into: 0,
    validation: 0.9 - 0.001,
    failure_code: null,
    message: null,
    epochs: 20,
    seconds: 2,
    dataset_version: VERSION,
    engine: 'kernel',
    engine_build: 'wasm/1',
    code_version: '0.1.0',
    host: 'here',
  });
  assert.equal(finished_at - started_at, 2000);
  const figures = await db.sql`
    select split, k, covered_variance as figure, structure_covered_variance as structure from covered_variances
    where trial_id = ${`${sweepId}-7`} order by split, k`;
  assert.equal(figures.length, 6);
  assert.deepEqual({ ...figures[0] }, { split: 'test', k: 1, figure: 0.9 - 0.1 - 0.002, structure: 0.5 });
  assert.deepEqual(await loadLearningCurve(db.sql, `${sweepId}-7`), {
    train: [0.1, 0.2],
    validation: [0.1, 0.9],
    best: 1,
  });
  const latents = await loadLatents(db.sql, `${sweepId}-7`, 'validation');
  assert.deepEqual([latents?.rows, latents?.k], [5000, 2]);
  assert.deepEqual(
    latents?.data,
    Float32Array.from({ length: 10_000 }, (_, i) => i + 7),
  );
  const blocks = await db.sql`
    select block, first_row, rows, dtype, octet_length(bytes) as bytes, sample_step, sample[1:4] as sample, cardinality(sample) as sampled
    from latents where trial_id = ${`${sweepId}-7`} and split = 'test' order by block`;
  assert.deepEqual(
    blocks.map((block) => ({ ...block })),
    [
      {
        block: 0,
        first_row: 0,
        rows: 4096,
        dtype: 'float32le',
        bytes: 4096 * 8,
        sample_step: 32,
        sample: [7, 8, 71, 72],
        sampled: 256,
      },
      {
        block: 1,
        first_row: 4096,
        rows: 904,
        dtype: 'float32le',
        bytes: 904 * 8,
        sample_step: 8,
        sample: [8199, 8200, 8215, 8216],
        sampled: 226,
      },
    ],
  );
});

test('a second delivery changes nothing, even with other scores', async () => {
  const entries = [
    completed(sweepId, trialOf(0), 0.5),
    completed(sweepId, trialOf(1, { method: 'eca', k: 3 }), 0.5),
    atRung(sweepId, trialOf(2), 0, 0.4),
    failed(sweepId, trialOf(3)),
    diverged(sweepId, trialOf(4)),
  ];
  await record(...entries);
  const before = await everything();
  await record(...entries);
  await record(completed(sweepId, trialOf(0), 0.9), atRung(sweepId, trialOf(2), 0, 0.9), failed(sweepId, trialOf(4)));
  assert.deepEqual(await everything(), before);
});

test('a delivery that contains a trial twice writes it once', async () => {
  await record(
    atRung(sweepId, trialOf(0), 0, 0.4),
    completed(sweepId, trialOf(0), 0.5, { rung: 1 }),
    atRung(sweepId, trialOf(0), 0, 0.4),
  );
  assert.deepEqual(
    (await trialRows()).map(({ outcome, rung }) => ({ outcome, rung })),
    [{ outcome: 'completed', rung: 1 }],
  );
});

test('concurrent overlapping deliveries write each row once without deadlock', async () => {
  for (let round = 0; round < 12; round++) {
    if (round > 0) sweepId = await seedSweep(db.sql, `s${++sweeps}`);
    const entries = Array.from({ length: 40 }, (_, i) => completed(sweepId, trialOf(i), i / 100));
    await Promise.all(
      Array.from({ length: 8 }, (_, worker) => {
        const own = entries.filter((_, i) => i % 3 !== worker % 3);
        return record(...(worker % 2 ? own.reverse() : own));
      }),
    );
    const rows = await trialRows();
    assert.deepEqual(
      rows.map(({ index }) => index),
      Array.from({ length: 40 }, (_, i) => i),
    );
    const [figures] = await db.sql`
      select count(*)::int as count, count(distinct (trial_id, split, k))::int as different from covered_variances where sweep_id = ${sweepId}`;
    assert.deepEqual({ ...figures }, { count: 120, different: 120 });
  }
});

test('a delivery is written completely or not at all', async () => {
  const broken = completed(sweepId, trialOf(1), 0.5);
  assert.ok(broken.report.outcome === 'completed');
  const twice = { ...broken, report: { ...broken.report, scores: [...broken.report.scores, ...broken.report.scores] } };
  await assert.rejects(record(completed(sweepId, trialOf(0), 0.5), twice), { code: '23505' });
  assert.equal((await trialRows()).length, 0);
});

test('a trial advances through rungs; a late report of an earlier rung is ignored', async () => {
  const trial = trialOf(0);
  await record(atRung(sweepId, trial, 0, 0.3));
  await record(atRung(sweepId, trial, 1, 0.5));
  await record(atRung(sweepId, trial, 0, 0.1));
  const [waiting] = await trialRows();
  assert.deepEqual([waiting?.outcome, waiting?.rung, waiting?.validation, waiting?.seconds], ['rung', 1, 0.5, 2]);
  assert.deepEqual(
    await loadCheckpoints(db.sql, [`${sweepId}-0`]),
    new Map([[`${sweepId}-0`, new TextEncoder().encode('rung 1 of 0')]]),
  );
  await record(completed(sweepId, trial, 0.7, { rung: 2 }));
  await record(atRung(sweepId, trial, 1, 0.5));
  const [ended] = await trialRows();
  assert.deepEqual([ended?.outcome, ended?.rung, ended?.validation, ended?.seconds], ['completed', 2, 0.7 - 0.001, 4]);
  assert.equal((await loadCheckpoints(db.sql, [`${sweepId}-0`])).size, 0);
  assert.deepEqual((await loadLearningCurve(db.sql, `${sweepId}-0`))?.validation, [0.1, 0.7]);
});

test('a failed trial can be retried; other endings are final', async () => {
  await record(failed(sweepId, trialOf(0)), diverged(sweepId, trialOf(1)), completed(sweepId, trialOf(2), 0.5));
  await record(...[0, 1, 2].map((index) => failed(sweepId, trialOf(index), { message: 'gone again' })));
  assert.deepEqual(
    (await trialRows()).map(({ outcome, message }) => [outcome, message]),
    [
      ['failed', 'gone again'],
      ['diverged', 'loss is NaN'],
      ['completed', null],
    ],
  );
  await record(...[0, 1, 2].map((index) => completed(sweepId, trialOf(index), 0.9)));
  const rows = await trialRows();
  assert.deepEqual(
    rows.map(({ outcome, failure_code, message }) => [outcome, failure_code, message]),
    [
      ['completed', null, null],
      ['diverged', null, 'loss is NaN'],
      ['completed', null, null],
    ],
  );
  assert.equal(rows[0]?.seconds, 4);
});

test('a trial that failed at a later rung keeps its earlier promotions and scores', async () => {
  await record(atRung(sweepId, trialOf(0), 0, 0.3));
  await record(failed(sweepId, trialOf(0), { rung: 1 }));
  const [row] = await trialRows();
  assert.deepEqual([row?.outcome, row?.rung, row?.validation], ['failed', 1, 0.3]);
  const scores = await db.sql`select rung, validation from rung_scores where trial_id = ${`${sweepId}-0`}`;
  assert.deepEqual([...scores], [{ rung: 0, validation: 0.3 }]);
  assert.deepEqual([...(await findTrialStates(db.sql, sweepId, [0, 1]))], [{ index: 0, outcome: 'failed', rung: 1 }]);
});

test('a failed trial keeps its checkpoint and counts its epochs', async () => {
  const id = `${sweepId}-0`;
  await saveCheckpoint(db.sql, sweepId, id, 63, Buffer.from('state'));
  await record(failed(sweepId, trialOf(0)));
  assert.equal((await trialRows())[0]?.epochs, 63);
  await saveCheckpoint(db.sql, sweepId, id, 64, Buffer.from('a later state'));
  assert.equal((await loadCheckpoints(db.sql, [id])).size, 1);
  await record(completed(sweepId, trialOf(0), 0.5));
  assert.equal((await loadCheckpoints(db.sql, [id])).size, 0);
});

test('non-finite scores are stored as null; curves keep them', async () => {
  const entry = completed(sweepId, trialOf(0), 0.5);
  assert.ok(entry.report.outcome === 'completed');
  const figures = [
    {
      split: 'validation' as const,
      k: 2,
      coveredVariance: Number.NaN,
      structureCoveredVariance: Number.POSITIVE_INFINITY,
      errors: null,
    },
    {
      split: 'test' as const,
      k: 2,
      coveredVariance: -1e300,
      structureCoveredVariance: null,
      errors: Float64Array.of(Number.NaN),
    },
  ];
  await record({ ...entry, report: { ...entry.report, scores: figures } }, diverged(sweepId, trialOf(1)));
  const rows = await db.sql`
    select covered_variance as figure, structure_covered_variance as structure from covered_variances where sweep_id = ${sweepId}
    order by split desc`;
  assert.deepEqual(
    [...rows],
    [
      { figure: null, structure: null },
      { figure: -1e300, structure: null },
    ],
  );
  const curve = await loadLearningCurve(db.sql, `${sweepId}-1`);
  assert.deepEqual(curve?.train[1], Number.NaN);
  assert.deepEqual(curve?.validation[1], Number.NEGATIVE_INFINITY);
});

test('two trials with the same configuration and seed are rejected', async () => {
  await record(completed(sweepId, trialOf(0), 0.5));
  const double = { ...trialOf(0), index: 5 };
  await assert.rejects(record(completed(sweepId, double, 0.5)), { name: 'NarrowsError', code: 'trial-duplicate' });
});

test('listeners are notified of the sweep and its revision on commit', async () => {
  const notifications: string[] = [];
  const { unlisten } = await db.sql.listen('narrows_sweep', (text) => notifications.push(text));
  try {
    await record(completed(sweepId, trialOf(0), 0.5));
    await record(completed(sweepId, trialOf(0), 0.5));
    await record(completed(sweepId, trialOf(1), 0.5));
    await until(() => notifications.length >= 2, 'two notifications');
    assert.deepEqual(
      notifications.map((text) => JSON.parse(text)),
      [1, 2].map((revision) => ({ sweepId, revision, state: 'running' })),
    );
  } finally {
    await unlisten();
  }
});

test('the latest checkpoint is loaded; corrupt ones are skipped; ended trials get none', async () => {
  const id = `${sweepId}-0`;
  const save = (epoch: number, text: string) => saveCheckpoint(db.sql, sweepId, id, epoch, Buffer.from(text));
  const load = async () => new TextDecoder().decode((await loadCheckpoints(db.sql, [id])).get(id));
  await save(4, 'four');
  await save(6, 'six');
  await save(5, 'five, late');
  assert.equal(await load(), 'six');
  await db.sql`update checkpoints set bytes = 'sox' where trial_id = ${id}`;
  assert.equal(await load(), '');
  await save(3, 'three');
  assert.equal(await load(), 'three', 'the training that began again has its own');
  assert.deepEqual(await sumCheckpoints(db.sql, [id, `${sweepId}-1`]), { epochs: 3, bytes: 5 });
  await record(completed(sweepId, trialOf(0), 0.5));
  await save(7, 'seven, late');
  assert.equal(await load(), '');
  assert.deepEqual([...(await db.sql`select * from checkpoints where sweep_id = ${sweepId}`)], []);
});
