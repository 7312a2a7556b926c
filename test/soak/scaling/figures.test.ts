import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt } from './attempts.ts';
import { awaitedFirstPacks, figuresOf, summarize } from './figures.ts';
import type { TrainerLife } from './trainers.ts';

const RANGE = { sweepId: 's', rung: 0, from: 0, to: 1, retry: false };
const SECOND = 1000;

const life = (worker: string, from: number, to: number | null, rest: Partial<TrainerLife> = {}): TrainerLife => ({
  ...{ class: 'cpu', worker, isFirst: false, startedAt: from * SECOND, endedAt: to && to * SECOND, stoppedAt: to && to * SECOND },
  ...rest,
});

const attempt = (worker: string, from: number, to: number, rest: Partial<Attempt> = {}): Attempt => ({
  ...{ range: RANGE, worker, scheduledAt: 0, startedAt: from * SECOND, endedAt: to * SECOND, end: 'completed', before: 0 },
  ...rest,
});

test('a trainer is idle while it has no pack, and busy once while it has two', () => {
  const lives = [life('a', 0, 60), life('b', 10, null)];
  const attempts = [attempt('a', 5, 25), attempt('a', 15, 35), attempt('a', 40, 50), attempt('b', 20, 90)];
  const { trainers } = figuresOf(lives, attempts, 100 * SECOND);
  assert.deepEqual(trainers, { started: 2, most: 2, mean: 1.5, seconds: 150, idleSeconds: 40 });
});

test('an attempt belongs to the process of its number that ran at the time', () => {
  const lives = [life('a', 0, 10), life('a', 100, 110)];
  const { trainers } = figuresOf(lives, [attempt('a', 102, 106)], 110 * SECOND);
  assert.equal(trainers.idleSeconds, 16);
});

test('first packs count where they waited for the trainer', () => {
  const lives = [life('a', 10, 60, { isFirst: true }), life('b', 10, 60), life('c', 10, 60)];
  const attempts = [
    attempt('a', 12, 20),
    attempt('a', 14, 20),
    attempt('b', 30, 40, { scheduledAt: 30 * SECOND }),
    attempt('c', 16, 40),
  ];
  assert.deepEqual(
    awaitedFirstPacks(lives, attempts).map(({ first }) => first.startedAt / SECOND),
    [12, 16],
  );
  const { firstPackSeconds } = figuresOf(lives, attempts, 60 * SECOND);
  assert.equal(firstPackSeconds.fromZero?.max, 2);
  assert.equal(firstPackSeconds.all?.max, 6);
});

test('packs that a trainer begins after it was asked to end are counted', () => {
  const lives = [life('a', 0, 60, { stoppedAt: 40 * SECOND })];
  assert.equal(figuresOf(lives, [attempt('a', 30, 50), attempt('a', 41, 50)], 60 * SECOND).begunAfterStop, 1);
});

test('seconds of packs are those of completed ones', () => {
  const attempts = [attempt('a', 0, 4), attempt('a', 0, 90, { end: 'interrupted' }), attempt('a', 0, 8)];
  assert.deepEqual(figuresOf([], attempts, 0).packSeconds, { count: 2, median: 6, p95: 8, max: 8 });
  assert.equal(summarize([]), null);
});
