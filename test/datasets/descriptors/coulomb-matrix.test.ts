import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coulombMatrix } from '../../../datasets/descriptors/coulomb-matrix.ts';
import type { DescriptorSetting } from '../../../datasets/descriptors/setting.ts';
import { read } from '../../../models/interpretation/series.ts';
import { fixture, fixtureTable, frameOf, framesOf, glass } from '../../support/structures.ts';
import { bruteForce } from './brute-force.ts';

type CoulombMatrix = Extract<DescriptorSetting, { kind: 'coulomb-matrix' }>;

const setting = (site: string | number, neighbours: Record<string, number>): CoulombMatrix => ({
  kind: 'coulomb-matrix',
  file: 'a.xyz',
  site,
  neighbours: Object.entries(neighbours).map(([element, count]) => ({ element, count })),
});

test('amorphous GeO2: names and values equal those of the program of the data set', async () => {
  const expected = fixtureTable('geo2.csv');
  const names = fixture('geo2.csv').split('\n')[0]?.split(',');
  const frames = await framesOf(fixture('geo2.xyz'));
  const ge = setting(0, { O: 6, Ge: 8 });
  const columns = coulombMatrix.columns(ge, frames[0] as (typeof frames)[0]);
  assert.deepEqual(
    columns.map(({ name }) => name),
    names,
  );
  assert.deepEqual(columns[6], {
    name: 'Ge0-Ge1',
    unit: '1/angstrom',
    distance: { numerator: 1024, unit: 'angstrom', pair: ['Ge0', 'Ge1'] },
  });
  const row = new Float64Array(105);
  frames.forEach((frame, i) => {
    coulombMatrix.describe(ge, frame)(frame)(0, row);
    row.forEach((value, column) => {
      const wanted = expected.data[i * 105 + column] as number;
      assert.ok(Math.abs(value - wanted) < 5e-7 * wanted, `row ${i}, ${names?.[column]}: ${value}, not ${wanted}`);
    });
  });
});

test('every matrix element yields its distance to 1e-5 after float32', async () => {
  const [frame] = await framesOf(fixture('geo2.xyz'));
  if (!frame) throw new Error('no frame');
  const ge = setting(0, { O: 6, Ge: 8 });
  const columns = coulombMatrix.columns(ge, frame);
  const row = new Float64Array(columns.length);
  coulombMatrix.describe(ge, frame)(frame)(0, row);
  // The first 8 neighbours in the file are O, the others Ge, each by distance: atoms of the matrix
  // by their numbers in the file.
  const atoms = [0, 1, 2, 3, 4, 5, 6, ...Array.from({ length: 8 }, (_, i) => 9 + i)];
  let column = 0;
  for (let i = 0; i < atoms.length; i++) {
    for (let j = i + 1; j < atoms.length; j++, column++) {
      const of = (atom: number) => frame.positions.subarray(3 * (atoms[atom] as number), 3 * (atoms[atom] as number) + 3);
      const wanted = Math.hypot(...of(i).map((value, axis) => value - (of(j)[axis] as number)));
      const about = columns[column];
      assert.equal(about?.distance?.unit, 'angstrom');
      assert.equal(about?.distance?.pair?.join('-'), about?.name);
      const { numerator = 0 } = about?.distance ?? {};
      const R = read({ name: '', unit: '', columns: [{ column: 0, numerator }] }, [Math.fround(row[column] as number)]);
      assert.ok(Math.abs(R / wanted - 1) < 1e-6, about?.name);
    }
  }
});

