import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseRightError, isWriteRefused, rightsOf } from '../../db/rights.ts';

test('the rights of a statement follow from its verbs', () => {
  const cases: readonly (readonly [string, string, string[]])[] = [
    ['select * from trials', 'trials', ['select']],
    ['insert into "trials" (id) values ($1)', 'trials', ['insert']],
    ['INSERT INTO trials (id) values ($1) on conflict (id) DO UPDATE set id = $1', 'trials', ['insert', 'update']],
    ['with gone as (delete from trials returning id) insert into blobs select id from gone', 'trials', ['delete']],
    ['with gone as (delete from trials returning id) insert into blobs select id from gone', 'blobs', ['insert']],
    ['update sweeps set state = $1 from trials where true', 'sweeps', ['update']],
    ['update sweeps set state = $1 from trials where true', 'trials', ['select']],
    ['select 1 from sweeps where id = $1 for update', 'sweeps', ['select', 'update']],
  ];
  for (const [query, table, rights] of cases) assert.deepEqual(rightsOf(query, table), rights, query);
});

const serverError = (code: string, message: string, query = '') => Object.assign(new Error(message), { code, query });

test('a missing right is an error that names right, table and grant', () => {
  const error = databaseRightError(
    'db/n',
    serverError('42501', 'permission denied for table sweeps', 'insert into sweeps values ($1)'),
  );
  assert.deepEqual([error?.code, error?.kind], ['right-missing', 'failure']);
  assert.match(error?.message ?? '', /database at db\/n .*lacks the right to insert on sweeps/);
  assert.match(error?.fix ?? '', /grant insert on sweeps to USER/);
  const other = databaseRightError('db/n', serverError('42501', 'permission denied for schema drizzle'));
  assert.match(other?.message ?? '', /permission denied for schema drizzle/);
  const standby = databaseRightError('db/n', serverError('25006', 'cannot execute INSERT in a read-only transaction'));
  assert.equal(standby?.code, 'database-read-only');
  for (const found of [serverError('23505', 'duplicate key'), new Error('other'), null]) {
    assert.equal(databaseRightError('db/n', found), null);
    assert.equal(isWriteRefused(found), false);
  }
});
