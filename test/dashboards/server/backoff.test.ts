import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { createBackoff } from '../../../dashboards/server/backoff.ts';

const LIMITS = { free: 1, firstMs: 1000, maxMs: 4000, forgetMs: 60_000 };

let now = 0;
mock.method(performance, 'now', () => now);
beforeEach(() => {
  now = 0;
});

test('pauses double from the refusals that are free to the longest', () => {
  const backoff = createBackoff(LIMITS);
  const pauses = Array.from({ length: 5 }, () => {
    backoff.record('a', 'refused');
    return backoff.pause('a');
  });
  assert.deepEqual(pauses, [0, 1000, 2000, 4000, 4000]);
  assert.equal(backoff.pause('b'), 0, 'other callers do not pause');
});

test('accepted work takes back one refusal, and time all of them', () => {
  const backoff = createBackoff(LIMITS);
  for (let i = 0; i < 3; i++) backoff.record('a', 'refused');
  backoff.record('a', 'accepted');
  assert.equal(backoff.pause('a'), 1000);
  now = LIMITS.forgetMs + 1;
  assert.equal(backoff.pause('a'), 0);
  backoff.record('a', 'refused');
  assert.equal(backoff.pause('a'), 0, 'the caller starts anew');
});

test('a pause counts from the last refusal', () => {
  const backoff = createBackoff(LIMITS);
  for (let i = 0; i < 4; i++) backoff.record('a', 'refused');
  now = 3000;
  assert.equal(backoff.pause('a'), 1000);
  now = 5000;
  assert.equal(backoff.pause('a'), 0);
});
