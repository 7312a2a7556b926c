import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thin } from '../../../search/proposers/thin.ts';

test('values are evenly spaced, and all of them are kept where there are few', () => {
  assert.deepEqual(thin([1, 2, 3], 3), [1, 2, 3]);
  assert.deepEqual(thin([0, 1, 2, 3, 4, 5, 6], 3), [0, 2, 4]);
  assert.deepEqual(thin([], 2), []);
});
