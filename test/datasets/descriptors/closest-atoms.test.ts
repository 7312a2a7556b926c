import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findClosestAtoms } from '../../../datasets/descriptors/closest-atoms.ts';
import { stream } from '../../../models/random.ts';
import { frameOf } from '../../support/structures.ts';
import { bruteForce } from './brute-force.ts';

test('the closest atoms are those of a search of all images', async () => {
  const { uniform } = stream(1, 'closest atoms');
  for (const comment of [
    '',
    'Lattice="9 0 0 0 9 0 0 0 9"',
    'Lattice="9 0 0 4 8 0 -3 2 9"',
    'Lattice="9 0 0 4 8 0 0 0 0" pbc="T T F"',
    'Lattice="0 0 0 0 0 0 0 0 9"',
    'Lattice="3 0 0 0 3 0 0 0 3"',
  ]) {
    for (const atoms of [1, 2, 3, 30]) {
      // Also outside the unit cell.
      const position = () => Array.from({ length: 3 }, () => (uniform() * 12 - 2).toFixed(4)).join(' ');
      const frame = await frameOf(`${atoms}\n${comment}\n${Array.from({ length: atoms }, () => `H ${position()}\n`).join('')}`);
      let shortest = Number.POSITIVE_INFINITY;
      for (const site of frame.species.keys()) {
        for (const { distance } of bruteForce(frame, site, 3)) if (distance > 1e-9) shortest = Math.min(shortest, distance);
      }
      for (const within of [4, 1.2]) {
        const found = findClosestAtoms(frame, within);
        if (shortest >= within) assert.equal(found, null, comment);
        else assert.ok(found && Math.abs(found.distance - shortest) < 1e-9, `${comment} ${found?.distance} ${shortest}`);
      }
    }
  }
});
