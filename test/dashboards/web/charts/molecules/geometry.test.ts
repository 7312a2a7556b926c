import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeAtoms, recogniseTriatomic, type ThreeAtoms } from '../../../../../dashboards/web/charts/molecules/geometry.ts';

const column = (name: string, unit: string) => ({ name, unit });

describe('a molecule of three atoms', () => {
  it('is recognised by its units, whatever the names and the order of its columns', () => {
    assert.deepEqual(
      recogniseTriatomic([column('alpha', 'degree'), column('b_long', 'angstrom'), column('b_short', 'angstrom')]),
      {
        angle: 0,
        bonds: [1, 2],
        degrees: true,
      },
    );
    assert.deepEqual(recogniseTriatomic([column('r1', 'bohr'), column('theta', 'radian'), column('r2', 'bohr')]), {
      angle: 1,
      bonds: [0, 2],
      degrees: false,
    });
  });

  it('is not seen in anything else', () => {
    assert.equal(recogniseTriatomic([column('a', 'angstrom'), column('b', 'angstrom'), column('c', 'angstrom')]), null);
    assert.equal(recogniseTriatomic([column('a', 'degree'), column('b', 'angstrom'), column('c', 'bohr')]), null);
    assert.equal(recogniseTriatomic([column('a', 'degree'), column('b', 'degree'), column('c', 'angstrom')]), null);
    assert.equal(recogniseTriatomic([column('a', 'degree'), column('b', 'angstrom')]), null);
  });

  it('is drawn with the angle and the bonds of its numbers', () => {
    const water = { angle: 0, bonds: [1, 2], degrees: true } as ThreeAtoms;
    for (const x of [
      [104.5, 0.99, 0.93],
      [180, 1.2, 0.8],
      [63, 0.9, 0.9],
    ]) {
      const { ends, angle } = placeAtoms(water, x);
      const [[ax, ay], [bx, by]] = ends;
      assert.ok(Math.abs(Math.hypot(ax, ay) - (x[1] as number)) < 1e-12);
      assert.ok(Math.abs(Math.hypot(bx, by) - (x[2] as number)) < 1e-12);
      const between = Math.acos(Math.max(-1, (ax * bx + ay * by) / Math.hypot(ax, ay) / Math.hypot(bx, by)));
      assert.ok(Math.abs((between * 180) / Math.PI - (x[0] as number)) < 1e-5);
      assert.ok(Math.abs((angle * 180) / Math.PI - (x[0] as number)) < 1e-9);
    }
    const radians = placeAtoms({ ...water, degrees: false }, [Math.PI / 2, 1, 1]);
    assert.ok(Math.abs(radians.ends[0][0] * radians.ends[1][0] + radians.ends[0][1] * radians.ends[1][1]) < 1e-12);
  });
});
