import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assignBins, createAxis, formatValue } from '../../../../dashboards/web/trials/axis.ts';
import { createTable, type Field, mergeOutcomes, type TrialTable } from '../../../../dashboards/web/trials/table.ts';
import { filled, outcomes, PARAMETERS, plan } from './synthetic.ts';

const fieldOf = (table: TrialTable, name: string) => table.fields.get(name) as Field;

test('positions run from 0 to 1 over the values, evenly in the logarithm for a logarithmic parameter', () => {
  const table = filled(300);
  const k = createAxis(fieldOf(table, 'k'));
  assert.deepEqual([1, 2, 3].map(k.position), [0, 0.5, 1]);
  assert.deepEqual(
    k.ticks.map(({ text }) => text),
    ['1', '2', '3'],
  );
  const rate = createAxis(fieldOf(table, 'learningRate'));
  assert.ok(Math.abs(rate.position(1e-3) - 1 / 3) < 1e-12);
  assert.deepEqual(
    rate.ticks.map(({ text }) => text),
    ['1.0e−4', '0.001', '0.01', '0.1'],
  );
  // Ends are the data's own numbers: a brush over all leaves nobody out by rounding.
  assert.deepEqual(
    [rate.valueAt(0), rate.valueAt(1)],
    [fieldOf(table, 'learningRate').lowest, fieldOf(table, 'learningRate').highest],
  );
});

test('categories are evenly spaced, a single one is in the middle', () => {
  const table = filled(30);
  const method = createAxis(fieldOf(table, 'method'));
  assert.deepEqual([0, 1, 2].map(method.position), [0, 0.5, 1]);
  assert.equal(method.valueAt(0.6), 1);
  const alone = createAxis({ ...fieldOf(table, 'method'), categories: ['eca'] });
  assert.deepEqual([alone.position(0), alone.ticks], [0.5, [{ at: 0.5, text: 'eca' }]]);
});

test('an axis of one value extends to both sides', () => {
  const table = filled(30);
  const epochs = createAxis(fieldOf(table, 'epochs'));
  assert.equal(epochs.position(40), 0.5);
  const seconds = createAxis(fieldOf(table, 'seconds'));
  assert.ok(Math.abs(seconds.position(1.5) - 0.5) < 1e-9);
});

test('outliers below are clamped to the start of the axis, which says so, and a brush from the start includes them', () => {
  const rows = 1000;
  const table = createTable(plan(rows), PARAMETERS);
  mergeOutcomes(
    table,
    outcomes(
      1,
      Array.from({ length: rows }, (_, index) => ({ index, validation: index < 20 ? -40 : 0.9 + (0.09 * index) / rows })),
    ),
  );
  const axis = createAxis(fieldOf(table, 'validation'));
  assert.ok(axis.from > 0.85, `begins at ${axis.from}`);
  assert.equal(axis.position(-40), 0);
  assert.match(axis.ticks[0]?.text ?? '', /^≤ /);
  assert.equal(axis.valueAt(0), Number.NEGATIVE_INFINITY);
});

test('on a residual axis, every further nine takes equal space', () => {
  const table = createTable(plan(3), PARAMETERS);
  mergeOutcomes(
    table,
    outcomes(1, [
      { index: 0, validation: 0 },
      { index: 1, validation: 0.9 },
      { index: 2, validation: 0.999 },
    ]),
  );
  const axis = createAxis(fieldOf(table, 'validation'), { residual: true });
  assert.ok(Math.abs(axis.position(0.9) - 1 / 3) < 1e-9);
  assert.ok(Math.abs(axis.position(0.99) - 2 / 3) < 1e-9);
  assert.deepEqual([axis.position(0), axis.position(0.999), axis.position(1)], [0, 1, 1]);
  assert.ok(Math.abs(axis.valueAt(2 / 3) - 0.99) < 1e-6);
  assert.equal(axis.valueAt(1), 0.999);
  assert.equal(createAxis(fieldOf(table, 'k'), { residual: true }).spread, 'linear');
});

test('every trial has a bin, trials without a value one apart', () => {
  const table = createTable(plan(4), PARAMETERS);
  mergeOutcomes(
    table,
    outcomes(1, [
      { index: 0, validation: 0 },
      { index: 1, validation: 1 },
      { index: 2, validation: 0.5 },
    ]),
  );
  assert.deepEqual(Array.from(assignBins(createAxis(fieldOf(table, 'validation')), 10)), [0, 9, 5, 10]);
});

test('categories and integers, whose bins are looked up, have the bins of their positions', () => {
  const table = createTable(plan(60), PARAMETERS);
  const some = [3, 7, 20].map((index, i) => ({ index, validation: 0.2 * i }));
  mergeOutcomes(table, outcomes(1, some));
  for (const name of ['method', 'k', 'hidden', 'index', 'learningRate', 'validation', 'epochs', 'outcome', 'finishedAt']) {
    const axis = createAxis(fieldOf(table, name));
    for (const bins of [48, 7]) {
      const expected = Array.from(axis.field.values, (value) =>
        Number.isNaN(value) ? bins : Math.min(bins - 1, Math.floor(axis.position(value) * bins)),
      );
      assert.deepEqual(Array.from(assignBins(axis, bins)), expected, `${name} in ${bins}`);
    }
    assert.equal(assignBins(axis, 48), assignBins(axis, 48), 'reckoned once, whatever else was asked for in between');
  }
});

test('values are formatted as briefly as they can be distinguished', () => {
  const table = filled(3);
  const validation = fieldOf(table, 'validation');
  assert.equal(formatValue(validation, 0.98765), '0.988');
  assert.equal(formatValue(validation, 0.998765), '0.9988');
  assert.equal(formatValue(fieldOf(table, 'learningRate'), 0.000123), '1.2e−4');
  assert.equal(formatValue(fieldOf(table, 'method'), 2), 'nnca');
  assert.equal(formatValue(validation, Number.NaN), '–');
});
