import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  findComparison,
  listBaselineScores,
  listComparisonTrials,
  listEfforts,
  saveBaselines,
  saveComparison,
} from '../../../../db/queries/sweeps/comparison.ts';
import {
  dropWorseModels,
  findBestTrial,
  findBestTrials,
  listModels,
  loadModelBytes,
} from '../../../../db/queries/trials/models.ts';
import type { TrialEntry } from '../../../../db/queries/trials/report-details.ts';
import { loadLatents, loadLearningCurve, type ResultRow, streamResults } from '../../../../db/queries/trials/results.ts';
import { recordReports } from '../../../../db/queries/trials/trials.ts';
import {
  type ComparedBaseline,
  type ComparedTrial,
  chooseConfigurations,
  compareMethods,
} from '../../../../models/evaluation/comparison.ts';
import { stream } from '../../../../models/random.ts';
import { parseWhere } from '../../../../search/columns/where.ts';
import type { Trial } from '../../../../search/space.ts';
import { migratedDatabase } from '../../database.ts';
import { atRung, completed, diverged, failed, PROVENANCE, seedSweep, trialOf } from '../../fixtures.ts';

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
const eca = (index: number, k = 3) => trialOf(index, { method: 'eca', k });
const nnca = (index: number, k = 2) => trialOf(index, { method: 'nnca', k });

async function rows(split: string | null, where = ''): Promise<ResultRow[]> {
  const filters = parseWhere(where);
  const all: ResultRow[] = [];
  for await (const block of streamResults(db.sql, sweepId, { split, where: filters })) all.push(...block);
  return all;
}
const brief = (found: readonly ResultRow[]) =>
  found.map(({ trialId, k, split, outcome }) => `${trialId.split('-')[1]} ${k} ${split} ${outcome}`);

test('results have one row per trial, width or rank, and split; missing scores are null', async () => {
  await record(
    completed(sweepId, trialOf(0), 0.5),
    completed(sweepId, eca(6), 0.9),
    failed(sweepId, trialOf(2)),
    diverged(sweepId, eca(8)),
  );
  const found = await rows('test');
  assert.deepEqual(brief(found), [
    '0 2 test completed',
    '2 2 test failed',
    '6 1 test completed',
    '6 2 test completed',
    '6 3 test completed',
    '8 3 test diverged',
  ]);
  assert.deepEqual(found[0], {
    trialId: `${sweepId}-0`,
    sweepId,
    method: 'ednn',
    k: 2,
    seed: 0,
    partition: 0,
    config: trialOf(0).configuration,
    outcome: 'completed',
    split: 'test',
    coveredVariance: 0.5 - 0.002,
    structureCoveredVariance: null,
    engine: 'kernel',
    seconds: 2,
  });
  assert.deepEqual([found[1]?.coveredVariance, found[1]?.structureCoveredVariance], [null, null]);
  assert.equal(found[4]?.structureCoveredVariance, 0.5);
  assert.deepEqual(brief(await rows(null, `trial=${sweepId}-0`)), [
    '0 2 train completed',
    '0 2 validation completed',
    '0 2 test completed',
  ]);
});

test('results are filtered by conditions', async () => {
  await record(
    completed(sweepId, trialOf(0), 0.5),
    completed(sweepId, eca(6), 0.9),
    completed(sweepId, nnca(11), 0.8),
    failed(sweepId, trialOf(2)),
  );
  const found = async (where: string) => brief(await rows('test', where));
  assert.deepEqual(await found('method=eca,k=2'), ['6 2 test completed']);
  assert.deepEqual(await found('k=2'), ['0 2 test completed', '2 2 test failed', '6 2 test completed', '11 2 test completed']);
  assert.deepEqual(await found('outcome=failed'), ['2 2 test failed']);
  assert.deepEqual(await found('seed=1,method=nnca'), ['11 2 test completed']);
  assert.deepEqual(await found('learningRate=0.003,hidden=64-64,activation=elu'), ['11 2 test completed']);
  assert.deepEqual(await found(`engine=kernel,trial=${sweepId}-0`), ['0 2 test completed']);
  assert.deepEqual(await found("engine=eca' or true --"), []);
});

