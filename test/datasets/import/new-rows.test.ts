import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNewRows, findNewRowsInThread } from '../../../datasets/import/new-rows.ts';
import { pickRows } from '../../../models/axes.ts';
import { noise } from '../../support/data.ts';

test('a thread finds the new rows, borrows the arrays, and returns them', async () => {
  const [x, y] = [noise(60, 3, 'x'), noise(60, 5, 'y')];
  const rowsOf = (rows: readonly number[]) => [x, y].map((array) => pickRows(array, Uint32Array.from(rows)));
  const arrays = () => ({
    known: rowsOf(Array.from({ length: 40 }, (_, i) => i)) as [typeof x, typeof y],
    own: rowsOf([38, 39, 40, 41, 41, 50]) as [typeof x, typeof y],
  });
  const { known, own } = arrays();
  const expected = await findNewRows(known, own);
  assert.deepEqual([...expected.added], [2, 3, 5]);
  const moved = arrays();
  const pending = findNewRowsInThread(moved);
  assert.equal(moved.known[0].data.length, 0, 'the arrays are in the thread');
  assert.deepEqual(await pending, { known, own, ...expected });
});

test('an aborted signal ends the thread', async () => {
  const x = () => noise(60, 3, 'x');
  const stop = new AbortController();
  const pending = findNewRowsInThread({ known: [x()], own: [x()] }, stop.signal);
  stop.abort(new Error('asked to stop'));
  await assert.rejects(pending, /asked to stop/);
});
