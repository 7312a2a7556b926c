import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { AsyncCache } from '../../../../dashboards/server/cache/async-cache.ts';

const remembered = (maxBytes = 1000) => new AsyncCache<string>({ maxBytes, bytesOf: ({ length }) => length });

test('concurrent requests share one computation per version', async () => {
  const kept = remembered();
  let computed = 0;
  const ask = (state: string) => kept.get('key', { version: state }, async () => `${state} ${++computed}`);
  assert.deepEqual(await Promise.all([ask('1'), ask('1'), ask('1')]), ['1 1', '1 1', '1 1']);
  assert.equal(await ask('1'), '1 1');
  assert.equal(await ask('2'), '2 2');
  assert.equal(await ask('2'), '2 2');
});

test('a failure rejects all pending requests and is not cached', async () => {
  const kept = remembered();
  const fail = () =>
    kept.get('key', { version: '1' }, async () => {
      throw new Error('no');
    });
  await Promise.all([assert.rejects(fail(), /no/), assert.rejects(fail(), /no/)]);
  assert.equal(await kept.get('key', { version: '1' }, async () => 'yes'), 'yes');
});

test('a cheap value is recomputed for each version, even if stale values are allowed', async () => {
  const kept = remembered();
  const ask = (state: string) => kept.get('key', { version: state, allowStale: true }, async () => state);
  assert.equal(await ask('1'), '1');
  assert.equal(await ask('2'), '2');
});

test('a slow value may be stale for a while, and is recomputed in the background', async () => {
  const kept = remembered();
  let computed = 0;
  const ask = (state: string, mayBeOld: boolean) =>
    kept.get('key', { version: state, allowStale: mayBeOld }, async () => {
      computed++;
      await pause(60);
      return state;
    });
  assert.equal(await ask('1', true), '1');
  assert.equal(await ask('2', true), '1');
  assert.equal(computed, 1);
  await pause(2100);
  assert.equal(await ask('3', true), '1');
  assert.equal(await ask('3', true), '1');
  await pause(120);
  assert.equal(await ask('4', true), '3');
  assert.equal(computed, 2);
  // Without allowStale the newest version is awaited.
  assert.equal(await ask('4', false), '4');
});

test('a slow value is returned while its successor is computed, for a limited time, unless it was too old before', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const kept = remembered();
  const computing: PromiseWithResolvers<string>[] = [];
  const ask = (state: string) =>
    kept.get('key', { version: state, allowStale: true }, () => {
      const one = Promise.withResolvers<string>();
      computing.push(one);
      return one.promise;
    });
  const first = ask('1');
  now = 5000;
  computing[0]?.resolve('1');
  assert.equal(await first, '1');
  now = 5000 + 8000;
  assert.equal(await ask('2'), '1', 'recomputed before it is too old');
  now = 5000 + 8000 + 14_000;
  assert.equal(await Promise.race([ask('3'), nextTurn('waits')]), '1', 'its successor is on the way');
  now = 5000 + 8000 + 16_000;
  assert.equal(await Promise.race([ask('3'), nextTurn('waits')]), 'waits', 'its successor takes too long');
  assert.equal(computing.length, 2);
  computing[1]?.resolve('2');
  await nextTurn();
  assert.equal(await ask('3'), '2');
  now += 16_000;
  const awaited = [ask('4'), ask('4')];
  assert.equal(computing.length, 3);
  computing[2]?.resolve('4');
  assert.deepEqual(await Promise.all(awaited), ['4', '4']);
});

test('the least recently used value is evicted first', async () => {
  const kept = remembered(10);
  const computed: string[] = [];
  const ask = (key: string) =>
    kept.get(key, { version: '' }, async () => {
      computed.push(key);
      return key.repeat(4);
    });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(key);
  assert.deepEqual(computed, ['a', 'b', 'c', 'b']);
});

test('maxAgeMs accepts an earlier version up to that age', async () => {
  const kept = remembered();
  const ask = (state: string, goodFor = 100) => kept.get('key', { version: state, maxAgeMs: goodFor }, async () => state);
  assert.equal(await ask('1'), '1');
  assert.equal(await ask('2'), '1');
  assert.equal(await ask('2', 0), '2', 'who wants the newest has it');
  await pause(120);
  assert.equal(await ask('3'), '3');
});
