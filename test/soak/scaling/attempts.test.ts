import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { readSource } from '../../house/sources.ts';
import { attemptsOf, byPack, countInterruptions } from './attempts.ts';

/** Attempts of a recorded history. */
const recorded = (name: string) =>
  attemptsOf(historyFromJSON(JSON.parse(readSource(`test/histories/sweeps/${name}.json`))).events ?? []);

/** Interruptions of each pack, and how its attempts ended. */
const packsOf = (name: string) =>
  [...byPack(recorded(name)).values()].map((attempts) => [countInterruptions(attempts), ...attempts.map(({ end }) => end)]);

test('a pack that a trainer hands back was interrupted once, and is the same pack afterwards', () => {
  assert.deepEqual(packsOf('stopped-trainer'), [[1, 'interrupted', 'completed']]);
});

test('packs that a pause takes out of their queue were not attempted', () => {
  const packs = packsOf('halving-paused');
  assert.ok(packs.length > 0);
  for (const [interruptions, ...ends] of packs) {
    assert.equal(interruptions, 0);
    assert.deepEqual([...new Set(ends)], ['completed']);
  }
});

test('attempts that a pause or a cancellation ends are no interruptions', () => {
  const [first] = recorded('stopped-trainer');
  assert.ok(first);
  assert.equal(countInterruptions([{ ...first, end: 'cancelled' }]), 0);
});

test('attempts that Temporal repeats by itself count as well', () => {
  const [, second] = recorded('stopped-trainer');
  assert.ok(second);
  assert.equal(countInterruptions([{ ...second, before: 2 }]), 2);
});

test('times and trainers are those of the history', () => {
  const [first, second] = recorded('stopped-trainer');
  assert.ok(first && second);
  assert.equal(first.worker, 'worker');
  assert.equal(first.endedAt, Date.parse('2026-11-29T18:45:11.939Z') + 0.955399);
  assert.ok(first.scheduledAt < first.startedAt && first.endedAt < second.scheduledAt);
});
