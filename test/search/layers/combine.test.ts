import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineLayers, spreadWidths } from '../../../search/layers/combine.ts';

test('architectures are the combinations of depth, width and taper', () => {
  assert.deepEqual(combineLayers({ depths: [1, 3], widths: [8, 64], tapers: [0.5] }), [[8], [64], [8, 4, 2], [64, 32, 16]]);
});

test('an architecture that several combinations give is named once', () => {
  assert.deepEqual(combineLayers({ depths: [1, 2], widths: [16], tapers: [1, 0.5] }), [[16], [16, 16], [16, 8]]);
});

test('a layer has at least one unit', () => {
  assert.deepEqual(combineLayers({ depths: [3], widths: [3], tapers: [0.2] }), [[3, 1, 1]]);
});

test('widths are spread by doublings where no number of steps is given', () => {
  assert.deepEqual(spreadWidths('log', [16, 128]), [16, 32, 64, 128]);
  assert.deepEqual(spreadWidths('uniform', [32, 128]), [32, 80, 128]);
  assert.deepEqual(spreadWidths('log', [10, 13]), [10, 13]);
});

test('widths that round to the same number are named once', () => {
  assert.deepEqual(spreadWidths('uniform', [1, 3], 9), [1, 2, 3]);
  assert.deepEqual(spreadWidths('log', [16, 256], 3), [16, 64, 256]);
});
