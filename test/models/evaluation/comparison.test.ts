import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComparedBaseline, type ComparedTrial, compareMethods } from '../../../models/evaluation/comparison.ts';
import type { TestErrors } from '../../../models/evaluation/test-errors.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { stream } from '../../../models/random.ts';

const ABOUT = { sweeps: ['s'], dataset: 'water@0', target: 'xes' };
const trial = (method: Method, seed: number, test: number, changes: Partial<ComparedTrial> = {}): ComparedTrial => ({
  ...{ trialId: `${method}-${seed}-${test}`, sweepId: 's', method, k: 1, seed, configurationHash: 'a', validation: test, test },
  structureTest: method === 'ednn' ? null : 0.5,
  partition: 0,
  ...changes,
});

test('the configuration is chosen by mean validation score over seeds, not by test scores', () => {
  const { rows } = compareMethods(
    ABOUT,
    [
      trial('ednn', 1, 0.7, { validation: 0.8 }),
      trial('ednn', 2, 0.7, { validation: 0.8 }),
      trial('ednn', 1, 0.99, { validation: 0.7, configurationHash: 'b' }),
      trial('ednn', 2, 0.99, { validation: 0.7, configurationHash: 'b' }),
    ],
    [],
  );
  assert.equal(rows[0]?.configurationHash, 'a');
  assert.equal(rows[0]?.coveredVariance.mean, 0.7);
});

test('a row counts its trials by engine, where they are known', () => {
  const { rows } = compareMethods(
    ABOUT,
    [
      ...[1, 2, 3].map((seed) => trial('ednn', seed, 0.7, { engine: seed === 2 ? 'tfjs' : 'kernel' })),
      ...[1, 2].map((seed) => trial('nnca', seed, 0.7, { engine: 'tfjs' })),
      trial('eca', 1, 0.7),
    ],
    [],
  );
  assert.deepEqual(
    rows.map(({ method, engines }) => [method, engines]),
    [
      ['ednn', { kernel: 2, tfjs: 1 }],
      ['eca', undefined],
      ['nnca', { tfjs: 2 }],
    ],
  );
});

test('a configuration that lost seeds does not win by luck of the remaining ones', () => {
  const { rows } = compareMethods(
    ABOUT,
    [trial('nnca', 1, 0.6), trial('nnca', 2, 0.62), trial('nnca', 1, 0.9, { configurationHash: 'b' })],
    [],
  );
  assert.deepEqual([rows[0]?.configurationHash, rows[0]?.trials], ['a', 2]);
});

test('best is the test score of the trial that is best on validation', () => {
  const { rows } = compareMethods(
    ABOUT,
    [trial('eca', 1, 0.5, { validation: 0.9 }), trial('eca', 2, 0.7, { validation: 0.6 })],
    [],
  );
  assert.equal(rows[0]?.coveredVariance.best, 0.5);
});

test('with several partitions, best is of the first: scores of others differ by their rows', () => {
  const { rows } = compareMethods(
    ABOUT,
    [
      trial('ednn', 1, 0.7, { validation: 0.8 }),
      trial('ednn', 2, 0.6, { validation: 0.9 }),
      trial('ednn', 1, 0.1, { validation: 0.99, partition: 1 }),
    ],
    [],
  );
  assert.equal(rows[0]?.coveredVariance.best, 0.6);
});

test('rows name the search for their configuration, which all ranks of ECA have in common', () => {
  const trials = [trial('eca', 1, 0.5), trial('eca', 1, 0.6, { k: 2 }), trial('ednn', 1, 0.7), trial('ednn', 1, 0.8, { k: 2 })];
  const { rows } = compareMethods(
    ABOUT,
    trials,
    [],
    [
      { method: 'eca', k: 2, configurations: 4, trials: 20, epochs: 800, coreSeconds: 60 },
      { method: 'ednn', k: 1, configurations: 3, trials: 15, epochs: 600 },
      { method: 'ednn', k: 2, configurations: 5, trials: 25, epochs: 900 },
    ],
  );
  assert.deepEqual(
    rows.map(({ method, k, effort }) => [method, k, effort?.configurations, effort?.trials, effort?.epochs, effort?.coreSeconds]),
    [
      ['ednn', 1, 3, 15, 600, undefined],
      ['ednn', 2, 5, 25, 900, undefined],
      ['eca', 1, 4, 20, 800, 60],
      ['eca', 2, 4, 20, 800, 60],
    ],
  );
});

