import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Feature } from '../../../models/evaluation/forest.ts';
import { centreWithin, type Importances, parameterImportance } from '../../../models/evaluation/importance.ts';
import { shuffle, stream } from '../../../models/random.ts';
import { SIMULATED, simulateImportance } from '../../support/simulations/importance.ts';

const ROWS = 600;
const { uniform } = stream(3, 'importance of parameters');

/** Three numbers and a category of four, all independent. */
const FEATURES: readonly Feature[] = ['a', 'b', 'c', 'word'].map((name) => ({
  name,
  values: Float64Array.from({ length: ROWS }, () => (name === 'word' ? Math.floor(4 * uniform()) : uniform())),
  ordered: name !== 'word',
}));

const target = (figure: (row: (name: string) => number) => number) =>
  Float64Array.from({ length: ROWS }, (_, i) =>
    figure((name) => FEATURES.find((feature) => feature.name === name)?.values[i] as number),
  );

const of = ({ parameters }: Importances, name: string) =>
  parameters.find((one) => one.name === name) as Importances['parameters'][number];

test('a score that depends on one parameter gives it nearly all importance', () => {
  const found = parameterImportance(
    FEATURES,
    target((row) => Math.sin(3 * row('b'))),
  );
  assert.ok((found.r2 ?? 0) > 0.95, String(found.r2));
  assert.equal(found.parameters[0]?.name, 'b');
  const { importance, low, high } = of(found, 'b');
  assert.ok(importance > 0.85 && importance < 1.1, String(importance));
  assert.ok(low <= importance && importance <= high);
  for (const name of ['a', 'c', 'word']) assert.ok(of(found, name).importance < 0.02, name);
});

test('the scale of a parameter does not matter, only its order', () => {
  const rate = FEATURES[0] as Feature;
  const exponential = {
    ...rate,
    values: Float64Array.from({ length: ROWS }, (_, i) => 1e-6 * 10 ** (5 * (rate.values[i] as number))),
  };
  const figures = target((row) => (row('a') - 0.5) ** 2);
  const [linear, logarithmic] = [FEATURES, [exponential, ...FEATURES.slice(1)]].map((features) =>
    parameterImportance(features, figures),
  ) as [Importances, Importances];
  assert.deepEqual(logarithmic, linear);
});

test('categories have no order: one in the middle may be the best', () => {
  const found = parameterImportance(
    FEATURES,
    target((row) => [0.1, 0.9, 0.2, 0.8][row('word')] as number),
  );
  assert.ok((found.r2 ?? 0) > 0.98);
  assert.ok(of(found, 'word').importance > 0.9);
});

test('a parameter counts where it exists, and not for where it exists', () => {
  const having = (i: number) => (FEATURES[3]?.values[i] as number) < 2;
  const partial = (f: number, name: string): Feature => ({
    name,
    values: Float64Array.from({ length: ROWS }, (_, i) => (having(i) ? (FEATURES[f]?.values[i] as number) : Number.NaN)),
    ordered: true,
  });
  const features = [partial(0, 'a'), partial(1, 'b'), FEATURES[2] as Feature, FEATURES[3] as Feature];
  const isHere = (row: (name: string) => number) => row('word') < 2;
  const found = parameterImportance(
    features,
    target((row) => (isHere(row) ? 1 + row('a') : 0)),
  );
  for (const name of ['b', 'c']) {
    assert.ok(of(found, name).importance < 0.02, `${name}: ${of(found, name).importance}`);
    assert.ok(of(found, name).firstOrder.mean < 0.02, `${name}: ${of(found, name).firstOrder.mean}`);
  }
  // Half the rows have a variance of 1/12; between the halves, with means of 1.5 and 0, it is 9/16.
  const expected = 1 / 24 / (1 / 24 + 9 / 16);
  assert.ok(Math.abs(of(found, 'a').firstOrder.mean - expected) < 0.02, `${of(found, 'a').firstOrder.mean} and not ${expected}`);
  assert.ok(of(found, 'a').importance < 0.2 && of(found, 'a').importance > expected / 2, `${of(found, 'a').importance}`);
  assert.equal(found.parameters[0]?.name, 'word');
});

test('categories may be missing, too', () => {
  const word = FEATURES[3] as Feature;
  const missing = {
    ...word,
    values: Float64Array.from({ length: ROWS }, (_, i) =>
      (word.values[i] as number) === 3 ? Number.NaN : (word.values[i] as number),
    ),
  };
  const found = parameterImportance(
    [...FEATURES.slice(0, 3), missing],
    target((row) => [0.1, 0.9, 0.2, 0.2][row('word')] as number),
  );
  assert.ok((found.r2 ?? 0) > 0.98);
  assert.ok(of(found, 'word').importance > 0.5);
});

