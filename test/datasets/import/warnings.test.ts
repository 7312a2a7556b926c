import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openGroupSpool } from '../../../datasets/import/spool.ts';
import { findWarnings } from '../../../datasets/import/warnings.ts';
import { scratch } from '../../support/scratch.ts';

describe('groups of a single row cause a warning', () => {
  const of = async (names: string[]) => {
    const spool = await openGroupSpool(scratch);
    await spool.add(names);
    return findWarnings({ groups: await spool.end(), nearDuplicates: [], warnings: [], x: { rows: names.length } }).map(
      ({ code, message, path }) => `${path} ${code}: ${message}`,
    );
  };
  test('none', async () => {
    assert.deepEqual(findWarnings({ groups: null, nearDuplicates: [], warnings: [], x: { rows: 5 } }), []);
    assert.deepEqual(await of(['a', 'b', 'a', 'b']), []);
  });
  test('some of them: named with the consequence', async () => {
    assert.deepEqual(await of(['a', 'b', 'c', 'a', 'd', 'd']), [
      'groups groups-single: 2 of 4 groups have a single row (b, c): a mean over such a group is that row alone',
    ]);
    assert.match((await of(['a', 'b', 'a']))[0] as string, /1 of 2 groups has a single row \(b\)/);
    const many = [...Array.from({ length: 40 }, (_, i) => `g${i}`), 'twice', 'twice'];
    assert.match((await of(many))[0] as string, /40 of 41 groups .*\(g0, g1, .*, g11, and 28 more\)/);
  });
  test('all of them: a split by group is at random', async () =>
    assert.match((await of(['a', 'b', 'c']))[0] as string, /each of the 3 groups .* one at random/));
});