test('contrasts pair seeds, and only those that both methods have', () => {
  const { contrasts } = compareMethods(
    ABOUT,
    [
      ...[1, 2, 3].map((seed) => trial('ednn', seed, 0.8 + seed / 100)),
      ...[2, 3, 4].map((seed) => trial('nnca', seed, 0.7 + seed / 100)),
    ],
    [],
  );
  assert.equal(contrasts.length, 1);
  const [contrast] = contrasts;
  assert.deepEqual([contrast?.a, contrast?.b, contrast?.pairs], ['ednn', 'nnca', 2]);
  assert.ok(Math.abs((contrast?.difference.mean ?? 0) - 0.1) < 1e-12);
  assert.ok(Math.abs((contrast?.difference.high ?? 0) - (contrast?.difference.low ?? 1)) < 1e-9, 'equal differences, no spread');
});

test('methods of different sweeps are paired by seed; those of one sweep within it', () => {
  const { contrasts } = compareMethods(
    ABOUT,
    [
      trial('ednn', 1, 0.9),
      trial('ednn', 2, 0.8),
      trial('nnca', 1, 0.7, { sweepId: 'other' }),
      trial('nnca', 3, 0.1, { sweepId: 'other' }),
    ],
    [],
  );
  assert.deepEqual(
    contrasts.map(({ pairs, difference: { mean } }) => [pairs, mean]),
    [[1, 0.9 - 0.7]],
  );
  const both = [trial('ednn', 1, 0.9), trial('ednn', 1, 0.5, { sweepId: 'other' }), trial('nnca', 1, 0.4, { sweepId: 'other' })];
  assert.deepEqual(
    compareMethods(ABOUT, both, []).contrasts.map(({ difference: { mean } }) => mean),
    [0.5 - 0.4],
  );
});

test('the structure side is null for a method without expansion; NaN scores are left out', () => {
  const { rows } = compareMethods(ABOUT, [trial('ednn', 1, 0.8), trial('eca', 1, 0.5), trial('nnca', 1, Number.NaN)], []);
  assert.deepEqual(
    rows.map(({ method, structureCoveredVariance }) => [method, structureCoveredVariance?.mean ?? null]),
    [
      ['ednn', null],
      ['eca', 0.5],
    ],
  );
});

test('the emulator is shown at its best architecture by validation', () => {
  const emulator = (configurationHash: string, validation: number, test: number) => ({
    name: 'emulator',
    k: null,
    configurationHash,
    partition: 0,
    validation,
    test,
  });
  const { baselines } = compareMethods(ABOUT, [], [emulator('a', 0.9, 0.91), emulator('a', 0.9, 0.93), emulator('b', 0.8, 0.99)]);
  assert.deepEqual(
    baselines.map(({ name, coveredVariance }) => [name, coveredVariance]),
    [['emulator', 0.92]],
  );
  const [reference] = compareMethods(
    ABOUT,
    [],
    [emulator('b', 0.95, 0.99), emulator('a', 0.9, 0.91), emulator('a', 0.9, 0.93)],
  ).baselines;
  assert.equal(reference?.coveredVariance, 0.92, 'an architecture with one seed left does not win by its luck');
});

const ROWS = 200;

/**
 * Errors of rows at a covered variance: hard rows are hard for every seed, and `noise` is that of a
 * seed on a row. `groups`: number of groups that the rows come in.
 */
