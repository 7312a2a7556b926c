import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OptimisationHistory, ParetoFront, RungCounts, SlicePlot } from '../../../../dashboards/contract/sweeps.ts';
import { countParameters } from '../../../../models/methods/cost.ts';
import type { TrialConfiguration } from '../../../../models/training/configuration.ts';
import { numberTrials } from '../../../../search/space.ts';
import { createApiClient } from '../api-client.ts';
import { type ApiHarness, startApiHarness } from '../harness.ts';
import { type SeededSweep, seedDataset, seedSweep, smallSpec } from '../seed-sweeps.ts';

let harness: ApiHarness;
let sweep: SeededSweep;

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** A server that has cached nothing. */
const client = () => {
  const app = harness.app();
  return createApiClient(() => app);
};
const seed = (id: string, changes: Record<string, unknown> = {}) =>
  seedSweep(harness.db.sql, harness.dependencies.blobs, id, smallSpec({ name: id, ...changes }));

before(async () => {
  harness = await startApiHarness();
  await seedDataset(harness.db.sql, harness.dependencies.blobs);
  sweep = await seed('slittle');
  await sweep.record(...range(0, 100));
});
after(async () => {
  assert.deepEqual(harness.logged, [], 'no internal errors');
  await harness?.[Symbol.asyncDispose]();
});

