import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivedQuantity } from '../../models/descriptor.ts';

const distance = { numerator: 256, unit: 'angstrom' };

test('an element of a Coulomb matrix gives back its distance', () => {
  const column = { name: 'c1', unit: '1/angstrom', distance: { ...distance, pair: ['Ge0', 'O1'] as const } };
  assert.deepEqual(derivedQuantity(column, 128), { name: 'R(Ge0-O1)', unit: 'angstrom', value: 2 });
  assert.equal(derivedQuantity({ ...column, distance }, 64)?.name, 'R(c1)');
});

test('other columns have none, nor have values that no distance gives', () => {
  assert.equal(derivedQuantity({ name: 'alpha', unit: 'degree' }, 104), null);
  for (const value of [0, -1, Number.NaN]) assert.equal(derivedQuantity({ name: 'c1', unit: '', distance }, value), null);
});
