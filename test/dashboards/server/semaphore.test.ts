/** Concurrent work in turns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSemaphore } from '../../../dashboards/server/semaphore.ts';

/** Starts tasks by key, which run until they are ended. */
function tasks(limits: Parameters<typeof createSemaphore>[0]) {
  const semaphore = createSemaphore(limits);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    add(key: string, name: string) {
      const end = Promise.withResolvers<void>();
      ends.set(name, end.resolve);
      return semaphore(key, () => {
        started.push(name);
        return end.promise;
      });
    },
    async end(name: string) {
      ends.get(name)?.();
      await nextTurn();
    },
  };
}

test('callers take turns, whoever came first', async () => {
  const { started, add, end } = tasks({ total: 1 });
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1']) void add(name.charAt(0), name);
  for (const name of ['a1', 'a2', 'b1', 'c1']) await end(name);
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'c1', 'a3']);
});

test('one caller takes no more than its share, and leaves the rest to others', async () => {
  const { started, add, end } = tasks({ total: 3, perKey: 2 });
  for (const name of ['a1', 'a2', 'a3', 'a4']) void add('a', name);
  await nextTurn();
  assert.deepEqual(started, ['a1', 'a2']);
  for (const name of ['b1', 'c1']) void add(name.charAt(0), name);
  await nextTurn();
  assert.deepEqual(started, ['a1', 'a2', 'b1']);
  await end('a1');
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'a3'], 'whoever waits longest and may');
  await end('b1');
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'a3', 'c1']);
});

test('a task that fails gives its place back', async () => {
  const semaphore = createSemaphore({ total: 1 });
  await assert.rejects(
    semaphore('a', () => Promise.reject(new Error('it fails'))),
    /it fails/,
  );
  assert.equal(await semaphore('a', async () => 5), 5);
});
