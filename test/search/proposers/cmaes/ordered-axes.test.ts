import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOrdered, orderedAxesOf, positionsOf } from '../../../../search/proposers/cmaes/ordered-axes.ts';
import { MIXED, spaceOf } from '../spaces.ts';

test('constants, ranges and choices of numbers have an order', () => {
  assert.ok(isOrdered({ kind: 'constant', value: 'adam' }));
  assert.ok(isOrdered({ kind: 'log', low: 1, high: 2 }));
  assert.ok(isOrdered({ kind: 'choice', values: [0.1, 0] }));
  for (const values of [
    ['adam', 'adamw'],
    [false, true],
    [[8], [16]],
    [0, 'none'],
  ]) {
    assert.equal(isOrdered({ kind: 'choice', values }), false);
  }
  assert.throws(() => orderedAxesOf(MIXED), /the values of activation have no order/);
});

test('values of steps share [0, 1] in their order, and are in the middle of their parts', () => {
  const axes = orderedAxesOf(
    spaceOf({
      dropout: { kind: 'choice', values: [0.5, 0, 0.1, 0.2] },
      batch: { kind: 'log', low: 8, high: 31, whole: true },
    }),
  );
  const [dropout, batch] = axes as [(typeof axes)[number], (typeof axes)[number]];
  assert.deepEqual(
    [0, 0.1, 0.2, 0.5].map((value) => dropout.positionOf(value)),
    [0.125, 0.375, 0.625, 0.875],
  );
  assert.deepEqual(
    [0, 0.26, 0.999, 1].map((position) => dropout.valueAt(position)),
    [0, 0.1, 0.5, 0.5],
  );
  assert.deepEqual(dropout.partAt?.(0.3), [0.25, 0.5]);
  // 8 to 31 are two octaves.
  assert.deepEqual(
    [0, 0.5, 1].map((position) => batch.valueAt(position)),
    [8, 16, 31],
  );
  for (let value = 8; value <= 31; value++) {
    const [low, high] = batch.partAt?.(batch.positionOf(value)) ?? [1, 0];
    assert.equal(batch.valueAt(batch.positionOf(value)), value);
    assert.ok(low < high);
  }
});

test('a point that is not of the space is an error', () => {
  const space = spaceOf({ dropout: { kind: 'choice', values: [0, 0.1] }, learningRate: { kind: 'log', low: 0.01, high: 0.1 } });
  const axes = orderedAxesOf(space);
  const point = { dropout: 0.1, learningRate: 0.1 } as Parameters<typeof positionsOf>[1];
  assert.deepEqual([...positionsOf(axes, point)], [1, 0.75]);
  assert.throws(() => positionsOf(axes, { ...point, dropout: 0.05 }), /the space has no dropout of 0.05/);
});
