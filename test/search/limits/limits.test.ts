import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellName } from '../../../models/methods/catalogue.ts';
import { addLimits, countLeftOut, leftOutByMethod, leftOutTrials, trainedPointsPerCell } from '../../../search/limits/limits.ts';
import { cellsOf, numberTrials, trialCount } from '../../../search/space.ts';
import { specOf } from '../specs.ts';

// Five cells, the first of which have three points and the last two, on two partitions.
const SPEC = specOf({
  space: { k: [1, 2], learningRate: { log: [0.001, 0.01] } },
  seeds: 3,
  split: { repeats: 2 },
  sampler: { random: { trials: 39 } },
});

test('trials from the limit of their cell on are left out, on every partition and with every seed', () => {
  const limits = { 'ednn/1': 1, eca: 0, 'nnca/2': 50 };
  const names = cellsOf(SPEC).map(cellName);
  assert.deepEqual(names, ['ednn/1', 'nnca/1', 'ednn/2', 'eca', 'nnca/2']);
  assert.deepEqual(trainedPointsPerCell(SPEC, limits), [1, 3, 3, 0, 2]);
  const isLeftOut = leftOutTrials(SPEC, limits);
  const leftOut = [...Array(trialCount(SPEC)).keys()].filter(isLeftOut).map((index) => numberTrials(SPEC).positionOf(index));
  assert.equal(leftOut.length, countLeftOut(SPEC, limits));
  assert.ok(leftOut.every(({ cell, point }) => point >= { 'ednn/1': 1, eca: 0 }[names[cell] as 'eca']));
  // Two points of ednn/1 and two of eca, three seeds, two partitions.
  assert.deepEqual(Object.fromEntries(leftOutByMethod(SPEC, limits)), { ednn: 12, eca: 12 });
});

test('without limits, nothing is left out', () => {
  assert.deepEqual([countLeftOut(SPEC, null), leftOutTrials(SPEC, null)(77), leftOutByMethod(SPEC, {}).size], [0, false, 0]);
});

test('a cell keeps the limit that it has', () => {
  const first = addLimits(SPEC, null, { eca: 1 });
  assert.deepEqual(addLimits(SPEC, first, { eca: 2, 'ednn/2': 0 }), { eca: 1, 'ednn/2': 0 });
});

const WRONG: readonly (readonly [limits: Record<string, number>, message: RegExp])[] = [
  [{ 'ednn/3': 1 }, /no cell ednn\/3/],
  [{ eca: -1 }, /-1 is not a number of points of eca/],
  [{ eca: 1.5 }, /1\.5 is not a number of points of eca/],
];
for (const [limits, message] of WRONG) {
  test(`limits ${JSON.stringify(limits)} are refused`, () => {
    assert.throws(() => addLimits(SPEC, null, limits), { name: 'RangeError', message });
  });
}
