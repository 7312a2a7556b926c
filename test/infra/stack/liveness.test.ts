import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersWithin, lengthenSilence, type Patience, waitUntilHanging } from '../../../infra/stack/liveness.ts';

const PATIENCE: Patience = { intervalMs: 1, answerMs: 20, hangMs: 100 };
const never = () => new Promise<boolean>(() => {});
const endless = () => new AbortController().signal;

test('an answer in time counts; none, a late one and an error do not', async () => {
  assert.equal(await answersWithin(async () => true, 1000), true);
  assert.equal(await answersWithin(never, 10), false);
  assert.equal(await answersWithin(() => Promise.reject(new Error('refused')), 1000), false);
});

test('silence lasts as long as the questions, but a gap of the machine counts as one', () => {
  const patience = { intervalMs: 3000, answerMs: 5000, hangMs: 30_000 };
  assert.equal(lengthenSilence(8000, 8000, patience), 16_000);
  assert.equal(lengthenSilence(0, 12 * 3_600_000, patience), 8000, 'a suspended laptop kills nothing');
});

test('a process that never answers hangs, and is announced as silent once', async () => {
  const changes: boolean[] = [];
  const options = { ask: never, patience: PATIENCE, onChange: (answers: boolean) => changes.push(answers), signal: endless() };
  assert.equal(await waitUntilHanging(options), true);
  assert.deepEqual(changes, [false]);
});

test('a process that answers again is not replaced', async () => {
  const stop = new AbortController();
  const changes: boolean[] = [];
  let questions = 0;
  const ask = () => {
    questions += 1;
    if (questions === 20) stop.abort();
    return questions % 3 === 0 ? Promise.resolve(true) : never();
  };
  const onChange = (answers: boolean) => changes.push(answers);
  assert.equal(await waitUntilHanging({ ask, patience: PATIENCE, onChange, signal: stop.signal }), false);
  assert.deepEqual(changes.slice(0, 4), [false, true, false, true]);
});
