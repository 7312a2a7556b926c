import assert from 'node:assert/strict';
import { test } from 'node:test';
import { energiesOfNames, requireSameEnergies } from '../../../datasets/import/energies.ts';

const compare = (energies: number[], names: string[]) =>
  requireSameEnergies(energies, names, { file: 'Y.csv', reference: 'energy.csv', path: 'targets.xes' });

test('names that are energies', () => {
  const cases: [string[], number[] | null][] = [
    [
      ['525.0', '525.5', '526.0'],
      [525, 525.5, 526],
    ],
    [
      ['526', '525.5', '525'],
      [526, 525.5, 525],
    ],
    [
      ['5.25e+02', '5.26e+02'],
      [525, 526],
    ],
    [
      ['e_99.5', 'e_100.0'],
      [99.5, 100],
    ],
    [
      ['E525', 'E526'],
      [525, 526],
    ],
    [
      ['525.0 eV', '526.0 eV'],
      [525, 526],
    ],
    [
      ['-1.5', '-1.0', '0.5'],
      [-1.5, -1, 0.5],
    ],
    [
      ['e_-1.5', 'e_-1.0', 'e_0.5'],
      [-1.5, -1, 0.5],
    ],
    [['0', '1', '2'], null],
    [['e_0', 'e_1', 'e_2'], null],
    [['k_0.5', 'k_1.0'], null],
    [['100.0', '95.0', '96.0'], null],
    [['a', 'b'], null],
    [['525.0'], null],
  ];
  for (const [names, energies] of cases) assert.deepEqual(energiesOfNames(names, 'eV'), energies, names.join());
  assert.deepEqual(energiesOfNames(['0.5000 keV', '0.5001 keV'], 'eV'), [500, 500.1]);
  assert.deepEqual(energiesOfNames(['500 eV', '500.5 eV'], 'keV'), [0.5, 0.5005]);
  assert.deepEqual(energiesOfNames(['0.5 keV', '0.6 keV'], 'keV'), [0.5, 0.6]);
});

test('names and energies agree but for rounding, a count of columns, another axis or unit', () => {
  for (const names of [
    ['525.0', '525.5', '526.0'],
    ['e_525', 'e_525', 'e_526'],
    ['e525.0', 'e525.5', 'e526.0'],
    ['E-525.0', 'E-525.5', 'E-526.0'],
    ['mu(525.0)', 'mu(525.5)', 'mu(526.0)'],
    ['0', '1', '2'],
    ['e_1', 'e_2', 'e_3'],
    ['k_0.5', 'k_1.5', 'k_2.5'],
    ['0.5250', '0.5255', '0.5260'],
    ['below', 'at', 'above'],
    ['e_1', 'f_2', 'g_7'],
  ]) {
    compare([525, 525.5, 526], names);
  }
});

test('names that contradict the energies are refused', () => {
  const cases: [string[], RegExp][] = [
    [['520.0', '520.5', '521.0'], /column 0 is called "520.0", its energy in energy.csv is 525/],
    [['e_525.0', 'e_525.5', 'e_530.0'], /column 2 is called "e_530.0", its energy in energy.csv is 526/],
    [['526.0', '525.5', '525.0'], /in the reverse order of energy.csv/],
    [['0.5', '1.5', '2.5'], /column 0/],
    [['e_525.5', 'e_525.0', 'e_526.0'], /in another order than energy.csv/],
  ];
  for (const [names, message] of cases) {
    assert.throws(() => compare([525, 525.5, 526], names), { code: 'columns-mismatch', path: 'targets.xes', message });
  }
  const energies = Array.from({ length: 12 }, (_, i) => 95 + i);
  const text = (names: string[]) => names.toSorted();
  for (const names of [text(energies.map((e) => `e_${e}.0`)), text(energies.map((_, i) => `e_${i}`))]) {
    assert.throws(() => compare(energies, names), { message: /sorted as text/ }, names.join());
  }
});
