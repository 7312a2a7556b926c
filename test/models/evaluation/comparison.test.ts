import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrap, type ComparedTrial, compareMethods } from '../../../models/evaluation/comparison.ts';
import type { Method } from '../../../models/methods/catalogue.ts';

const ABOUT = { sweeps: ['s'], dataset: 'water@0', target: 'xes' };
const trial = (method: Method, seed: number, test: number, changes: Partial<ComparedTrial> = {}): ComparedTrial => ({
  ...{ trialId: `${method}-${seed}-${test}`, sweepId: 's', method, k: 1, seed, configurationHash: 'a', validation: test, test },
  structureTest: method === 'ednn' ? null : 0.5,
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
  assert.ok(Math.abs((contrast?.difference.high ?? 0) - (contrast?.difference.low ?? 1)) < 1e-12, 'equal differences, no spread');
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
    validation,
    test,
  });
  const { baselines } = compareMethods(ABOUT, [], [emulator('a', 0.9, 0.91), emulator('a', 0.9, 0.93), emulator('b', 0.8, 0.99)]);
  assert.deepEqual(baselines, [{ name: 'emulator', k: null, coveredVariance: 0.92 }]);
});

test('the bootstrap is reproducible, within the values, about right, and exact for a single value', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const first = bootstrap(values, 'x');
  assert.deepEqual(bootstrap(values, 'x'), first);
  // Standard error of the mean: sqrt(8.25 / 10) = 0.908; 95 % of a normal: 5.5 -+ 1.78.
  assert.ok(Math.abs(first.low - 3.72) < 0.15 && Math.abs(first.high - 7.28) < 0.15, JSON.stringify(first));
  assert.deepEqual(bootstrap([0.3], 'x'), { mean: 0.3, low: 0.3, high: 0.3 });
});