test('periodic images equal those found by brute force, in small and skewed cells too', async () => {
  const skewed = 'Lattice="4 0 0 1.9 3.5 0 -1.7 1.2 4.1" pbc="T T T"';
  const slab = 'Lattice="4 0 0 1.9 3.5 0 0 0 30" pbc="T T F"';
  const atoms = 'Ge 0.1 0.2 0.3\nO 1.9 0.4 0.1\nO 5.3 -7.1 2.2\nGe 2.2 1.9 2.5\n';
  const frames = await framesOf(
    `4\n${skewed}\n${atoms}4\n${slab}\n${atoms}1\nLattice="2.5 0 0 0 2.5 0 0 0 2.5"\nGe 9 9 9\n${glass(2, [...Array(10).fill('Ge'), ...Array(20).fill('O')])}`,
  );
  for (const [i, frame] of frames.entries()) {
    const wanted = i === 2 ? { Ge: 5 } : { O: 7, Ge: 9 };
    const ge = setting('Ge', wanted);
    const fill = coulombMatrix.describe(ge, frame)(frame);
    const row = new Float64Array(coulombMatrix.columns(ge, frame).length);
    frame.species.forEach((symbol, site) => {
      if (symbol !== 'Ge') return;
      fill(site, row);
      const distances = Object.entries(wanted).flatMap(([element, count]) =>
        bruteForce(frame, site, 4)
          .filter((neighbour) => neighbour.element === element)
          .map(({ distance }) => distance)
          .sort((a, b) => a - b)
          .slice(0, count),
      );
      const charges = Object.entries(wanted).flatMap(([element, count]) => Array<number>(count).fill(element === 'O' ? 8 : 32));
      distances.forEach((distance, neighbour) => {
        const value = row[neighbour] as number;
        assert.ok(
          Math.abs((32 * (charges[neighbour] as number)) / value - distance) < 1e-9,
          `frame ${i}, site ${site}, neighbour ${neighbour}`,
        );
      });
    });
  }
});

test('distances between neighbours are those of the cluster around the site, across a cell boundary', async () => {
  const frame = await frameOf('3\nLattice="10 0 0 0 10 0 0 0 10"\nGe 0.5 0 0\nO 9.5 0 0\nO 1.5 0 0\n');
  const ge = setting('Ge', { O: 2 });
  const row = new Float64Array(3);
  coulombMatrix.describe(ge, frame)(frame)(0, row);
  assert.deepEqual(
    [...row].map((value) => Number(value.toFixed(9))),
    [256, 256, 32],
  );
});

test('neighbours at equal distances keep the order of the file, whatever the cells of the search', async () => {
  const octahedron = 'Ge 0 0 0\nO 1 0 0\nO -1 0 0\nO 0 1 0\nO 0 -1 0\nO 0 0 1\nO 0 0 -1\n';
  const ge = setting('Ge', { O: 6 });
  for (let far = 6; far < 9; far += 0.25) {
    // Other atoms move the box, and with it the cells.
    const others = Array.from({ length: 60 }, (_, i) => `Ge ${-far - 0.1 * (i % 7)} ${-far - (i % 11)} ${-far - (i % 5)}\n`).join(
      '',
    );
    const row = new Float64Array(21);
    const frame = await frameOf(`67\n\n${octahedron}${others}`);
    coulombMatrix.describe(ge, frame)(frame)(0, row);
    const opposite = 64 / 2;
    const [first, third, fifth] = [row[6], row[15], row[20]];
    assert.deepEqual([first, third, fifth], [opposite, opposite, opposite], `${far}`);
  }
});

test('too few neighbours are refused', async () => {
  const fill = async (text: string, neighbours: Record<string, number>) => {
    const frame = await frameOf(text);
    coulombMatrix.describe(setting('Ge', neighbours), frame)(frame)(0, new Float64Array(100));
  };
  const cluster = '3\n\nGe 0 0 0\nGe 0 0 2\nO 0 0 1\n';
  await fill(cluster, { Ge: 1, O: 1 });
  await assert.rejects(fill(cluster, { Ge: 2 }), {
    code: 'structures-unfit',
    path: 'a.xyz:1',
    message: 'a.xyz: frame 0 (line 1): atom 0 has 1 neighbours of Ge in total; 2 are requested',
    fix: /fewer neighbours/,
  });
  await assert.rejects(fill('1\nLattice="3 0 0 0 3 0 0 0 3"\nGe 0 0 0\n', { O: 1 }), { code: 'structures-unfit' });
});
