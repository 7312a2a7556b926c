import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packsInTraining, packWindow } from '../../search/pack-window.ts';

const cases: readonly [what: string, slots: number, weight: number, weights: readonly number[], window: number][] = [
  ['no trainer is known: those of one', 0, 1, [], 6],
  ['one trainer: one pack in each slot, two queued', 2, 1, [1], 6],
  ['more than a hundred trainers all have work', 240, 1, [1, 1], 720],
  ['a history stays short', 5000, 1, [1], 1000],
  ['equal weights are equal windows', 8, 7, [7, 7, 7], 24],
  ['a triple weight is a triple window', 8, 3, [1, 3], 72],
  ['the lightest sweep can use every slot', 8, 0.5, [0.5, 50], 24],
  ['no window is more than ten times another', 8, 100, [0.01, 100], 240],
  ['alone, the weight does not count', 8, 3, [3], 24],
];
for (const [what, slots, weight, weights, window] of cases)
  test(what, () => assert.equal(packWindow(slots, weight, weights), window));

test('of a window, a third is trained at a time', () => {
  assert.deepEqual([1, 2, 3, 6, 24].map(packsInTraining), [1, 1, 1, 2, 8]);
});
