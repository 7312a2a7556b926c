import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { createSlowLane, placeFor, restAfter } from '../../../dashboards/server/slow-lane.ts';

const LIMITS = { share: 1 / 20, maxRestMs: 30_000, maxWaitMs: 50_000 };

let now = 0;
mock.method(performance, 'now', () => now);
mock.timers.enable({ apis: ['setTimeout'] });
beforeEach(() => {
  now = 0;
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
});

async function pass(milliseconds: number): Promise<void> {
  now += milliseconds;
  mock.timers.tick(milliseconds);
  await settle();
}

/** Enters callers, and records which of them has its turn, was released or refused. */
function watchLane() {
  const lane = createSlowLane(LIMITS);
  const events: string[] = [];
  let end = () => {};
  const enter = async (caller: string, refusals = 1, signal?: AbortSignal) => {
    lane.enter(caller, refusals, signal).then(
      (endTurn) => {
        events.push(endTurn ? caller : `${caller} released`);
        if (endTurn) end = endTurn;
      },
      ({ code, wait, message }) => events.push(`${caller} ${code ?? message}${wait ? ` ${wait}` : ''}`),
    );
    await settle();
  };
  return { lane, events, enter, endTurn: () => end() };
}

test('a free lane delays nobody, and rests for 19 times as long as a turn took', async () => {
  const { events, enter, endTurn } = watchLane();
  await enter('a');
  await enter('b');
  assert.deepEqual(events, ['a'], 'one turn at a time');
  await pass(500);
  endTurn();
  await pass(9499);
  assert.deepEqual(events, ['a']);
  await pass(1);
  assert.deepEqual(events, ['a', 'b']);
  endTurn();
  await enter('c');
  assert.deepEqual(events, ['a', 'b', 'c'], 'after a turn that took no time there is no rest');
});

test('callers with fewer refusals come first', async () => {
  const { events, enter, endTurn } = watchLane();
  await enter('first', 9);
  for (const [caller, refusals] of [
    ['flood', 9],
    ['flood again', 9],
    ['mistaken', 1],
    ['mistaken twice', 2],
  ] as const)
    await enter(caller, refusals);
  for (let turn = 0; turn < 4; turn++) {
    endTurn();
    await settle();
  }
  assert.deepEqual(events, ['first', 'mistaken', 'mistaken twice', 'flood', 'flood again']);
});

test('a caller that is released leaves at once, without a turn', async () => {
  const { lane, events, enter, endTurn } = watchLane();
  for (const caller of ['a', 'b', 'c', 'b']) await enter(caller);
  lane.release('b');
  await settle();
  assert.deepEqual(events, ['a', 'b released', 'b released']);
  endTurn();
  await settle();
  assert.equal(events.at(-1), 'c');
});

test('a turn that does not come in time is refused with the seconds until it would', async () => {
  const { events, enter, endTurn } = watchLane();
  await enter('a');
  await pass(1000);
  endTurn();
  for (const caller of ['b', 'c', 'd']) await enter(caller);
  await pass(19_000);
  assert.deepEqual(events, ['a', 'b']);
  await pass(1000);
  endTurn();
  await pass(19_000);
  assert.deepEqual(events, ['a', 'b', 'c']);
  await pass(1000);
  endTurn();
  await pass(10_000);
  assert.deepEqual(events, ['a', 'b', 'c', 'd too-many-uploads 9']);
});

test('an aborted request gives up its place', async () => {
  const { events, enter, endTurn } = watchLane();
  const gone = new AbortController();
  await enter('a');
  await enter('b', 1, gone.signal);
  await enter('c');
  gone.abort(new Error('gone'));
  await settle();
  endTurn();
  await settle();
  await enter('d', 1, gone.signal);
  assert.deepEqual(events, ['a', 'b gone', 'c', 'd gone']);
});

test('a rest gives turns their share of the time, up to the longest', () => {
  assert.equal(restAfter(500, LIMITS), 9500);
  assert.equal(restAfter(60_000, LIMITS), 30_000);
});

test('a place in the queue is ahead of more refusals only', () => {
  const queue = [1, 1, 3].map((refusals) => ({ refusals }));
  assert.deepEqual(
    [0, 1, 2, 3].map((refusals) => placeFor(refusals, queue)),
    [0, 2, 2, 3],
  );
});
