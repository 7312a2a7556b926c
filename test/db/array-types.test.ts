import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseArray, serializeArray } from '../../db/array-types.ts';
import { migratedDatabase } from './database.ts';

const db = await migratedDatabase();
after(() => db.close());

test('arrays are read back unchanged', async () => {
  const texts = ['plain', '', 'a,b', '{c}', 'say "d"', 'back\\slash', 'NULL', ' spaces ', 'line\nbreak'];
  const numbers = [1, -2.5, 1e-30, 0];
  const [row] = await db.sql`
    select ${texts}::text[] as texts, ${numbers}::float8[] as numbers, ${[1, 2]}::int[] as integers, ${[]}::text[] as empty,
           array[true, false] as booleans, array[null, 'a']::text[] as nulls, array[array[1, 2], array[3, 4]] as nested,
           array['NaN', 'Infinity']::real[] as special, array['{"a": [1]}']::jsonb[] as objects, array[9007199254740993] as big,
           array['2020-01-01T00:00:00Z']::timestamptz[] as dates`;
  assert.deepEqual(
    { ...row },
    {
      texts,
      numbers,
      integers: [1, 2],
      empty: [],
      booleans: [true, false],
      nulls: [null, 'a'],
      nested: [
        [1, 2],
        [3, 4],
      ],
      special: [Number.NaN, Number.POSITIVE_INFINITY],
      objects: [{ a: [1] }],
      big: ['9007199254740993'],
      dates: [new Date('2020-01-01')],
    },
  );
});

test('an array in text form is passed on, and one of another shape is nested', () => {
  assert.equal(serializeArray('{1,2}'), '{1,2}');
  assert.equal(serializeArray([['a"b'], ['c', null]]), '{{"a\\"b"},{"c",null}}');
  assert.deepEqual(parseArray('{{1},{2,NULL}}', Number), [[1], [2, null]]);
});
