import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedLock } from '../../activities/shared-lock.ts';

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Work that runs until it is ended, and the log of what began. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await settle();
  };
  return { begun, work, end };
}

test('shared work runs together; work alone waits for it, and later work for that', async () => {
  const lock = createSharedLock();
  const { begun, work, end } = works();
  const all = [
    lock.shared(never, work('a')),
    lock.shared(never, work('b')),
    lock.alone(never, work('c')),
    lock.alone(never, work('d')),
    lock.shared(never, work('e')),
    lock.shared(never, work('f')),
  ];
  await settle();
  assert.deepEqual(begun, ['a', 'b']);
  await end('a');
  assert.deepEqual(begun, ['a', 'b']);
  await end('b');
  assert.deepEqual(begun, ['a', 'b', 'c']);
  await end('c');
  assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  await end('d');
  assert.deepEqual(begun, ['a', 'b', 'c', 'd', 'e', 'f']);
  await end('e');
  await end('f');
  assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd', 'e', 'f']);
});

test('work that does not run at once says that it waits', async () => {
  const lock = createSharedLock();
  const { work, end } = works();
  const waits: string[] = [];
  const all = [
    lock.shared(never, work('a'), () => waits.push('a')),
    lock.alone(never, work('b'), () => waits.push('b')),
    lock.shared(never, work('c'), () => waits.push('c')),
  ];
  await settle();
  assert.deepEqual(waits, ['b', 'c']);
  for (const name of ['a', 'b', 'c']) await end(name);
  await Promise.all(all);
});

test('aborted work gives up its turn; work that throws ends it', async () => {
  const lock = createSharedLock();
  const { begun, work, end } = works();
  const abort = new AbortController();
  const first = lock.shared(never, work('first'));
  const waiting = lock.alone(abort.signal, work('waiting'));
  const behind = lock.shared(never, work('behind'));
  abort.abort(new Error('stopped'));
  await assert.rejects(waiting, /stopped/);
  assert.deepEqual(begun, ['first', 'behind']);
  await assert.rejects(lock.shared(abort.signal, work('late')), /stopped/);
  await end('first');
  await end('behind');
  await Promise.all([first, behind]);
  await assert.rejects(
    lock.alone(never, async () => {
      throw new Error('it failed');
    }),
    /it failed/,
  );
  assert.equal(await lock.alone(never, async () => 'next'), 'next');
});
