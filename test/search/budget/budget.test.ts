import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boughtPoints, runningBudget, shareOf } from '../../../search/budget/budget.ts';
import { countLeftOut, trainedPointsPerCell } from '../../../search/limits/limits.ts';
import { planSweep } from '../../../search/plan.ts';
import { cellsOf, trialCount } from '../../../search/space.ts';
import { specDocument } from '../../../search/spec-document.ts';
import { specOf } from '../specs.ts';

const space = { k: [1, 2, 3, 4], learningRate: { log: [0.0005, 0.01] } };
const bought = (budget: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
  specOf({ space, seeds: 2, sampler: { random: {} }, budget, ...changes });

test('methods have equal shares, whatever the number of their cells', () => {
  const spec = bought({ trials: 600 });
  const methods = cellsOf(spec).map(({ method }) => method);
  const points = boughtPoints(spec) ?? [];
  const trialsOf = (method: string) => points.reduce((sum, one, i) => sum + (methods[i] === method ? one * 2 : 0), 0);
  assert.deepEqual(['ednn', 'eca', 'nnca'].map(trialsOf), [200, 200, 200]);
  // ECA has one cell of a hundred configurations, the others four of 25.
  assert.deepEqual([Math.max(...points), Math.min(...points)], [100, 25]);
  assert.equal(trialCount(spec) - countLeftOut(spec, null), 600);
  const plan = planSweep(spec, { trainRows: 1000, descriptors: 9, energies: 20 });
  assert.deepEqual([plan.trials, plan.configurations, plan.rungs[0]?.trials], [600, 300, 600]);
  assert.deepEqual(
    plan.methods.map(({ method, trials }) => [method, trials]),
    [
      ['ednn', 200],
      ['eca', 200],
      ['nnca', 200],
    ],
  );
});

test('shares are weights, of which absent ones are 1', () => {
  const spec = bought({ trials: 600, shares: { ednn: 2.5, nnca: 0.5 } });
  assert.deepEqual(
    spec.methods.map((method) => shareOf(spec, method)),
    [0.625, 0.25, 0.125],
  );
  // Whole configurations: 375 trials are 46 of each width, 75 are 9.
  assert.deepEqual(
    [...new Set(boughtPoints(spec))].sort((a, b) => a - b),
    [9, 46, 75],
  );
});

test('trials count on every partition', () => {
  assert.deepEqual(boughtPoints(bought({ trials: 600 }, { split: { folds: 5 } })), boughtPoints(bought({ trials: 120 })));
});

test('a share that is a whole number of configurations buys them, however it is rounded', () => {
  // 0.1 + 0.2 + 0.3 is a little more than 0.6.
  const spec = bought({ trials: 600, shares: { ednn: 0.1, eca: 0.2, nnca: 0.3 } }, { space: { ...space, k: 1 } });
  assert.deepEqual(boughtPoints(spec), [50, 100, 150]);
});

test('limits apply within what the budget buys', () => {
  const spec = bought({ trials: 600 });
  const trained = trainedPointsPerCell(spec, { 'ednn/1': 3, 'ednn/2': 90 });
  assert.deepEqual(trained.slice(0, 4), [3, 25, 25, 25]);
});

test('budgets are documented as they were stated', () => {
  for (const budget of [{ trials: 600, shares: { eca: 2 } }, { coreSeconds: 3600 }, { minutes: 0.5 }]) {
    const sampler = { tpe: 'trials' in budget ? { startup: 4 } : { trials: 600, startup: 4 } };
    const spec = bought(budget, { sampler });
    const document = specDocument(spec, 'water');
    assert.deepEqual(document.budget, budget);
    assert.deepEqual(document.sampler, { tpe: { ...sampler.tpe, seed: 1 } });
    assert.deepEqual(specOf(document), spec);
    assert.deepEqual(runningBudget(spec), 'trials' in budget ? null : budget);
  }
});

const list = { list: [{ learningRate: 0.01 }, { learningRate: 0.02 }] };
const WRONG: readonly (readonly [name: string, change: Record<string, unknown>, path: string, says: RegExp])[] = [
  ['no limit', { budget: {} }, 'budget', /exactly one of trials, coreSeconds, minutes/],
  ['two limits', { budget: { trials: 600, minutes: 5 } }, 'budget', /exactly one of/],
  ['an unknown limit', { budget: { coreseconds: 5 } }, 'budget.coreseconds', /unknown key "coreseconds".*/],
  ['no trials', { budget: { trials: 0 } }, 'budget.trials', /above 0/],
  ['no time', { budget: { coreSeconds: 0 }, sampler: { random: { trials: 90 } } }, 'budget.coreSeconds', /above 0/],
  ['a share of nothing', { budget: { trials: 600, shares: { eca: 0 } } }, 'budget.shares.eca', /above 0/],
  [
    'a share of a method that is not trained',
    { methods: ['ednn'], budget: { trials: 600, shares: { eca: 1 } } },
    'budget.shares.eca',
    /no method "eca"/,
  ],
  [
    'shares of minutes',
    { budget: { minutes: 5, shares: { eca: 2 } }, sampler: { random: { trials: 90 } } },
    'budget.shares',
    /share the time/,
  ],
  ['trials of sampler and budget', { sampler: { random: { trials: 600 } } }, 'sampler.random.trials', /the budget says/],
  ['a sampler without trials', { budget: { minutes: 5 } }, 'sampler.random.trials', /does not say how many trials/],
  ['a sampler without trials and budget', { budget: undefined }, 'sampler.random.trials', /expected number/],
  ['a grid', { sampler: { grid: {} } }, 'budget', /a grid/],
  ['a grid for a while', { sampler: { grid: {} }, budget: { minutes: 1 } }, 'budget', /a grid/],
  ['listed points', { sampler: list }, 'budget.trials', /a list trains all of its points/],
  [
    'too few trials',
    { budget: { trials: 20 } },
    'budget.trials',
    /a budget of 20 buys no configuration of ednn\/1, at 2 trials each/,
  ],
  [
    'too few for a sampler that learns',
    { sampler: { tpe: {} }, budget: { trials: 240 } },
    'budget.trials',
    /buys 10 configurations .* and the tpe sampler needs its 10 random ones and one more/,
  ],
  ['more than the space has', { space: { k: [1, 2] }, budget: { trials: 60 } }, 'budget.trials', /the space has 1/],
  [
    'more enqueued points than it buys',
    {
      sampler: { tpe: { startup: 2 } },
      budget: { trials: 72 },
      enqueue: Array.from({ length: 4 }, (_, i) => ({ learningRate: 0.001 * (i + 1) })),
    },
    'enqueue',
    /4 points of nnca\/4 are more than the 3/,
  ],
];
for (const [name, change, path, says] of WRONG) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => bought({ trials: 600 }, change),
      (error: { path?: string; message: string; fix?: string }) => {
        assert.equal(error.path, path, error.message);
        assert.match(error.message, says);
        return true;
      },
    );
  });
}

test('the fix of a budget that is too small is enough', () => {
  for (const [changes, trials] of [
    [{}, 24],
    [{ split: { repeats: 3 } }, 72],
    [{ sampler: { tpe: { startup: 4 } } }, 120],
  ] as const) {
    assert.throws(() => bought({ trials: trials - 1 }, changes), { fix: new RegExp(`use at least ${trials}, or other shares`) });
    assert.ok(bought({ trials }, changes));
  }
});