test('interacting parameters are each counted', () => {
  const found = parameterImportance(
    FEATURES,
    target((row) => (row('a') > 0.5 === row('b') > 0.5 ? 1 : 0)),
  );
  // Sobol's total index is 1 for both: either alone explains nothing.
  for (const name of ['a', 'b']) assert.ok(of(found, name).importance > 0.5, `${name}: ${of(found, name).importance}`);
  assert.ok(of(found, 'c').importance < 0.05);
});

test('with permuted scores the forest explains nothing, and no parameter is important', () => {
  const figures = target((row) => Math.sin(3 * row('b')) + row('a'));
  const order = shuffle(
    Uint32Array.from({ length: ROWS }, (_, i) => i),
    1,
    'permuted',
  );
  const found = parameterImportance(
    FEATURES,
    figures.map((_, i) => figures[order[i] as number] as number),
  );
  assert.ok(found.r2 !== null && found.r2 < 0.05 && found.r2 > -0.3, String(found.r2));
  for (const { name, importance } of found.parameters) assert.ok(importance < 0.06, `${name}: ${importance}`);
});

test('what a parameter explains alone is its first-order index', () => {
  // y = sqrt(2) a + b: Sobol indices 2/3 and 1/3.
  const additive = parameterImportance(
    FEATURES,
    target((row) => Math.SQRT2 * row('a') + row('b')),
  );
  for (const [name, index] of [
    ['a', 2 / 3],
    ['b', 1 / 3],
    ['c', 0],
    ['word', 0],
  ] as const) {
    const { mean, low, high } = of(additive, name).firstOrder;
    assert.ok(Math.abs(mean - index) < 0.05 && low <= mean && mean <= high, `${name}: ${mean}`);
  }
  const product = parameterImportance(
    FEATURES,
    target((row) => (row('a') - 0.5) * (row('b') - 0.5)),
  );
  for (const name of ['a', 'b']) {
    assert.ok(of(product, name).firstOrder.mean < 0.03, 'only together they matter');
    assert.ok(of(product, name).importance > 0.4);
  }
});

test('first-order intervals hold the index, total intervals the mean estimate of as many trials', () => {
  for (const { kind, wanted } of SIMULATED) {
    const found = simulateImportance(kind, { trials: 60, seeds: 1, draws: 24 });
    for (const [parameter, index] of wanted.entries()) {
      const { firstOrderHolds, totalHoldsMean } = found[parameter] as (typeof found)[number];
      assert.ok(firstOrderHolds(index) >= 0.8, `${kind} ${parameter}: ${firstOrderHolds(index)}`);
      assert.ok(totalHoldsMean >= 0.7, `${kind} ${parameter}: ${totalHoldsMean}`);
    }
  }
});

test('seeds of a configuration are one unit: more of them do not narrow the interval of its parameters', () => {
  const width = (seeds: number) => {
    const found = simulateImportance('additive', { trials: 60 * seeds, seeds, draws: 4 });
    return found[0]?.firstOrderWidth as number;
  };
  assert.ok(Math.abs(width(4) / width(1) - 1) < 0.25, `${width(4)} and ${width(1)}`);
});

test('importance is deterministic', () => {
  const figures = target((row) => row('a') * row('b'));
  assert.deepEqual(parameterImportance(FEATURES, figures), parameterImportance(FEATURES, figures));
});

test('too few rows, or a constant score or parameter, give no importance', () => {
  const few = FEATURES.map((feature) => ({ ...feature, values: Array.from(feature.values).slice(0, 10) }));
  assert.deepEqual(
    parameterImportance(
      few,
      Float64Array.from({ length: 10 }, (_, i) => i),
    ).r2,
    null,
  );
  assert.equal(parameterImportance(FEATURES, new Float64Array(ROWS)).r2, null);
  const constant = { name: 'constant', values: new Float64Array(ROWS).fill(2), ordered: true };
  const found = parameterImportance(
    [constant, ...FEATURES],
    target((row) => row('a')),
  );
  assert.deepEqual(of(found, 'constant'), {
    name: 'constant',
    importance: 0,
    low: 0,
    high: 0,
    firstOrder: { mean: 0, low: 0, high: 0 },
  });
});

test('what partitions differ by is taken out of their scores', () => {
  const scores = Float64Array.of(0.5, 0.75, 0.25, 1, 0.5);
  assert.deepEqual(
    [...centreWithin(scores, [0, 0, 1, 1, 1])].map((value) => Number(value.toFixed(4))),
    [...[-0.125, 0.125], ...[-0.3333, 0.4167, -0.0833]],
  );
});
