import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JoinedArray, loadMatrix, storeBytes } from '../../datasets/description.ts';
import { memoryArrays } from '../support/array-store.ts';

/** Creates parts of these numbers of rows, with three columns of consecutive values. */
async function numbered(store: ReturnType<typeof memoryArrays>, rows: readonly number[]): Promise<JoinedArray> {
  const parts: JoinedArray['parts'][number][] = [];
  let at = 0;
  for (const own of rows) {
    const data = Float32Array.from({ length: own * 3 }, (_, i) => at + i);
    parts.push({ sha256: await storeBytes(store, new Uint8Array(data.buffer)), rows: own, columns: 3 });
    at += data.length;
  }
  return { rows: at / 3, columns: 3, parts };
}

test('small parts are read in batches, a large part alone, and all keep their order', async () => {
  const store = memoryArrays();
  const small = Array.from({ length: 150 }, (_, part) => 1 + (part % 4));
  const array = await numbered(store, [...small, 500_000, ...small]);
  let [reading, most] = [0, 0];
  const slow = {
    ...store,
    async get(sha256: string) {
      const bytes = await store.get(sha256);
      reading += bytes.length;
      most = Math.max(most, reading);
      // Later parts arrive before earlier ones.
      await new Promise((resolve) => setTimeout(resolve, (bytes.length % 7) + 1));
      reading -= bytes.length;
      return bytes;
    },
  };
  const { data } = await loadMatrix(slow, array);
  assert.equal(data.length, array.rows * 3);
  assert.ok(data.every((value, i) => value === i));
  assert.equal(most, 500_000 * 3 * 4);
});

test('a stored part of the wrong size is refused', async () => {
  const store = memoryArrays();
  const array = await numbered(store, [4, 4, 4]);
  const parts = array.parts.map((part, i) => (i === 1 ? { ...part, rows: 3 } : part));
  await assert.rejects(loadMatrix(store, { ...array, parts }), {
    code: 'dataset-corrupt',
    message: /has 48 bytes, not 3 x 3 x 4/,
  });
});