function rowsAt(score: number, seed: number, { noise = 0.1, groups = ROWS, strata = false } = {}): TestErrors {
  const { normal } = stream(1, 'rows');
  const own = stream(seed, `noise ${score}`);
  const spreads = Float64Array.from({ length: ROWS }, () => 1 + normal() ** 2);
  const raw = spreads.map((spread) => spread * (1 - score) * (0.5 + normal() ** 2) * (1 + noise * own.normal()));
  // The sum of the errors has the score exactly.
  const total = spreads.reduce((sum, value) => sum + value, 0) * (1 - score);
  const sum = raw.reduce((all, value) => all + value, 0);
  const units = Int32Array.from({ length: ROWS }, (_, row) => Math.floor((row * groups) / ROWS));
  return {
    ...{ errors: raw.map((value) => (value * total) / sum), structureErrors: null, spreads, structureSpreads: spreads, units },
    strata: strata ? units.map((unit) => unit % 4) : null,
  };
}

const withRows = (method: Method, seed: number, test: number, options: Parameters<typeof rowsAt>[2] = {}) =>
  trial(method, seed, test, { rows: rowsAt(test, seed, options) });

const SEEDS = [1, 2, 3, 4, 5, 6, 7];
const spread = (seed: number): number => 0.002 * Math.sin(9 * seed);

test('an interval covers seeds and test rows, and says how much is due to either', () => {
  const scores = SEEDS.map((seed) => 0.8 + spread(seed));
  const [alone] = compareMethods(
    ABOUT,
    SEEDS.map((seed, i) => trial('ednn', seed, scores[i] as number)),
    [],
  ).rows;
  const [found] = compareMethods(
    ABOUT,
    SEEDS.map((seed, i) => withRows('ednn', seed, scores[i] as number)),
    [],
  ).rows;
  const estimate = found?.coveredVariance;
  assert.equal(estimate?.mean, alone?.coveredVariance.mean);
  assert.deepEqual(alone?.coveredVariance.units, null);
  assert.equal(alone?.coveredVariance.parts?.rows, null);
  assert.deepEqual(estimate?.units, { kind: 'rows', count: ROWS });
  const { seeds, rows } = estimate?.parts ?? {};
  assert.ok(rows && seeds && rows > 5 * seeds, JSON.stringify(estimate));
  assert.ok(
    Math.abs(Math.hypot(seeds, rows) - ((estimate?.high ?? 0) - (estimate?.low ?? 0)) / 2) < 1e-3,
    JSON.stringify(estimate),
  );
  assert.equal(estimate?.median, scores.toSorted((a, b) => a - b)[3]);
});

test('rows of a group are one unit, and strata narrow the interval where they differ', () => {
  const width = (options: Parameters<typeof rowsAt>[2]) => {
    const [row] = compareMethods(
      ABOUT,
      [1, 2, 3].map((seed) => withRows('ednn', seed, 0.8 + spread(seed), options)),
      [],
    ).rows;
    return row?.coveredVariance;
  };
  assert.deepEqual(width({ groups: 20 })?.units, { kind: 'groups', count: 20 });
  assert.deepEqual(width({ groups: 20, strata: true })?.units, { kind: 'groups', count: 20 });
  assert.equal(width({ groups: 1 })?.units, null, 'one group says nothing of the spread of groups');
});

test('one seed claims no seed part, and makes no verdict', () => {
  const { rows, contrasts } = compareMethods(ABOUT, [withRows('ednn', 1, 0.9), withRows('nnca', 1, 0.5)], []);
  assert.equal(rows[0]?.coveredVariance.parts?.seeds, null);
  assert.ok((rows[0]?.coveredVariance.high ?? 0) > (rows[0]?.coveredVariance.low ?? 1));
  assert.equal(contrasts[0]?.resolved, false);
  const bare = compareMethods(ABOUT, [trial('ednn', 1, 0.9)], []).rows[0]?.coveredVariance;
  assert.deepEqual([bare?.low, bare?.high, bare?.units], [0.9, 0.9, null]);
});

test('verdicts on contrasts are adjusted for their number', () => {
  const cells = (widths: number) =>
    Array.from({ length: widths }, (_, i) =>
      SEEDS.flatMap((seed) => [
        { ...withRows('ednn', seed, 0.8 + spread(seed)), k: i + 1 },
        { ...withRows('nnca', seed, 0.79 + spread(seed + 20)), k: i + 1 },
      ]),
    ).flat();
  const [single] = compareMethods(ABOUT, cells(1), []).contrasts;
  const several = compareMethods(ABOUT, cells(3), []).contrasts;
  assert.ok(single?.resolved && (single.difference.low ?? 0) > 0, JSON.stringify(single));
  assert.equal(single.adjustedP, single.p);
  for (const { p, adjustedP } of several) assert.ok(Math.abs((adjustedP ?? 0) - 3 * (p ?? 0)) < 1e-9);
});

