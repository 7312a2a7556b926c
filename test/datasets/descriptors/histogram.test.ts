import assert from 'node:assert/strict';
import { test } from 'node:test';
import { angularHistogram } from '../../../datasets/descriptors/angular-histogram.ts';
import { normalCdf } from '../../../datasets/descriptors/histogram.ts';
import type { DescriptorKind } from '../../../datasets/descriptors/kind.ts';
import { radialHistogram } from '../../../datasets/descriptors/radial-histogram.ts';
import type { Frame } from '../../../datasets/formats/structures/frame.ts';
import { frameOf, glass } from '../../support/structures.ts';
import { bruteForce } from './brute-force.ts';

const common = { file: 'a.xyz', site: 'Ge', neighbours: ['O', 'Ge'] };
const radial = { ...common, kind: 'radial-histogram' as const, cutoff: 4, bins: 8, smearing: undefined };
const angular = { ...common, kind: 'angular-histogram' as const, cutoff: 3, bins: 18, smearing: undefined };

function rowOf<Setting>(kind: DescriptorKind<Setting>, setting: Setting, frame: Frame, site = 0): number[] {
  const row = new Float64Array(kind.columns(setting, frame).length);
  kind.describe(setting, frame)(frame)(site, row);
  return [...row];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const closeTo = (a: number, b: number) => Math.abs(a - b) < 1e-9;

/** Ge at the origin; O at 1 along x and at 2 along y, Ge at -2.5 along x. */
const CLUSTER = '4\n\nGe 0 0 0\nO 1 0 0\nO 0 2 0\nGe -2.5 0 0\n';

test('plain bins count neighbours by element and distance; a distance on an edge belongs to the bin above', async () => {
  const frame = await frameOf(CLUSTER);
  const columns = radialHistogram.columns(radial, frame);
  assert.deepEqual(
    [columns[0], columns[15]],
    [
      { name: 'O 0-0.5 angstrom', unit: '1' },
      { name: 'Ge 3.5-4 angstrom', unit: '1' },
    ],
  );
  assert.deepEqual(rowOf(radialHistogram, radial, frame), [0, 0, 1, 0, 1, 0, 0, 0, ...[0, 0, 0, 0, 0, 1, 0, 0]]);
});

test('a neighbour at the cut-off belongs to the last bin', async () => {
  const row = rowOf(radialHistogram, radial, await frameOf('2\n\nGe 0 0 0\nO 0 0 4\n'));
  assert.deepEqual([row[7], sum(row)], [1, 1]);
});

test('smeared counts are shares of a Gaussian, also for neighbours beyond the cut-off', async () => {
  const smeared = { ...radial, smearing: 0.25 };
  const row = rowOf(radialHistogram, smeared, await frameOf('2\n\nGe 0 0 0\nO 0 0 2\n'));
  // Half a standard deviation is 0.5 / 2: shares of the normal distribution within 2 and beyond.
  const within = 0.4772498680518208;
  assert.ok(closeTo(row[4] as number, within) && closeTo(row[3] as number, within));
  assert.ok(closeTo(sum(row.slice(0, 8)), 1) && sum(row.slice(8)) === 0);
  const beyond = rowOf(radialHistogram, smeared, await frameOf('2\n\nGe 0 0 0\nO 0 0 4.25\n'));
  assert.ok(closeTo(sum(beyond), 0.15865525393145707));
});

test('the cumulative normal distribution equals tabulated values', () => {
  for (const [z, value] of [
    [0, 0.5],
    [1, 0.8413447460685429],
    [-1.96, 0.02499789514822],
    [3, 0.9986501019683699],
    [-6, 9.8658764503769e-10],
  ] as const) {
    assert.ok(Math.abs(normalCdf(z) - value) < 1e-14, `${z}: ${normalCdf(z)}`);
  }
});

test('angles are counted by pairs of elements', async () => {
  const frame = await frameOf(CLUSTER);
  const columns = angularHistogram.columns(angular, frame);
  assert.equal(columns.length, 3 * 18);
  assert.deepEqual(
    [columns[0]?.name, columns[18]?.name, columns[53]?.name],
    ['O-O 0-10 degree', 'O-Ge 0-10 degree', 'Ge-Ge 170-180 degree'],
  );
  const row = rowOf(angularHistogram, angular, frame);
  const counted = row.flatMap((value, i) => (value > 0 ? [[columns[i]?.name, value]] : []));
  assert.deepEqual(counted, [
    ['O-O 90-100 degree', 1],
    ['O-Ge 90-100 degree', 1],
    ['O-Ge 170-180 degree', 1],
  ]);
});

test('smeared angles: each pair counts 1, also at 0 and 180 degrees', async () => {
  const row = rowOf(angularHistogram, { ...angular, smearing: 8 }, await frameOf(CLUSTER));
  assert.ok(closeTo(sum(row.slice(0, 18)), 1));
  assert.ok(closeTo(sum(row.slice(18, 36)), 2));
});

test('counts of a periodic structure equal those of brute force', async () => {
  const frame = await frameOf(glass(1, [...Array(6).fill('Ge'), ...Array(12).fill('O')]));
  for (const site of [0, 3, 5]) {
    const all = bruteForce(frame, site, 3);
    const near = all.filter(({ distance }) => distance < radial.cutoff);
    const counts = Array<number>(16).fill(0);
    for (const { element, distance } of near) {
      const bin = (element === 'O' ? 0 : 8) + Math.floor(distance / 0.5);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    assert.deepEqual(rowOf(radialHistogram, radial, frame, site), counts);
    const { length } = all.filter(({ distance }) => distance < angular.cutoff);
    assert.equal(sum(rowOf(angularHistogram, angular, frame, site)), (length * (length - 1)) / 2);
  }
});
