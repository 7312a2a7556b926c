import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCellList } from '../../../datasets/descriptors/cell-list.ts';
import { frameOf } from '../../support/structures.ts';

const frame = (lattice: string, x: string, flags = 'T T T') =>
  frameOf(`2\nLattice="${lattice}" Properties=species:S:1:pos:R:3 pbc="${flags}"\nGe 0 0 0\nO ${x} 0 0\n`);

test('a cell with too many images is refused before they take memory', async () => {
  const tiny = await frame('0.001 0 0 0 0.001 0 0 0 0.001', '0.5');
  assert.throws(() => buildCellList(tiny, 5), { code: 'structures-unfit', message: /^a\.xyz: frame 0 .*periodic images/ });
});

test('atoms too far apart for their distance to be a number are refused', async () => {
  const far = await frame('4 0 0 0 4 0 0 0 4', '1.7e308', 'F F F');
  const near = await frame('4 0 0 0 4 0 0 0 4', '-1.7e308', 'F F F');
  far.positions.set(near.positions.subarray(3, 6), 0);
  assert.throws(() => buildCellList(far, 5), { code: 'structures-unfit', message: /too far apart/ });
});
