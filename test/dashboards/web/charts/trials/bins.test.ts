import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countBins } from '../../../../../dashboards/web/charts/trials/bins.ts';
import { applyStamp, createStamp } from '../../../../../dashboards/web/charts/trials/stamps.ts';
import { createAxis } from '../../../../../dashboards/web/trials/axis.ts';
import type { Field } from '../../../../../dashboards/web/trials/table.ts';
import { METHOD_STYLES } from '../../../../../text/methods.ts';
import { filled } from '../../trials/synthetic.ts';

test('a histogram counts every trial, those looked at within all, those without a value apart', () => {
  const table = filled(1000);
  const mask = Uint8Array.from({ length: 1000 }, (_, i) => (i >= 900 ? 1 : 0));
  const { bins, none } = countBins(createAxis(table.fields.get('validation') as Field), 10, mask);
  assert.equal(
    bins.reduce((sum, { all }) => sum + all, 0),
    1000,
  );
  assert.equal(bins.at(-1)?.selected, 100, 'the best tenth is in the last bin');
  assert.equal(
    bins.reduce((sum, { selected }) => sum + selected, 0),
    100,
  );
  assert.deepEqual(none, { all: 0, selected: 0 });
  const words = countBins(createAxis(table.fields.get('method') as Field), 10, mask);
  assert.deepEqual(
    words.bins.map(({ text, all }) => [text, all]),
    [
      ['ednn', 334],
      ['eca', 333],
      ['nnca', 333],
    ],
  );
});

test('stamps cover the area of their shape and blend', () => {
  for (const [method, area] of [
    ['ednn', Math.PI],
    ['eca', 3.24],
    ['nnca', 2.32],
  ] as const) {
    const { cover } = createStamp(METHOD_STYLES[method].covers, 6);
    const covered = cover.reduce((sum, one) => sum + one, 0) / 36;
    assert.ok(Math.abs(covered - area) < 0.15, `${method}: ${covered}`);
  }
  const pixels = { width: 3, height: 3, data: new Uint8ClampedArray(36) };
  const dot = { across: Int8Array.of(0), down: Int8Array.of(0), cover: Float32Array.of(1) };
  applyStamp(pixels, dot, 1, 1, [255, 0, 0], 0.5);
  applyStamp(pixels, dot, 1, 1, [0, 0, 255], 0.5);
  assert.deepEqual(Array.from(pixels.data.subarray(16, 20)), [85, 0, 170, 192]);
  // Pixels outside are not written.
  applyStamp(pixels, createStamp(METHOD_STYLES.ednn.covers, 3), -2, 5, [0, 255, 0], 1);
});