test('results are streamed in blocks', async () => {
  await record(...Array.from({ length: 1100 }, (_, index) => failed(sweepId, trialOf(index))));
  const sizes: number[] = [];
  for await (const block of streamResults(db.sql, sweepId, { split: 'test', where: [] })) sizes.push(block.length);
  assert.deepEqual(sizes, [1000, 100]);
  // A reader that stops early releases its connection.
  for (let i = 0; i < 20; i++) {
    for await (const _ of streamResults(db.sql, sweepId, { split: 'test', where: [] })) break;
  }
  assert.deepEqual([...(await db.sql`select 1 as one`)], [{ one: 1 }]);
});

test('the best trial has the highest validation score at that width or rank', async () => {
  await record(
    ...[0.5, 0.9, 0.7].map((score, i) => completed(sweepId, trialOf(i), score)),
    completed(sweepId, eca(6), 0.9),
    completed(sweepId, eca(7, 2), 0.85),
  );
  assert.equal(await findBestTrial(db.sql, sweepId, 'ednn', 2), `${sweepId}-1`);
  assert.equal(await findBestTrial(db.sql, sweepId, 'eca', 2), `${sweepId}-7`);
  assert.equal(await findBestTrial(db.sql, sweepId, 'eca', 3), `${sweepId}-6`);
  await assert.rejects(findBestTrial(db.sql, sweepId, 'nnca', 2), { code: 'trial-unknown', kind: 'not-found' });
  await assert.rejects(findBestTrial(db.sql, sweepId, 'ednn', 1), { code: 'trial-unknown', kind: 'not-found' });
  assert.equal((await findBestTrials(db.sql, 'snone', [{ method: 'ednn', k: 2 }])).length, 0);
});

test('test scores do not affect the selection', async () => {
  const swapped = (index: number, score: number): TrialEntry => {
    const entry = completed(sweepId, trialOf(index), score);
    assert.ok(entry.report.outcome === 'completed');
    const figures = entry.report.scores.map((figure) =>
      figure.split === 'test' ? { ...figure, coveredVariance: -score } : figure,
    );
    return { ...entry, report: { ...entry.report, scores: figures } };
  };
  await record(...[0.1, 0.4, 0.3, 0.2].map((score, i) => swapped(i, score)));
  assert.equal(await findBestTrial(db.sql, sweepId, 'ednn', 2), `${sweepId}-1`);
  await dropWorseModels(db.sql, sweepId);
  assert.deepEqual(
    (await listModels(db.sql, sweepId)).map(({ trialId }) => trialId),
    [1, 2, 3].map((index) => `${sweepId}-${index}`),
  );
});

test('a score that is not finite is never the best', async () => {
  const entry = completed(sweepId, trialOf(0), 0.5);
  assert.ok(entry.report.outcome === 'completed');
  const figures = entry.report.scores.map((figure) => ({ ...figure, coveredVariance: Number.NaN }));
  await record({ ...entry, report: { ...entry.report, scores: figures } }, completed(sweepId, trialOf(1), -3));
  assert.equal(await findBestTrial(db.sql, sweepId, 'ednn', 2), `${sweepId}-1`);
  assert.deepEqual(
    (await listComparisonTrials(db.sql, [sweepId])).map(({ trialId }) => trialId),
    [`${sweepId}-1`],
  );
});

