import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile } from '../../models/vectors.ts';

test('a quantile is interpolated between neighbours', () => {
  assert.equal(quantile([0, 10, 20], 0.25), 5);
});
