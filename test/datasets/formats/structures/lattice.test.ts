import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cross, dot, vectorAt } from '../../../../datasets/formats/structures/vectors.ts';
import { frameOf } from '../../../support/structures.ts';

const latticeOf = (comment: string) => frameOf(`1\n${comment}\nH 0 0 0\n`);

describe('a lattice may be written as', () => {
  const vectors = [5, 0, 0, 0, 6, 0, 1, 0, 7];
  for (const text of [
    'Lattice="5 0 0 0 6 0 1 0 7"',
    'Lattice=[[5, 0, 0], [0, 6, 0], [1, 0, 7]]',
    'Lattice=[[5.0,0.0,0.0],[0.0,6.0,0.0],[1.0,0.0,7.0]]',
    'Lattice="[[5, 0, 0], [0, 6, 0], [1, 0, 7]]"',
    'Lattice="_JSON [[5, 0, 0], [0, 6, 0], [1, 0, 7]]"',
    'Lattice=[5, 0, 0, 0, 6, 0, 1, 0, 7]',
    'Lattice={5 0 0 0 6 0 1 0 7}',
    'Lattice="5.0D0 0 0 0 6.0D0 0 1 0 7"',
  ]) {
    test(text, async () => {
      const { lattice, periodic } = await latticeOf(`${text} step=3`);
      assert.deepEqual([[...(lattice ?? [])], periodic], [vectors, [true, true, true]]);
    });
  }
});

test('three numbers are the edges of a box', async () => {
  const { lattice, periodic } = await latticeOf('Lattice="5 6 7"');
  assert.deepEqual(
    [[...(lattice ?? [])], periodic],
    [
      [5, 0, 0, 0, 6, 0, 0, 0, 7],
      [true, true, true],
    ],
  );
});

test('a lattice of zeros is none', async () => {
  for (const comment of ['Lattice="0 0 0 0 0 0 0 0 0"', 'Lattice="0 0 0 0 0 0 0 0 0" pbc="F F F"', 'Lattice="0 0 0"']) {
    const { lattice, periodic } = await latticeOf(comment);
    assert.deepEqual([lattice, periodic], [null, [false, false, false]], comment);
  }
});

test('vectors of zeros of slabs and wires are completed across the others, and do not repeat', async () => {
  for (const [comment, expected] of [
    ['Lattice="5 0 0 2.5 4.3 0 0 0 0" pbc="T T F"', [true, true, false]],
    ['Lattice="5 0 0 2.5 4.3 0 0 0 0"', [true, true, false]],
    ['Lattice="0 0 0 0 0 0 0 0 4" pbc="F F T"', [false, false, true]],
    ['Lattice="0 0 0 0 4 1 0 0 0"', [false, true, false]],
  ] as const) {
    const { lattice, periodic } = await latticeOf(comment);
    assert.deepEqual(periodic, expected, comment);
    const at = [0, 1, 2].map((axis) => vectorAt(lattice as Float64Array, axis));
    for (const axis of [0, 1, 2]) {
      if (expected[axis]) continue;
      const own = at[axis] as (typeof at)[number];
      assert.ok(Math.abs(dot(own, own) - 1) < 1e-12, comment);
      for (const [other, vector] of at.entries()) if (other !== axis) assert.ok(Math.abs(dot(own, vector)) < 1e-12, comment);
    }
    const [a, b, c] = at as [(typeof at)[number], (typeof at)[number], (typeof at)[number]];
    assert.ok(Math.abs(dot(a, cross(b, c))) > 1, comment);
  }
});

test('one flag counts for all directions, and flags may be a list', async () => {
  const box = 'Lattice="5 6 7"';
  assert.deepEqual((await latticeOf(`${box} pbc=F`)).periodic, [false, false, false]);
  assert.deepEqual((await latticeOf(`${box} pbc=[true, true, false]`)).periodic, [true, true, false]);
});

test('directions that cannot repeat are refused', async () => {
  const at = (message: RegExp) => ({ code: 'structures-invalid', path: 'a.xyz:2', message });
  await assert.rejects(latticeOf('Lattice="5 0 0 0 5 0 0 0 0" pbc="T T T"'), at(/repeats along c .* vector c .* is zero/));
  await assert.rejects(latticeOf('Lattice="0 0 0 0 0 0 0 0 0" pbc="T T T"'), at(/its Lattice is zero/));
  await assert.rejects(latticeOf('Lattice="5 0 0 5 0 0 0 0 0"'), at(/coplanar/));
  await assert.rejects(latticeOf('Lattice="5 0 0 0 5 0 0 0 5" pbc="T T"'), at(/pbc is "T T"/));
  await assert.rejects(latticeOf('Lattice="5 5 5 90 90 90"'), at(/its Lattice is "5 5 5 90 90 90"/));
});
