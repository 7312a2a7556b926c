import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Field, valueAt } from '../../../models/interpretation/fields.ts';
import { contourRuns, levelsOf, planeAt, regionRings, sliceOf } from '../../../models/interpretation/slices.ts';

const AXES: Field['axes'] = [
  { from: 80, to: 130, points: 11 },
  { from: 0.8, to: 1.2, points: 9 },
  { from: -1, to: 1, points: 7 },
];

/** A field of the values of `value` at points in physical units. */
function fieldFrom(value: (a: number, b: number, c: number) => number): Field {
  const values: number[] = [];
  for (let i = 0; i < 11; i++)
    for (let j = 0; j < 9; j++)
      for (let k = 0; k < 7; k++) values.push(value(valueAt(AXES[0], i), valueAt(AXES[1], j), valueAt(AXES[2], k)));
  return { axes: AXES, values: Float32Array.from(values) };
}

describe('slices through a field', () => {
  it('cut across each axis, with the other two in their order', () => {
    const field = fieldFrom((a, b, c) => a + 100 * b + 10_000 * c);
    for (const fixed of [0, 1, 2] as const) {
      const plane = 4;
      const slice = sliceOf(field, fixed, plane);
      const [p, q] = [0, 1, 2].filter((axis) => axis !== fixed) as [number, number];
      assert.deepEqual(slice.axes, [p, q, fixed]);
      const at: number[] = [];
      at[fixed] = valueAt(AXES[fixed] as Field['axes'][0], plane);
      at[p] = valueAt(slice.across, 3);
      at[q] = valueAt(slice.up, 5);
      const wanted = (at[0] as number) + 100 * (at[1] as number) + 10_000 * (at[2] as number);
      assert.ok(Math.abs((slice.values[5 * slice.across.points + 3] as number) - wanted) < 1e-3);
    }
  });

  it('name the plane nearest to a value, and hold values outside at the ends', () => {
    assert.equal(planeAt(AXES[0], 106), 5);
    assert.equal(planeAt(AXES[0], 0), 0);
    assert.equal(planeAt(AXES[0], 1000), 10);
    assert.equal(valueAt(AXES[0], 5), 105);
  });

  it('have their contour where the field has the value, in physical units', () => {
    const slice = sliceOf(
      fieldFrom((a) => a),
      2,
      3,
    );
    const runs = contourRuns(slice, 103);
    assert.ok(runs.length > 0);
    for (const [x, y] of runs.flat()) {
      assert.ok(Math.abs(x - 103) < 0.01, `${x}`);
      assert.ok(y >= 0.8 - 1e-9 && y <= 1.2 + 1e-9);
    }
  });

  it('draw no line along the edge of what is known, and mark that edge', () => {
    const slice = sliceOf(
      fieldFrom((a, b) => (a > 110 ? Number.NaN : b)),
      2,
      3,
    );
    const lines = contourRuns(slice, 0.98).flat();
    assert.ok(lines.length > 0);
    for (const [x, y] of lines) {
      assert.ok(x <= 110 + 1e-9, `${x} is outside the known region`);
      assert.ok(Math.abs(y - 0.98) < 1e-6, `${y} is not on the level`);
    }
    const edge = regionRings(slice);
    assert.equal(edge.length, 1);
    const right = Math.max(...(edge[0] ?? []).map(([x]) => x));
    assert.ok(right > 110 && right < 115);
  });

  it('have levels with equal shares of the known values between them', () => {
    assert.deepEqual(levelsOf([Number.NaN, 4, 0, 1, 3, 2], 3), [1, 2, 3]);
    assert.deepEqual(levelsOf([5, 5, 5], 3), [5]);
    assert.deepEqual(levelsOf([Number.NaN], 3), []);
  });
});
