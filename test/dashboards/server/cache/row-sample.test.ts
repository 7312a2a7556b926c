import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowSample } from '../../../../dashboards/server/cache/row-sample.ts';
import { stream } from '../../../../models/random.ts';

const ROWS = 200;

test('a sample depends on the set alone, not on the order in which rows came and went', () => {
  const { uniform } = stream(5, 'sample');
  for (let round = 0; round < 30; round++) {
    const most = 1 + Math.floor(40 * uniform());
    const sample = new RowSample(ROWS, most);
    const members = new Set<number>();
    for (let step = 0; step < 300; step++) {
      const row = Math.floor(ROWS * uniform());
      const isMember = uniform() < (step < 200 ? 0.8 : 0.3);
      sample.set(row, isMember);
      if (isMember) members.add(row);
      else members.delete(row);
      assert.equal(sample.size, members.size);
      if (step % 20 > 0) continue;
      const anew = new RowSample(ROWS, most);
      for (const member of members) anew.set(member, true);
      assert.deepEqual(sample.rows, anew.rows);
    }
    assert.equal(sample.rows.length, Math.min(most, members.size));
    assert.ok(sample.rows.every((row) => members.has(row)));
  }
});

test('a sample of every row has each, and one of few is spread over all', () => {
  const [whole, part] = [new RowSample(1000, 1000), new RowSample(1000, 100)];
  for (let row = 0; row < 1000; row++) for (const sample of [whole, part]) sample.set(row, true);
  assert.deepEqual(
    whole.rows,
    Uint32Array.from({ length: 1000 }, (_, row) => row),
  );
  const low = part.rows.filter((row) => row < 500).length;
  assert.ok(low > 30 && low < 70, `${low} of the sample are in the first half`);
});
