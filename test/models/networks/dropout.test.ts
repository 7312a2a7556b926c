import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropoutKey, isDropped } from '../../../models/networks/dropout.ts';

const mask = (key: number, share: number) =>
  Array.from({ length: 64 }, (_, row) => Array.from({ length: 64 }, (_, unit) => isDropped(key, row, unit, share))).flat();
const share = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;

test('the given share is dropped, in every step, row and unit alike', () => {
  for (const asked of [0.1, 0.5]) {
    const steps = Array.from({ length: 50 }, (_, step) => mask(dropoutKey(1, step, 0), asked));
    for (const values of steps) assert.ok(Math.abs(share(values) - asked) < 4 * Math.sqrt((asked * (1 - asked)) / 4096));
    for (let place = 0; place < 64; place++) {
      const unit = share(steps.flatMap((values) => values.filter((_, i) => i % 64 === place)));
      const row = share(steps.flatMap((values) => values.slice(place * 64, (place + 1) * 64)));
      for (const one of [unit, row]) assert.ok(Math.abs(one - asked) < 5 * Math.sqrt((asked * (1 - asked)) / 3200), `${one}`);
    }
  }
});

test('masks of different seeds, steps and layers are independent', () => {
  const first = mask(dropoutKey(1, 0, 0), 0.5);
  for (const key of [dropoutKey(2, 0, 0), dropoutKey(1, 1, 0), dropoutKey(1, 0, 1), dropoutKey(2 ** 40 + 1, 0, 0)]) {
    const other = mask(key, 0.5);
    const agreeing = share(first.map((dropped, i) => dropped === other[i]));
    assert.ok(Math.abs(agreeing - 0.5) < 4 * Math.sqrt(0.25 / 4096), `${agreeing}`);
  }
});
