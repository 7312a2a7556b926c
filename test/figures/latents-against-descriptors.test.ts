import assert from 'node:assert/strict';
import { test } from 'node:test';
import { widthsOf } from '../../figures/cells.ts';
import { closestDescriptors } from '../../figures/latents-against-descriptors.ts';
import type { CellReading } from '../../models/interpretation/interpretation.ts';

test('the descriptors with the highest rank correlations are drawn; all where they are few', () => {
  const cell = {
    latents: [{ correlations: [0.1, -0.9, 0.5].map((spearman) => ({ spearman, pearson: spearman })) }],
  } as unknown as CellReading;
  assert.deepEqual(closestDescriptors(cell, 0, 2), [1, 2]);
  assert.deepEqual(closestDescriptors(cell, 0, 4), [0, 1, 2]);
});

test('widths are listed once each, rising', () => {
  const cells = [3, 1, null, 2, 1].map((k) => ({ k }));
  assert.deepEqual(widthsOf(cells), [1, 2, 3]);
});
