import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecodedColumn, decode } from '../../../../dashboards/web/trials/decode.ts';

test('only the largest number of an integer type means a missing value', () => {
  const more = [
    { name: 'schedule', values: Uint8Array.of(0, 0xff, 1), categories: ['a', 'b'] },
    { name: 'bytes', values: Uint8Array.of(0xfe, 0xff, 1) },
    { name: 'shorts', values: Uint16Array.of(0xff, 0xfffe, 0xffff) },
    { name: 'longs', values: Uint32Array.of(0xffff, 0xffffffff, 0xfffffffe) },
    { name: 'figures', values: Float64Array.of(0xff, 0xffffffff, Number.NaN) },
  ];
  const { columns } = decode({ rows: 3, about: {}, columns: more });
  const of = (name: string) => columns.find((one) => one.name === name) as DecodedColumn;
  assert.deepEqual(Array.from(of('schedule').values), [0, NaN, 1]);
  assert.deepEqual(Array.from(of('bytes').values), [0xfe, NaN, 1]);
  assert.deepEqual(Array.from(of('shorts').values), [0xff, 0xfffe, NaN]);
  assert.deepEqual(Array.from(of('longs').values), [0xffff, NaN, 0xfffffffe]);
  assert.deepEqual(Array.from(of('figures').values), [0xff, 0xffffffff, NaN]);
  for (const { name, missing } of columns) assert.equal(missing, 1, name);
  assert.deepEqual([of('longs').lowest, of('longs').highest], [0xffff, 0xfffffffe]);
  assert.deepEqual(
    columns.map(({ isWhole: whole }) => whole),
    [true, true, true, true, false],
  );
});

test('a column without values has no extent', () => {
  const { columns } = decode({ rows: 2, about: {}, columns: [{ name: 'a', values: Float32Array.of(Number.NaN, Number.NaN) }] });
  const { lowest, highest, missing } = columns[0] as DecodedColumn;
  assert.deepEqual([lowest, highest, missing], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2]);
});
