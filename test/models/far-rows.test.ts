import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFarRows } from '../../models/far-rows.ts';
import { fitDescriptorScaling, standardize } from '../../models/standardisation.ts';
import { describeFarRows } from '../../text/far-rows.ts';
import { matrixOf, noise } from '../support/data.ts';

const ROWS = { train: Uint32Array.of(0, 1, 2, 3), validation: Uint32Array.of(4), test: Uint32Array.of(5, 6, 7) };

test('rows far outside the training range are counted, with the value furthest out', () => {
  const drawn = noise(8, 1, 'x').data;
  // Column 1 is constant: its number stays that of X. Deviation of column 2 in training: 1.
  const third = [-1, 1, -1, 1, 30, 21, 22.5, -40];
  const x = matrixOf(8, 3, (row, column) => [drawn[row] as number, 5, third[row] as number][column] as number);
  const scaling = fitDescriptorScaling(x, ROWS.train, []);
  const z = standardize(x, scaling);
  assert.deepEqual(findFarRows(z, scaling, ROWS, 'train'), null);
  assert.deepEqual(findFarRows(z, scaling, ROWS, 'validation'), {
    ...{ rows: 1, of: 1 },
    worst: { row: 4, column: 2, deviations: 29 },
  });
  const far = findFarRows(z, scaling, ROWS, 'test');
  assert.deepEqual(far, { rows: 2, of: 3, worst: { row: 7, column: 2, deviations: 39 } });
  assert.equal(
    describeFarRows(far, 'test', 'c'),
    '2 of 3 test rows are more than 20 standard deviations outside the training rows: row 7 by 39 in c; its error may outweigh all others',
  );
});