interface Score {
  readonly method: 'ednn' | 'eca' | 'nnca';
  readonly k: number;
  readonly hash: string;
  readonly index: number;
  readonly config: TrialConfiguration;
  readonly score: number;
  readonly structure: number | null;
  readonly seconds: number;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means over seeds of the configurations with most seeds, from single rows. */
async function configurations() {
  const scores = await harness.db.sql<Score[]>`
    select t.method, v.k, t.configuration_hash as hash, t.index, t.configuration as config, t.seconds,
           v.covered_variance as score, v.structure_covered_variance as structure
    from trials t join covered_variances v on v.trial_id = t.id and v.split = 'validation'
    where t.sweep_id = ${sweep.id} and t.outcome = 'completed' order by t.index, v.k`;
  const groups = [...Map.groupBy(scores, ({ k, hash }) => `${k} ${hash}`).values()];
  const seedsOf = ({ method, k }: Score) =>
    Math.max(...groups.filter(([one]) => one?.method === method && one.k === k).map((own) => own.length));
  const complete = groups.filter((own) => own.length === seedsOf(own[0] as Score));
  return {
    incomplete: groups.length - complete.length,
    compared: complete.map((own) => {
      const { method, k, config, index } = own[0] as Score;
      return {
        ...{ method, k, trialId: `slittle-${index}`, index, coveredVariance: mean(own.map(({ score }) => score)) },
        // Three of the four descriptors vary, and spectra have five energies.
        parameters: countParameters(config, k, { descriptors: 3, energies: 5 }),
        seconds: mean(own.map(({ seconds }) => seconds)),
      };
    }),
  };
}

test('the front of covered variance and parameters equals that of single rows, compared in pairs', async () => {
  const found = await client().json<ParetoFront>('/sweeps/slittle/pareto');
  const { compared, incomplete } = await configurations();
  assert.ok(incomplete > 0 && compared.length > 0);
  assert.deepEqual([found.configurations, found.incomplete, found.unmeasured], [compared.length, incomplete, 0]);
  const front = compared.filter(
    (one) =>
      !compared.some(
        (other) =>
          other.coveredVariance >= one.coveredVariance &&
          other.parameters <= one.parameters &&
          (other.coveredVariance > one.coveredVariance || other.parameters < one.parameters),
      ),
  );
  const key = ({ trialId, k }: { readonly trialId: string; readonly k: number }) => `${trialId} ${k}`;
  assert.deepEqual(
    found.rows
      .filter(({ rank }) => rank === 1)
      .map(key)
      .sort(),
    front.map(key).sort(),
  );
  for (const row of found.rows) {
    const expected = compared.find((one) => key(one) === key(row));
    assert.ok(expected && Math.abs(row.coveredVariance - expected.coveredVariance) < 1e-12);
    assert.deepEqual([row.parameters, row.method], [expected.parameters, expected.method]);
    assert.ok(Math.abs(row.seconds - expected.seconds) < 1e-12);
  }
  assert.deepEqual(found.objectives[0], { name: 'coveredVariance', direction: 'maximize', best: 1, reference: 0 });
  assert.deepEqual(
    found.hypervolumes.map(({ method }) => method),
    ['ednn', 'eca', 'nnca', null],
  );
  const shares = found.hypervolumes.map(({ hypervolume }) => hypervolume);
  assert.ok(
    shares.every((share) => share > 0 && share <= (shares.at(-1) as number) && share <= 1),
    String(shares),
  );
  assert.deepEqual([found.partition, found.partitions, found.name], [0, 1, 'slittle']);
});

test('test scores have no part in a front or a history', async () => {
  const paths = ['pareto', 'pareto?objectives=k,structureCoveredVariance', 'history'].map((path) => `/sweeps/slittle/${path}`);
  const read = async () => {
    const { json } = client();
    return Promise.all(paths.map((path) => json<{ readonly revision: number }>(path)));
  };
  const before = await read();
  const { sql } = harness.db;
  await sql`update covered_variances set covered_variance = 0.99 * random(), structure_covered_variance = null where sweep_id = ${sweep.id} and split = 'test'`;
  assert.deepEqual(await read(), before);
});

test('methods without an expansion are left out of a front with the structure', async () => {
  const found = await client().json<ParetoFront>('/sweeps/slittle/pareto?objectives=structureCoveredVariance');
  assert.ok(found.unmeasured > 0);
  assert.ok(found.rows.every(({ method, structureCoveredVariance }) => method !== 'ednn' && structureCoveredVariance !== null));
  const blind = await seed('sblind', { methods: ['ednn'], sampler: { random: { trials: 20 } } });
  await blind.record(0, 1, 2);
  const none = await client().json<ParetoFront>('/sweeps/sblind/pareto?objectives=structureCoveredVariance');
  assert.deepEqual([none.rows, none.hypervolumes, none.configurations, none.unmeasured > 0], [[], [], 0, true]);
});

test('a sweep without scores has an empty front and history', async () => {
  const { json } = client();
  const young = await seed('syoung');
  for (const trials of [[], [5, 16]]) {
    // Of the seeded trials, these diverge.
    await young.record(...trials);
    const { rows, hypervolumes } = await json<ParetoFront>('/sweeps/syoung/pareto');
    assert.deepEqual([rows, hypervolumes], [[], []]);
    assert.deepEqual((await json<OptimisationHistory>('/sweeps/syoung/history')).cells, []);
  }
});

test('the history of each method and width has the best so far in the order of configurations', async () => {
  const { startup, cells } = await client().json<OptimisationHistory>('/sweeps/slittle/history');
  const { compared } = await configurations();
  const { positionOf } = numberTrials(sweep.spec);
  assert.equal(startup, null);
  assert.deepEqual(
    cells.map(({ method, k }) => `${method} ${k}`),
    ['ednn 1', 'ednn 2', 'eca 1', 'eca 2', 'nnca 1', 'nnca 2'],
  );
  for (const { method, k, scores, improvements, expected, configurations: count } of cells) {
    const own = compared.filter((one) => one.method === method && one.k === k);
    assert.deepEqual(
      scores.map(({ number, trialId }) => [number, trialId]),
      own.map(({ index, trialId }) => [positionOf(index).point + 1, trialId]),
    );
    assert.equal(count, scores.at(-1)?.number);
    const best = Math.max(...scores.map(({ score }) => score));
    assert.equal(improvements.at(-1)?.score, best);
    // The sweep is running: numbers without a score may get one.
    assert.deepEqual([expected.at(-1)?.number, expected.at(-1)?.score], [scores.length, best]);
    for (const [i, { score }] of expected.entries()) assert.ok(score >= (expected[i - 1]?.score ?? -1) - 1e-12);
  }
});

test('the history of a sampler that learns has its random start', async () => {
  const sampler = { tpe: { trials: 40, startup: 3 } };
  await seed('slearning', { methods: ['ednn'], space: { k: [1, 2], learningRate: { log: [1e-3, 1e-1] } }, seeds: 2, sampler });
  const { startup, cells } = await client().json<OptimisationHistory>('/sweeps/slearning/history');
  assert.deepEqual([startup, cells], [3, []]);
});

test('partitions have fronts and histories of their own', async () => {
  const split = { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random', repeats: 2 };
  const repeated = await seed('srepeated', { split });
  await repeated.record(...range(100, 130));
  const { json, expectProblem } = client();
  const front = async (partition: number) => json<ParetoFront>(`/sweeps/srepeated/pareto?partition=${partition}`);
  assert.deepEqual([(await front(0)).rows.length, (await front(0)).partitions], [0, 2]);
  assert.ok((await front(1)).rows.length > 0);
  assert.ok((await json<OptimisationHistory>('/sweeps/srepeated/history?partition=1')).cells.length > 0);
  const { fix } = await expectProblem('/sweeps/srepeated/history?partition=2', 422, 'partition-unknown');
  assert.equal(fix, 'partitions are 0 to 1');
  assert.equal((await expectProblem('/sweeps/slittle/pareto?partition=1', 422, 'partition-unknown')).path, 'partition');
});

test('a front has at most 500 configurations behind it, and all that are on one', async () => {
  const space = { k: [1, 2], hidden: [8], learningRate: { log: [1e-4, 1e-1] } };
  const large = await seed('slarge', { space, seeds: 1, sampler: { random: { trials: 1500 } } });
  // As many at a time as a pack has at most.
  for (let from = 0; from < 1500; from += 250) await large.record(...range(from, from + 250));
  const found = await client().json<ParetoFront>('/sweeps/slarge/pareto?objectives=seconds');
  const behind = found.rows.filter(({ rank, rankInMethod }) => rank > 1 && rankInMethod > 1);
  assert.equal(behind.length, 500);
  assert.ok(found.configurations > 1000);
  for (const { method, front } of found.hypervolumes) {
    const own = found.rows.filter((row) => (method === null ? row.rank === 1 : row.method === method && row.rankInMethod === 1));
    assert.equal(own.length, front);
  }
});

test('requests for objectives that do not exist, too few or too many say what to do', async () => {
  const { expectProblem } = client();
  const unknown = await expectProblem('/sweeps/slittle/pareto?objectives=secnods', 422, 'objective-unknown');
  assert.match(unknown.fix ?? '', /did you mean "seconds"\?/);
  assert.equal(unknown.path, 'objectives');
  await expectProblem('/sweeps/slittle/pareto?objectives=coveredVariance', 422, 'objectives-invalid');
  await expectProblem('/sweeps/slittle/pareto?objectives=k,seconds,parameters', 422, 'objectives-invalid');
  await expectProblem('/sweeps/slittle/pareto?partition=-1', 422, 'parameter-invalid');
  for (const path of ['pareto', 'history', 'slices', 'rungs']) await expectProblem(`/sweeps/none/${path}`, 404, 'sweep-unknown');
});

test('slices have every configuration by the value of a parameter', async () => {
  const { json, expectProblem } = client();
  const { compared } = await configurations();
  const { cells, scale, categories } = await json<SlicePlot>('/sweeps/slittle/slices');
  assert.deepEqual([scale, categories], ['log', null]);
  const rates = cells.flatMap(({ method, k, points }) =>
    points.map(({ value, trialId }) => `${method} ${k} ${trialId} ${value}`),
  );
  assert.deepEqual(
    rates.toSorted(),
    compared
      .map(({ method, k, trialId, index }) => `${method} ${k} ${trialId} ${sweep.trials[index]?.configuration.learningRate}`)
      .sort(),
  );
  const hidden = await json<SlicePlot>('/sweeps/slittle/slices?parameter=hidden');
  assert.deepEqual([hidden.scale, hidden.categories], ['category', ['8-8', '12']]);
  assert.ok(hidden.cells.every(({ points }) => points.every(({ value }) => hidden.categories?.includes(String(value)))));
  const start = await json<SlicePlot>('/sweeps/slittle/slices?parameter=start');
  assert.ok(start.cells.every(({ points }) => points.every(({ value }) => value === 'scratch')));
  assert.deepEqual((await json<SlicePlot>('/sweeps/slittle/slices?parameter=dropout')).scale, 'linear');
  assert.deepEqual((await json<SlicePlot>('/sweeps/slittle/slices?parameter=layerNorm')).categories, ['false', 'true']);
  await expectProblem('/sweeps/slittle/slices?parameter=rate', 422, 'parameter-invalid');
});

test('rungs count the trials of each method and width that reached them, and those that were stopped', async () => {
  const halved = await seed('shalved', {
    ...{ methods: ['ednn'], seeds: 1, sampler: { random: { trials: 18 } } },
    ...{ training: { epochs: 9 }, halving: { reduction: 3, rungs: 3 } },
  });
  const { sql } = harness.db;
  await halved.record(...range(0, 18));
  // Nine of k = 1, of which three pass the first rung and one the second; none of k = 2 has ended.
  await sql`delete from trials where sweep_id = 'shalved' and k = 2`;
  await sql`update trials set outcome = 'pruned', rung = 0, failure_code = null where sweep_id = 'shalved'`;
  await sql`update trials set rung = 1 where sweep_id = 'shalved' and index = any('{0, 2}')`;
  await sql`update trials set rung = 2, outcome = 'completed' where sweep_id = 'shalved' and index = 4`;
  const { epochs, cells } = await client().json<RungCounts>('/sweeps/shalved/rungs');
  assert.deepEqual(epochs, [1, 3, 9]);
  const none = { diverged: 0, failed: 0 };
  assert.deepEqual(cells, [
    {
      method: 'ednn',
      k: 1,
      rungs: [
        { reached: 9, pruned: 6, ...none },
        { reached: 3, pruned: 2, ...none },
        { reached: 1, pruned: 0, ...none },
      ],
    },
    { method: 'ednn', k: 2, rungs: [0, 1, 2].map(() => ({ reached: 0, pruned: 0, ...none })) },
  ]);
  // A rule by curves has rungs as well; without any rule there is one.
  await seed('smedian', { methods: ['ednn'], training: { epochs: 9 }, stopping: { median: { rungs: 3 } } });
  const median = await client().json<RungCounts>('/sweeps/smedian/rungs');
  assert.deepEqual([median.epochs, median.cells.every(({ rungs }) => rungs.length === 3)], [[3, 6, 9], true]);
  const single = await client().json<RungCounts>('/sweeps/slittle/rungs');
  assert.deepEqual([single.epochs, single.cells.every(({ rungs }) => rungs.length === 1)], [[20], true]);
});
