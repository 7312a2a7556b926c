import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTable, type Field } from '../../../dashboards/web/trials/table.ts';
import { stream } from '../../../models/random.ts';
import { firstRows, sortRows } from '../../../search/columns/order.ts';
import { PARAMETERS, plan, six } from '../../dashboards/web/trials/synthetic.ts';

test('rows without a value are last in either direction, equal ones by the plan', () => {
  const table = six();
  const rows = () => Uint32Array.of(0, 1, 2, 3, 4, 5);
  const validation = table.fields.get('validation') as Field;
  const down = rows();
  sortRows(down, validation, 'desc');
  assert.deepEqual(Array.from(down), [1, 3, 0, 2, 4, 5]);
  const up = rows();
  sortRows(up, validation, 'asc');
  assert.deepEqual(Array.from(up), [0, 3, 1, 2, 4, 5]);
});

test('the radix sort agrees with comparisons for negative, zero, huge and tiny numbers', () => {
  const numbers = [3, -2, 0, -0, 1e300, -1e300, 5e-324, -1, 1, Number.NaN, 3, -2.5, 0.1, 0.2, Number.POSITIVE_INFINITY];
  const table = createTable(plan(numbers.length), PARAMETERS);
  const field = { ...(table.fields.get('seconds') as Field), values: Float64Array.from(numbers) };
  for (const order of ['asc', 'desc'] as const) {
    const rows = Uint32Array.from(numbers, (_, i) => i);
    sortRows(rows, field, order);
    const sign = order === 'asc' ? 1 : -1;
    const expected = numbers
      .map((_, i) => i)
      .sort((a, b) => {
        const [x, y] = [numbers[a] as number, numbers[b] as number];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
        return x === y ? a - b : sign * (x < y ? -1 : 1);
      });
    assert.deepEqual(Array.from(rows), expected, order);
  }
});

test('the first rows are those that sorting all of them gives', () => {
  const draw = stream(3, 'order');
  const few = () => Math.round(6 * draw.uniform());
  for (const [rows, most] of [
    [0, 5],
    [3, 5],
    [500, 5],
    [500, 64],
    [500, 1],
  ] as const) {
    for (const value of [draw.normal, few, () => Number.NaN, () => (draw.uniform() < 0.97 ? Number.NaN : few())]) {
      const table = createTable(plan(rows), PARAMETERS);
      const field = { ...(table.fields.get('seconds') as Field), values: Float64Array.from({ length: rows }, value) };
      const chosen = Uint32Array.from({ length: rows }, (_, i) => i).filter((row) => row % 7 !== 2);
      for (const order of ['asc', 'desc'] as const) {
        const all = chosen.slice();
        sortRows(all, field, order);
        assert.deepEqual(firstRows(chosen, field, order, most), all.slice(0, most), `${rows} ${most} ${order}`);
      }
    }
  }
});