test('paired on rows, a difference is known better than either score', () => {
  const trials = SEEDS.flatMap((seed) => [
    withRows('ednn', seed, 0.8 + spread(seed)),
    withRows('nnca', seed, 0.79 + spread(seed)),
  ]);
  const { rows, contrasts } = compareMethods(ABOUT, trials, []);
  const half = ({ low, high }: { low: number; high: number }) => (high - low) / 2;
  assert.ok(half(contrasts[0]?.difference as never) < half(rows[0]?.coveredVariance as never) / 3, JSON.stringify(contrasts));
});

test('a width is enough where the shortfall behind the emulator is below the margin for certain', () => {
  const emulator = SEEDS.map(
    (seed): ComparedBaseline => ({
      ...{ name: 'emulator', k: null, sweepId: 's', seed, configurationHash: 'a', validation: 0.95, test: 0.95 },
      rows: rowsAt(0.95, seed),
    }),
  );
  const trials = SEEDS.flatMap((seed) => [
    withRows('ednn', seed, 0.948 + spread(seed) / 4),
    { ...withRows('nnca', seed, 0.9405 + spread(seed) / 4), k: 1 },
    withRows('eca', seed, 0.93 + spread(seed) / 4),
  ]);
  const { sufficiency, baselines } = compareMethods(ABOUT, trials, emulator);
  assert.deepEqual(
    sufficiency?.map(({ method, enough, reference }) => [method, enough, reference]),
    [
      ['ednn', true, 'emulator'],
      ['eca', false, 'emulator'],
      // Short by .0095: within the margin, but not for certain.
      ['nnca', false, 'emulator'],
    ],
  );
  assert.equal(baselines[0]?.estimate?.units?.count, ROWS);
  assert.equal(compareMethods(ABOUT, trials, []).sufficiency?.[0]?.reference, 'variance');
});

test('seeds in another optimum are named', () => {
  const bad = [0.801, 0.8, 0.799, 0.61, 0.8, 0.802, 0.798].map((score, i) => trial('nnca', i + 1, score));
  assert.deepEqual(compareMethods(ABOUT, bad, []).rows[0]?.otherOptimum, [4]);
  const even = [0.801, 0.79, 0.78, 0.77, 0.8, 0.76, 0.75].map((score, i) => trial('nnca', i + 1, score));
  assert.deepEqual(compareMethods(ABOUT, even, []).rows[0]?.otherOptimum, []);
});

test('configurations are chosen within each partition, and the interval is over partitions', () => {
  const partitions = [0, 1, 2, 3, 4].flatMap((partition) =>
    [1, 2].flatMap((seed) => [
      // Best on validation in every other partition.
      trial('ednn', seed, 0.7 + partition / 100, { partition, validation: partition % 2 }),
      trial('ednn', seed, 0.6 + partition / 100, { partition, validation: 0.5, configurationHash: 'b' }),
    ]),
  );
  const { rows } = compareMethods({ ...ABOUT, testToTraining: 0.25 }, partitions, []);
  const { mean, low, high, parts, units } = rows[0]?.coveredVariance ?? {};
  // .60, .71, .62, .73, .64: mean .66, deviation sqrt(.00325).
  assert.ok(Math.abs((mean ?? 0) - 0.66) < 1e-12);
  const expected = 2.7764451052 * Math.sqrt((1 / 5 + 0.25) * 0.00325);
  assert.ok(Math.abs((high ?? 0) - (low ?? 0) - 2 * expected) < 1e-9, `${low} to ${high}`);
  assert.ok(Math.abs((parts?.partitions ?? 0) - expected) < 1e-9);
  assert.deepEqual([parts?.seeds, units], [null, { kind: 'partitions', count: 5 }]);
});
