import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { prefetchSweepAt, SWEEP_ID } from '../../../../../dashboards/web/sweep/loading/prefetch.ts';
import { sweepIdOf } from '../../../../../operations/sweeps/start.ts';

const fetched = globalThis.fetch;
let asked: string[] = [];
/** A new id for each test: a prefetched answer that was not taken is not requested again. */
let id = '';

/** A server with one finished sweep, which answers when the test lets it. */
let answer: () => void;
beforeEach((context) => {
  asked = [];
  id = sweepIdOf(context.name);
  const told = new Promise<void>((resolve) => {
    answer = resolve;
  });
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    await told;
    return Response.json({ sweepId: id, state: 'completed' });
  };
});
afterEach(() => {
  globalThis.fetch = fetched;
});

const ends = () => new Promise((resolve) => setTimeout(resolve, 10));

test('ids of sweeps are distinguished from names', () => {
  for (const words of [['a'], ['b', 'c'], ['demo']]) assert.match(sweepIdOf(...words), SWEEP_ID);
  for (const name of ['demo', 'sweep', 'water-waist', 'spectra-2026', `${id}0`, `x${id}`]) assert.doesNotMatch(name, SWEEP_ID);
});

test('by its id, the trials of a sweep are requested at once, and nothing twice', async () => {
  prefetchSweepAt(id, undefined);
  await ends();
  const atOnce = [`/api/sweeps/${id}`, `/api/sweeps/${id}/configurations`, `/api/sweeps/${id}/outcomes`];
  assert.deepEqual(asked, atOnce);
  answer();
  await ends();
  assert.deepEqual(asked, [...atOnce, `/api/sweeps/${id}/coverage?split=test`]);
});

test('by a name, trials are requested once the sweep is known', async () => {
  prefetchSweepAt('some-name', 'validation');
  assert.deepEqual(asked, ['/api/sweeps/some-name']);
  answer();
  await ends();
  assert.deepEqual(asked.slice(1).sort(), [
    `/api/sweeps/${id}/configurations`,
    `/api/sweeps/${id}/coverage?split=validation`,
    `/api/sweeps/${id}/outcomes`,
  ]);
});
