import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countBins } from '../../../../dashboards/web/charts/bins.ts';
import { apart, enoughAt, linearShares, residualShares, widthPlaces } from '../../../../dashboards/web/charts/coverage-scale.ts';
import { press, stampOf } from '../../../../dashboards/web/charts/stamps.ts';
import { createAxis } from '../../../../dashboards/web/trials/axis.ts';
import type { Field } from '../../../../dashboards/web/trials/table.ts';
import { describeComparison } from '../../../../text/comparison.ts';
import { filled } from '../trials/synthetic.ts';

type Coverage = Parameters<typeof enoughAt>[0];

const estimate = (mean: number) => ({ mean, low: mean - 0.002, high: mean + 0.002, best: mean });
function coverage(figures: Readonly<Record<string, number>>, emulator: number | null): Coverage {
  return {
    sweepId: 's',
    revision: 1,
    split: 'test',
    trials: 6,
    planned: 6,
    rows: Object.entries(figures).map(([name, mean]) => ({
      method: name.split('/')[0] as 'ednn' | 'eca' | 'nnca',
      k: Number(name.split('/')[1]),
      trials: 3,
      configurations: 2,
      coveredVariance: estimate(mean),
      structureCoveredVariance: null,
      bestTrial: 's-0',
    })),
    contrasts: [],
    emulator: emulator === null ? null : { mean: emulator, low: emulator, high: emulator },
    baselines: [],
  };
}

test('more units stop paying at the width that the sentence names too', () => {
  const cases: [Coverage, number | null][] = [
    [coverage({ 'ednn/1': 0.9, 'ednn/2': 0.971, 'eca/2': 0.95, 'eca/3': 0.978 }, 0.98), 2],
    [coverage({ 'ednn/1': 0.9, 'ednn/2': 0.96 }, 0.98), null],
    [coverage({ 'nnca/1': 0.991, 'ednn/1': 0.992 }, null), 1],
  ];
  for (const [one, k] of cases) {
    assert.equal(enoughAt(one)?.k ?? null, k);
    const words = describeComparison({
      sweeps: [],
      dataset: '',
      target: 'xas',
      rows: one.rows.map((row) => ({ ...row, configurationHash: '' })),
      contrasts: [],
      baselines: one.emulator ? [{ name: 'emulator', k: null, coveredVariance: one.emulator.mean }] : [],
    });
    const said = /^(One number is|(\d) numbers are) enough/m.exec(words);
    assert.equal(said === null ? null : Number(said[2] ?? 1), k);
  }
});

test('scales of covered variance hold all figures; close to 1, nines are evenly spaced', () => {
  const even = linearShares([0.4, 0.99]);
  assert.ok(even.place(0.4) > 0 && even.place(0.4) < 0.1);
  assert.equal(even.place(1), 1);
  assert.equal(linearShares([-30, 0.9]).place(-30), 0);
  const close = residualShares([0.5, 0.9, 0.9995]);
  const [a, b, c] = [0.9, 0.99, 0.999].map(close.place) as [number, number, number];
  assert.ok(Math.abs(c - b - (b - a)) < 1e-9);
  assert.ok(close.place(0.5) > 0 && close.place(0.9995) < 1);
  assert.ok(close.ticks.some(({ text }) => text === '0.99'));
});

test('widths stand where they are, or evenly where a few would be pressed together', () => {
  const near = widthPlaces([1, 2, 3]);
  assert.deepEqual([near.place(2), near.isEven], [0.5, false]);
  const far = widthPlaces([1, 2, 3, 32]);
  assert.deepEqual([far.place(2), far.place(32), far.isEven], [1 / 3, 1, true]);
  assert.equal(widthPlaces([2]).place(2), 0.5);
});

test('labels that would overlap move apart', () => {
  assert.deepEqual(apart([10, 12, 50], 14), [10, 24, 50]);
  assert.deepEqual(apart([50, 12, 10], 14), [50, 24, 10]);
});

test('a histogram counts every trial, those looked at within all, those without a value apart', () => {
  const table = filled(1000);
  const mask = Uint8Array.from({ length: 1000 }, (_, i) => (i >= 900 ? 1 : 0));
  const { bins, none } = countBins(createAxis(table.fields.get('validation') as Field), 10, mask);
  assert.equal(
    bins.reduce((sum, { all }) => sum + all, 0),
    1000,
  );
  assert.equal(bins.at(-1)?.selected, 100, 'the best tenth lies in the last bin');
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

test('marks cover what their shape has, and lie over one another', () => {
  for (const [shape, area] of [
    ['disc', Math.PI],
    ['square', 3.24],
    ['triangle', 2.32],
  ] as const) {
    const { cover } = stampOf(shape, 6);
    const covered = cover.reduce((sum, one) => sum + one, 0) / 36;
    assert.ok(Math.abs(covered - area) < 0.15, `${shape}: ${covered}`);
  }
  const pixels = { width: 3, height: 3, data: new Uint8ClampedArray(36) };
  const dot = { across: Int8Array.of(0), down: Int8Array.of(0), cover: Float32Array.of(1) };
  press(pixels, dot, 1, 1, [255, 0, 0], 0.5);
  press(pixels, dot, 1, 1, [0, 0, 255], 0.5);
  assert.deepEqual(Array.from(pixels.data.subarray(16, 20)), [85, 0, 170, 192]);
  // Outside is no place to write to.
  press(pixels, stampOf('disc', 3), -2, 5, [0, 255, 0], 1);
});