test('the weights of the best three trials of each method and width or rank are kept in any order of arrival', async () => {
  const scores = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4];
  for (const [i, score] of scores.entries())
    await record(completed(sweepId, trialOf(i), score), completed(sweepId, nnca(20 + i), -score));
  // Rank 1 of a fit of rank 2 scores higher than rank 1 of a fit of rank 3 with the same score.
  await record(...[0, 1, 2, 3].map((i) => completed(sweepId, eca(40 + i, 2 + (i % 2)), 0.5 + i / 100)));
  await dropWorseModels(db.sql, sweepId);
  const kept = await listModels(db.sql, sweepId);
  const of = (method: string, k: number) =>
    kept.filter((row) => row.method === method && row.k === k).map(({ trialId }) => Number(trialId.split('-')[1]));
  assert.deepEqual(of('ednn', 2), [1, 3, 5]);
  assert.deepEqual(of('nnca', 2), [20, 22, 24]);
  assert.deepEqual(of('eca', 1), [42, 40, 43, 41]);
  assert.deepEqual(of('eca', 2), [42, 40, 43, 41]);
  assert.deepEqual(of('eca', 3), [43, 41]);
  assert.equal(kept[0]?.bytes, 'weights of 42'.length);
  assert.equal(kept[0]?.config.method, 'eca');
  assert.equal(new TextDecoder().decode(await loadModelBytes(db.sql, `${sweepId}-1`)), 'weights of 1');
  await assert.rejects(loadModelBytes(db.sql, `${sweepId}-0`), { code: 'weights-dropped', kind: 'not-found' });
  // Other rows of the trial are kept.
  assert.ok(await loadLatents(db.sql, `${sweepId}-0`, 'test'));
  assert.ok(await loadLearningCurve(db.sql, `${sweepId}-0`));
});

test('weights that cannot be among the best are never written', async () => {
  await record(...[0.9, 0.8, 0.7, 0.6].map((score, i) => completed(sweepId, trialOf(i), score)));
  await record(completed(sweepId, trialOf(5), 0.5), completed(sweepId, trialOf(6), 0.85));
  const models = await db.sql`select trial_id as id from models where sweep_id = ${sweepId} order by 1`;
  assert.deepEqual(
    models.map(({ id }) => id),
    [0, 1, 2, 6].map((index) => `${sweepId}-${index}`),
  );
  await dropWorseModels(db.sql, sweepId);
  assert.equal((await listModels(db.sql, sweepId)).length, 3);
});

test('missing and corrupt weights are distinct errors', async () => {
  await record(completed(sweepId, trialOf(0), 0.5), failed(sweepId, trialOf(1)));
  await assert.rejects(loadModelBytes(db.sql, 'snone-1'), { code: 'trial-unknown', kind: 'not-found' });
  await assert.rejects(loadModelBytes(db.sql, `${sweepId}-1`), { code: 'weights-dropped', message: /it ended as failed/ });
  await db.sql`update models set bytes = 'other' where sweep_id = ${sweepId}`;
  await assert.rejects(loadModelBytes(db.sql, `${sweepId}-0`), { code: 'weights-corrupt', kind: 'failure' });
  await db.sql`update latents set bytes = set_byte(bytes, 0, 99) where trial_id = ${`${sweepId}-0`}`;
  await assert.rejects(loadLatents(db.sql, `${sweepId}-0`, 'test'), { code: 'latents-corrupt' });
  assert.equal(await loadLatents(db.sql, `${sweepId}-1`, 'test'), null);
  assert.equal(await loadLearningCurve(db.sql, `${sweepId}-1`), null);
});

