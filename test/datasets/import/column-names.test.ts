import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireColumnNames, requireNoIndex } from '../../../datasets/import/column-names.ts';

const KNOWN = ['alpha', 'b_long', 'b_short'];

test('names that are those of other columns, or nearly so, are refused', () => {
  const swapped = [
    ['b_short', 'alpha', 'b_long'],
    ['B_short', 'Alpha', 'B_long'],
    ['B SHORT', 'ALPHA', 'B LONG'],
    ['b_short (A)', 'alpha (deg)', 'b_long (A)'],
    ['b_short / A', 'alpha / deg', 'b_long / A'],
    ['b_short_A', 'alpha_deg', 'b_long_A'],
    ['b_short in A', 'alpha in deg', 'b_long in A'],
    ['b_short', 'alpha', 'b_lnog'],
    ['x', 'b_shrot', 'b_lnog'],
    ['alpha', 'x', 'b_long'],
  ];
  for (const names of swapped) {
    assert.throws(() => requireColumnNames(names, KNOWN, 'X.csv'), {
      code: 'columns-mismatch',
      path: /^descriptors\.columns\.\d\.name$/,
      fix: `name the columns in the order of the file: ${names.join(', ')}`,
    });
  }
});

test('names in the order of the manifest, and other names, are accepted', () => {
  const accepted: [string[], string[]][] = [
    [KNOWN, KNOWN],
    [['Alpha', 'B_long (A)', 'b_shrot'], KNOWN],
    [['x', 'y', 'z'], KNOWN],
    [
      ['bond_x', 'bond_y'],
      ['bond_a', 'bond_b'],
    ],
    [
      ['R (1)', 'R (2)'],
      ['R1', 'R2'],
    ],
    [
      ['r(O-H1)', 'r(O-H2)'],
      ['d_1', 'd_2'],
    ],
    [
      ['d_1', 'd_10', 'd_2'],
      ['d_1', 'd_10', 'd_2'],
    ],
    [['0', '1', '2'], KNOWN],
    [
      ['0.5', '0.7'],
      ['0.5', '0.7'],
    ],
  ];
  for (const [names, known] of accepted) requireColumnNames(names, known, 'X.csv');
});

test('names of capital and small letters are distinct where both occur', () => {
  requireColumnNames(['a', 'A'], ['a', 'A'], 'X.csv');
  assert.throws(() => requireColumnNames(['A', 'a'], ['a', 'A'], 'X.csv'), { code: 'columns-mismatch' });
});

test('a row instead of names is refused', () => {
  assert.throws(() => requireColumnNames(['0.95', '0.98', '104.5'], KNOWN, 'X.csv'), {
    code: 'columns-mismatch',
    path: 'descriptors.columns',
  });
});

test('the index of pandas and R is refused', () => {
  for (const first of ['', 'Unnamed: 0']) {
    assert.throws(() => requireNoIndex([first, '525.0'], 'Y.csv'), {
      code: 'columns-mismatch',
      message: /the index of the rows/,
    });
  }
  requireNoIndex(['a', ''], 'Y.csv');
});
