import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from '../turns.ts';

test('work waits for its turn, in order, also after failures', async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const all = ends.map(({ promise }, i) =>
    inTurn(() => {
      begun.push(i);
      return promise;
    }),
  );
  const settled = Promise.allSettled(all);
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.reject(new Error('broken'));
  await assert.rejects(all[1] as Promise<number>);
  await new Promise(setImmediate);
  assert.deepEqual(begun, [0, 1, 2]);
  for (const [i, { resolve }] of ends.entries()) resolve(i);
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
});