test('the comparison reads completed trials of several sweeps and their baselines', async () => {
  const other = await seedSweep(db.sql, `${sweepId}b`);
  await record(completed(sweepId, trialOf(0), 0.5), completed(sweepId, eca(6, 2), 0.9), atRung(sweepId, trialOf(1), 0, 0.9));
  await recordReports(db.sql, other, PROVENANCE, [completed(other, nnca(0), 0.7)]);
  const found = await listComparisonTrials(db.sql, [sweepId, other]);
  assert.deepEqual(
    found.map(({ trialId, k, seed }) => [trialId, k, seed]),
    [
      [`${sweepId}-0`, 2, 0],
      [`${sweepId}-6`, 1, 1],
      [`${sweepId}-6`, 2, 1],
      [`${other}-0`, 2, 0],
    ],
  );
  assert.deepEqual(
    { ...found[2] },
    {
      trialId: `${sweepId}-6`,
      sweepId,
      method: 'eca',
      k: 2,
      seed: 1,
      partition: 0,
      configurationHash: eca(6, 2).configurationHash,
      validation: 0.9 - 0.001,
      test: 0.9 - 0.002,
      structureTest: 0.5,
      engine: 'kernel',
    },
  );

  const ridge = (['validation', 'test'] as const).map((split) => ({
    name: 'ridge',
    k: null,
    seed: null,
    configurationHash: null,
    split,
    partition: 0,
    coveredVariance: 0.3,
    errors: null,
  }));
  const pls = ridge.map((row) => ({ ...row, name: 'pls', k: 2, coveredVariance: 0.4 }));
  await saveBaselines(db.sql, sweepId, [...ridge, ...pls]);
  await saveBaselines(
    db.sql,
    sweepId,
    ridge.map((row) => ({ ...row, coveredVariance: 0.9 })),
  );
  assert.deepEqual(
    (await listBaselineScores(db.sql, [sweepId])).map((row) => ({ ...row })),
    [
      {
        sweepId,
        name: 'emulator',
        k: null,
        seed: 1,
        configurationHash: eca(6, 2).configurationHash,
        partition: 0,
        validation: 0.99,
        test: 0.99,
      },
      { sweepId, name: 'pls', k: 2, seed: null, configurationHash: null, partition: 0, validation: 0.4, test: 0.4 },
      { sweepId, name: 'ridge', k: null, seed: null, configurationHash: null, partition: 0, validation: 0.3, test: 0.3 },
    ],
  );
});

test('the query selects the same trials as the comparison of all rows', async () => {
  const other = await seedSweep(db.sql, `${sweepId}b`);
  // Few different figures: many configurations are as good as one another, and the first of them is
  // meant.
  const { uniform } = stream(3, 'choice');
  for (const id of [sweepId, other]) {
    const entries = Array.from({ length: 60 }, (_, index) => {
      const trial = [trialOf, nnca, (i: number) => eca(i, 2 + (i % 2))][index % 3]?.(index) as Trial;
      // The first configuration has fewer seeds but the highest scores.
      const lucky = index < 3;
      const hash = `h${index % 3}${lucky ? 'lucky' : 9 - (Math.floor(index / 3) % 10)}`.padEnd(64, '0');
      return completed(id, { ...trial, seed: index, configurationHash: hash }, lucky ? 1.2 : uniform());
    });
    await recordReports(db.sql, id, PROVENANCE, entries);
  }
  // Integers, whose sums are exact in any order.
  await db.sql`update covered_variances set covered_variance = round(covered_variance::numeric) where split = 'validation'`;
  await db.sql`update covered_variances set covered_variance = null where split = 'test' and trial_id like ${`${sweepId}%7`}`;
  const ids = [sweepId, other];
  const every = await db.sql<ComparedTrial[]>`
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, e.k, t.seed::float8 as seed, t.configuration_hash as "configurationHash",
           t.partition, v.covered_variance as validation, e.covered_variance as test, e.structure_covered_variance as "structureTest", t.engine
    from trials t join covered_variances e on e.trial_id = t.id and e.split = 'test'
    join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = e.k
    where t.sweep_id = any(${ids}) and e.covered_variance is not null order by t.sweep_id, t.index, e.k`;
  const emulators = await db.sql<ComparedBaseline[]>`
    select e.sweep_id as "sweepId", e.seed::float8 as seed, e.name, nullif(e.k, 0) as k, e.configuration_hash as "configurationHash", e.partition, v.covered_variance as validation,
           e.covered_variance as test
    from baselines e join baselines v using (sweep_id, name, k, seed, configuration_hash, partition)
    where e.sweep_id = any(${ids}) and e.split = 'test' and v.split = 'validation' order by e.sweep_id, e.name, e.k, e.seed, e.configuration_hash`;
  const read = await listComparisonTrials(db.sql, ids);
  assert.ok(every.length > 150 && read.length < every.length / 3, `${read.length} of ${every.length}`);
  const chosen = (trials: readonly ComparedTrial[]) =>
    chooseConfigurations(trials).map(({ method, k, trials: seeds }) => [method, k, seeds.map(({ trialId }) => trialId)]);
  assert.deepEqual(chosen(read), chosen(every));
  const about = { sweeps: ids, dataset: 'd', target: 't' };
  assert.deepEqual(compareMethods(about, read, await listBaselineScores(db.sql, ids)), compareMethods(about, every, emulators));
});

