import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  areDecided,
  beginPoints,
  NOTHING_SPENT,
  type Spending,
  secondsWithinBudget,
  shareOfFirstPart,
} from '../../../search/budget/spending.ts';
import { specOf } from '../specs.ts';

const specWith = (budget: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
  specOf({
    space: { k: [1, 2], learningRate: { log: [0.001, 0.1] } },
    seeds: 2,
    sampler: { random: { trials: 100 } },
    budget,
    ...changes,
  });

const after = (changes: Partial<Spending>): Spending => ({ ...NOTHING_SPENT, ...changes });
const point = (cell: string, number: number) => ({ cell, point: number });

test('points begin while there is budget, and those between them with them', () => {
  const spec = specWith({ coreSeconds: 300 });
  const first = beginPoints({ spec, limits: null, spending: NOTHING_SPENT }, 0, [point('ednn/1', 1), point('eca', 0)]);
  assert.deepEqual(first.limits, {});
  assert.deepEqual(first.spending.begun, { 'ednn/1': 2, 'nnca/1': 0, 'ednn/2': 0, eca: 1, 'nnca/2': 0 });
  assert.ok(areDecided({ spec, limits: null, spending: first.spending }, [point('ednn/1', 0), point('eca', 0)]));
  assert.ok(!areDecided({ spec, limits: null, spending: first.spending }, [point('ednn/1', 2)]));
});

test('a method that has spent its part begins nothing further, others go on', () => {
  const spec = specWith({ coreSeconds: 300, shares: { ednn: 4 } });
  const begun = { 'ednn/1': 5, 'ednn/2': 4, eca: 3, 'nnca/1': 2, 'nnca/2': 0 };
  const spending = after({ begun, coreSeconds: { ednn: 199, eca: 50, nnca: 49.9 } });
  const wanted = [point('eca', 3), point('ednn/1', 5), point('nnca/2', 0)];
  const next = beginPoints({ spec, limits: null, spending }, 0, wanted);
  assert.deepEqual([next.spending.spent, next.limits], [['eca'], { eca: 3 }]);
  assert.deepEqual(next.spending.begun, { ...begun, 'ednn/1': 6, 'nnca/2': 1 });
  // Every cell trains a point, also where its method has spent everything before.
  const all = after({ begun, coreSeconds: { ednn: 200, eca: 50, nnca: 50 } });
  const last = beginPoints({ spec, limits: { eca: 1 }, spending: all }, 0, [point('nnca/2', 0), point('nnca/2', 1)]);
  assert.deepEqual(last.limits, { 'ednn/1': 5, 'ednn/2': 4, 'nnca/1': 2, 'nnca/2': 1 });
  assert.deepEqual(last.spending.begun, { ...begun, 'nnca/2': 1 });
  assert.deepEqual(last.spending.spent, ['ednn', 'eca', 'nnca']);
  // A cell that is left out for another reason trains none.
  const none = beginPoints({ spec, limits: { 'nnca/2': 0 }, spending: all }, 0, [point('nnca/2', 0)]);
  assert.deepEqual([none.limits['nnca/2'], none.spending.begun['nnca/2']], [undefined, 0]);
});

test('a decision that is made again adds nothing', () => {
  const spec = specWith({ coreSeconds: 30 });
  const spending = after({ begun: { 'ednn/1': 2 }, coreSeconds: { ednn: 10 } });
  const first = beginPoints({ spec, limits: null, spending }, 0, [point('ednn/1', 2)]);
  assert.deepEqual(first.limits, { 'ednn/1': 2, 'ednn/2': 1 });
  const again = beginPoints({ spec, limits: first.limits, spending: first.spending }, 0, [point('ednn/1', 2)]);
  assert.deepEqual([again.limits, again.spending], [{}, first.spending]);
  assert.ok(areDecided({ spec, limits: first.limits, spending: again.spending }, [point('ednn/1', 2), point('ednn/2', 5)]));
});

test('minutes end for all methods at once', () => {
  const spec = specWith({ minutes: 2 });
  const spending = after({ begun: { 'ednn/1': 5, 'ednn/2': 5, 'nnca/1': 5, 'nnca/2': 5, eca: 4 } });
  assert.deepEqual(beginPoints({ spec, limits: null, spending }, 119.9, []).limits, {});
  assert.deepEqual(beginPoints({ spec, limits: null, spending }, 120, []).limits, spending.begun);
});

test('what has begun is trained on all partitions and rungs: later ones are paid for', () => {
  const halved = { halving: { reduction: 3, rungs: 3 }, training: { epochs: 90 } };
  assert.equal(shareOfFirstPart(specWith({ minutes: 1 })), 1);
  assert.equal(shareOfFirstPart(specWith({ minutes: 1 }, { split: { folds: 5 } })), 1 / 5);
  // Rungs of 10, 20 and 60 epochs, for 10, 3 and 1 configurations of each cell.
  assert.equal(shareOfFirstPart(specWith({ minutes: 1 }, halved)), 100 / (100 + 60 + 60));
  // Scores may stop none.
  assert.equal(shareOfFirstPart(specWith({ minutes: 1 }, { stopping: { median: { rungs: 4 } } })), 1 / 4);
  const overlapping = { ...halved, halving: { ...halved.halving, asynchronous: true }, split: { repeats: 2 } };
  assert.equal(shareOfFirstPart(specWith({ minutes: 1 }, overlapping)), 1 / 2);
  const spec = specWith({ coreSeconds: 300 }, { split: { repeats: 4 } });
  const spentAt = (ednn: number) =>
    beginPoints({ spec, limits: null, spending: after({ coreSeconds: { ednn } }) }, 0, []).spending.spent;
  assert.deepEqual([spentAt(24.9), spentAt(25)], [[], ['ednn']]);
});

test('the time until a budget is spent is known for minutes, and follows from the pace for core-seconds', () => {
  const within = (budget: Record<string, unknown>, spending: Partial<Spending>, seconds: number) =>
    secondsWithinBudget(specWith(budget), after(spending), seconds);
  assert.deepEqual([within({ minutes: 2 }, {}, 30), within({ minutes: 2 }, {}, 300)], [90, 0]);
  assert.equal(within({ coreSeconds: 300 }, { coreSeconds: { ednn: 30, eca: 20, nnca: 10 } }, 50), 200);
  // A method that has spent its part does not go on.
  assert.equal(within({ coreSeconds: 300 }, { coreSeconds: { ednn: 500, eca: 50 } }, 50), 50);
  assert.equal(within({ coreSeconds: 300 }, {}, 50), Infinity);
  assert.equal(secondsWithinBudget(specOf(), NOTHING_SPENT, 50), Infinity);
});
