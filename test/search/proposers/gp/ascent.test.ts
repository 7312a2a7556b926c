import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ascend, type Gradient } from '../../../../search/proposers/gp/ascent.ts';
import { near } from './oracle.ts';

const OPTIONS = { first: 0.2, evaluations: 200, tolerance: 0 };

/** A curved valley upside down, largest at (1, 1). */
const valley = (x: Float64Array): Gradient => {
  const [a, b] = x as unknown as [number, number];
  return {
    value: -100 * (b - a * a) ** 2 - (1 - a) ** 2,
    gradient: Float64Array.of(400 * a * (b - a * a) + 2 * (1 - a), -200 * (b - a * a)),
  };
};

test('the maximum within the bounds is found', () => {
  const bounds = { low: Float64Array.of(-2, -2), high: Float64Array.of(2, 2) };
  const { at, value } = ascend(valley, Float64Array.of(-1.2, 1), bounds, OPTIONS);
  for (const one of at) near(one, 1, 1e-4);
  near(value, 0, 1e-8);
});

test('a maximum beyond a bound is approached along the bound', () => {
  const bounds = { low: Float64Array.of(-2, -2), high: Float64Array.of(0.5, 2) };
  const { at } = ascend(valley, Float64Array.of(-1.2, 1), bounds, OPTIONS);
  assert.equal(at[0], 0.5);
  near(at[1] as number, 0.25, 1e-5);
});

test('a start outside the bounds is moved to them, and the value is that of the point', () => {
  const bounds = { low: Float64Array.of(0, 0), high: Float64Array.of(3, 3) };
  const { at, value } = ascend(valley, Float64Array.of(-1, 9), bounds, { ...OPTIONS, evaluations: 1 });
  assert.deepEqual([...at], [0, 3]);
  assert.equal(value, valley(at).value);
});

test('evaluations are bounded, and no step leads down', () => {
  for (const evaluations of [1, 2, 5, 17]) {
    const values: number[] = [];
    const counted = (x: Float64Array) => {
      const found = valley(x);
      values.push(found.value);
      return found;
    };
    const bounds = { low: Float64Array.of(-2, -2), high: Float64Array.of(2, 2) };
    const { value } = ascend(counted, Float64Array.of(-1.2, 1), bounds, { ...OPTIONS, evaluations });
    assert.ok(values.length <= evaluations, `${values.length}`);
    assert.equal(value, Math.max(...values));
  }
});

test('in a corner beyond which the function rises there is nothing to try', () => {
  let evaluations = 0;
  const rising = (x: Float64Array) => {
    evaluations++;
    return { value: (x[0] as number) - (x[1] as number), gradient: Float64Array.of(1, -1) };
  };
  const bounds = { low: Float64Array.of(0, 0), high: Float64Array.of(1, 1) };
  assert.deepEqual([...ascend(rising, Float64Array.of(1, 0), bounds, OPTIONS).at], [1, 0]);
  assert.equal(evaluations, 1);
});

test('a flat function leaves the start', () => {
  const flat = (x: Float64Array) => ({ value: 3, gradient: new Float64Array(x.length) });
  const { at } = ascend(flat, Float64Array.of(0.3), { low: Float64Array.of(0), high: Float64Array.of(1) }, OPTIONS);
  assert.deepEqual([...at], [0.3]);
});