test('within each partition the best configuration is chosen by its own scores, and its trials alone are read', async () => {
  // In each partition another configuration is the best; both seeds of it are compared.
  const entries = [0, 1, 2].flatMap((partition) =>
    ['a', 'b', 'c'].flatMap((hash, number) =>
      [0, 1].map((seed) => {
        const trial = { ...eca(10 * partition + 2 * number + seed, 2), configurationHash: hash, seed, partition };
        return completed(sweepId, trial, number === partition ? 0.9 : 0.5);
      }),
    ),
  );
  await record(...entries);
  const read = await listComparisonTrials(db.sql, [sweepId]);
  assert.deepEqual(
    read.map(({ partition, configurationHash, seed, k }) => [partition, configurationHash, seed, k]),
    ['a', 'b', 'c'].flatMap((hash, partition) => [0, 1].flatMap((seed) => [1, 2].map((k) => [partition, hash, seed, k]))),
  );
  const emulators = (await listBaselineScores(db.sql, [sweepId])).filter(({ name }) => name === 'emulator');
  assert.deepEqual(
    emulators.map(({ partition, seed }) => [partition, seed]),
    [0, 1, 2].flatMap((partition) => [0, 1].map((seed) => [partition, seed])),
  );
  // Weights are kept of the first partition alone, whose best trials they are.
  const kept = await listModels(db.sql, sweepId);
  assert.ok(
    kept.length > 0 && kept.every(({ trialId }) => entries.some((one) => one.trialId === trialId && one.trial.partition === 0)),
  );
  const other = entries.find(({ trial }) => trial.partition === 1)?.trialId as string;
  await assert.rejects(loadModelBytes(db.sql, other), { code: 'weights-dropped', message: /trained on partition 1/ });
});

test('efforts count all that was tried of a method and width, however it ended', async () => {
  const later = { ...nnca(5), partition: 1, index: 105 };
  await record(
    completed(sweepId, nnca(0), 0.9, { epochs: 20 }),
    completed(sweepId, nnca(1), 0.8, { epochs: 12 }),
    completed(sweepId, nnca(5), 0.7, { epochs: 20 }),
    completed(sweepId, later, 0.7, { epochs: 20 }),
    diverged(sweepId, nnca(10)),
    completed(sweepId, eca(15), 0.6, { epochs: 7 }),
  );
  const found = (await listEfforts(db.sql, [sweepId])).map((row) => ({ ...row }));
  assert.deepEqual(
    found.map(({ epochs: _, ...counts }) => counts),
    [
      { method: 'eca', k: 3, configurations: 1, trials: 1, coreSeconds: 2 },
      { method: 'nnca', k: 2, configurations: 3, trials: 5, coreSeconds: 9 },
    ],
  );
  assert.equal(found[0]?.epochs, 7);
});

test('the emulator of seed 0 has seed 0', async () => {
  await record(completed(sweepId, eca(5), 0.9));
  const [emulator] = await listBaselineScores(db.sql, [sweepId]);
  assert.equal(emulator?.seed, 0);
});

test('the last comparison of a sweep is kept', async () => {
  assert.equal(await findComparison(db.sql, sweepId), null);
  await saveComparison(db.sql, sweepId, { rows: [1] });
  await saveComparison(db.sql, sweepId, { rows: [2] });
  assert.deepEqual(await findComparison(db.sql, sweepId), { rows: [2] });
});
