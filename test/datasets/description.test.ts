import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JoinedArray, loadMatrix, storeBytes } from '../../datasets/description.ts';
import { memoryArrays } from '../support/array-store.ts';

/** Parts of these many rows of three columns, numbered through. */
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

test('many parts are read some at a time, a large one by itself, and come out in their order', async () => {
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
      // Later parts are there before earlier ones.
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

test('a part of another size than it is said to have is told', async () => {
  const store = memoryArrays();
  const array = await numbered(store, [4, 4, 4]);
  const parts = array.parts.map((part, i) => (i === 1 ? { ...part, rows: 3 } : part));
  await assert.rejects(loadMatrix(store, { ...array, parts }), {
    code: 'dataset-corrupt',
    message: /has 48 bytes, not 3 x 3 x 4/,
  });
});
