import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compute } from '../../activities/compute.ts';
import { scoreBaselines } from '../../models/evaluation/baselines.ts';
import { smoothData } from '../support/data.ts';

const data = smoothData(200);

test('a computation in a thread gives the same numbers and leaves the main thread free', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 5);
  const found = await compute('baselines', { data, components: [1, 2] });
  clearInterval(timer);
  assert.deepEqual(found, scoreBaselines(data, [1, 2]));
  assert.ok(turns > 3, `${turns} turns`);
});

test('an aborted computation rejects with the reason and ends its thread', async () => {
  const abort = new AbortController();
  const computing = compute('baselines', { data, components: [1] }, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(computing, { message: 'enough' });
  await assert.rejects(compute('baselines', { data, components: [1] }, abort.signal), { message: 'enough' });
});

test('an error in a thread arrives with its code', async () => {
  const model = new Uint8Array(8);
  const cells = [{ method: 'nnca', k: 1, trials: [], partitions: [], best: { trialId: 't', model } }] as const;
  const descriptors = [0, 1, 2].map((i) => ({ name: `d${i}`, unit: '' }));
  await assert.rejects(
    compute('interpretation', { data: { pack: data, descriptors, groups: null, series: null, quantities: [] }, cells }),
    { code: 'model-damaged' },
  );
});
