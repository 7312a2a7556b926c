import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internalCoordinates } from '../../../datasets/descriptors/internal-coordinates.ts';
import type { DescriptorSetting } from '../../../datasets/descriptors/setting.ts';
import { fixture, fixtureTable, frameOf, framesOf } from '../../support/structures.ts';

type InternalCoordinates = Extract<DescriptorSetting, { kind: 'internal-coordinates' }>;

const setting = (choices: Partial<InternalCoordinates>): InternalCoordinates => ({
  kind: 'internal-coordinates',
  file: 'a.xyz',
  ...choices,
});

async function described(text: string, choices: Partial<InternalCoordinates>): Promise<Record<string, number>> {
  const frame = await frameOf(text);
  const columns = internalCoordinates.columns(setting(choices), frame);
  const row = new Float64Array(columns.length);
  internalCoordinates.describe(setting(choices), frame)(frame)(0, row);
  return Object.fromEntries(columns.map(({ name }, i) => [name, Number((row[i] as number).toFixed(6))]));
}

test('water: angle, long and short bond equal the shipped X', async () => {
  const expected = fixtureTable('water.csv');
  const water = setting({
    coordinates: [
      { name: 'alpha', atoms: [1, 0, 2] },
      { name: 'b_long', atoms: [0, 2] },
      { name: 'b_short', atoms: [0, 1] },
    ],
    sort: 'falling',
  });
  const frames = await framesOf(fixture('water.xyz'));
  assert.deepEqual(internalCoordinates.columns(water, frames[0] as (typeof frames)[0]), [
    { name: 'alpha', unit: 'degree' },
    { name: 'b_long', unit: 'angstrom' },
    { name: 'b_short', unit: 'angstrom' },
  ]);
  const row = new Float64Array(3);
  frames.forEach((frame, i) => {
    internalCoordinates.describe(water, frame)(frame)(0, row);
    row.forEach((value, column) => {
      const wanted = expected.data[3 * i + column] as number;
      assert.ok(Math.abs(value - wanted) < 2.5e-7 * wanted, `row ${i}, column ${column}: ${value}, not ${wanted}`);
    });
  });
});

/** Hydrogen peroxide with right angles at both O and a dihedral of 90 degrees. */
const PEROXIDE = '4\n\nH 1 0 0\nO 0 0 0\nO 0 0 1.5\nH 0 2 1.5\n';

test('lengths, angles and dihedrals follow from the bonds', async () => {
  const bonds: [number, number][] = [
    [0, 1],
    [1, 2],
    [2, 3],
  ];
  assert.deepEqual(await described(PEROXIDE, { bonds }), {
    'distance H0-O1': 1,
    'distance O1-O2': 1.5,
    'distance O2-H3': 2,
    'angle H0-O1-O2': 90,
    'angle O1-O2-H3': 90,
    'dihedral H0-O1-O2-H3': 90,
  });
});

test('dihedrals are positive where the far bond is rotated clockwise, seen along the middle one; cis is 0', async () => {
  const dihedral = async (x: number, y: number) =>
    (await described(`4\n\nH 1 0 0\nO 0 0 0\nO 0 0 1\nH ${x} ${y} 1\n`, { coordinates: [{ name: 'd', atoms: [0, 1, 2, 3] }] })).d;
  assert.deepEqual([await dihedral(1, 0), await dihedral(1, 1), await dihedral(1, -1), await dihedral(-1, 0)], [0, 45, -45, 180]);
});

test('without bonds every pair counts as one', async () => {
  const { length } = Object.keys(await described(PEROXIDE, {}));
  // 6 distances, 4 x 3 angles, and for each of 6 middle bonds two chains of four atoms.
  assert.equal(length, 6 + 12 + 12);
});

test('sorting exchanges equivalent coordinates only', async () => {
  const coordinates = [
    { name: 'oh', atoms: [1, 0] },
    { name: 'oo', atoms: [1, 2] },
    { name: 'ho', atoms: [3, 2] },
  ];
  const unsorted = await described(PEROXIDE, { coordinates });
  assert.deepEqual(unsorted, { oh: 1, oo: 1.5, ho: 2 });
  assert.deepEqual(await described(PEROXIDE, { coordinates, sort: 'rising' }), unsorted);
  assert.deepEqual(await described(PEROXIDE, { coordinates, sort: 'falling' }), { oh: 2, oo: 1.5, ho: 1 });
});

test('a missing atom, a single atom, and too many atoms for pairs are refused', async () => {
  await assert.rejects(described(PEROXIDE, { bonds: [[0, 4]] }), {
    code: 'structures-unfit',
    message: /it has 4 atoms and no atom 4/,
  });
  await assert.rejects(described(`9\n\n${'H 0 0 0\n'.repeat(9)}`, {}), { code: 'structures-unfit', fix: /name the bonds/ });
  await assert.rejects(described('1\n\nH 0 0 0\n', {}), { code: 'structures-unfit', message: /single atom/ });
});
