import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatInterval, heartbeatTimeout, SHORTEST_INTERVAL_MS, SHORTEST_TIMEOUT_MS } from '../../search/heartbeats.ts';
import { readSource } from '../house/sources.ts';

const cases: readonly [what: string, packs: number, timeoutMs: number, intervalMs: number][] = [
  ['no trainer is known', 0, 7000, 400],
  ['one trainer', 2, 7000, 400],
  ['a hundred trainers stop within a second', 200, 7000, 400],
  ['one more', 202, 8500, 1000],
  ['250 trainers', 500, 8500, 1000],
  ['500 trainers', 1000, 11_000, 2000],
  ['a thousand trainers', 2000, 16_000, 4000],
  ['four thousand trainers', 8000, 46_000, 16_000],
  ['more trainers than there are steps for', 100_000, 46_000, 16_000],
];
for (const [what, packs, timeoutMs, intervalMs] of cases)
  test(what, () => {
    assert.equal(heartbeatTimeout(packs), timeoutMs);
    assert.equal(heartbeatInterval(timeoutMs), intervalMs);
  });

test('up to four thousand trainers send at most 500 heartbeats a second, and two of them may fail', () => {
  for (let packs = 0; packs <= 8000; packs += 1) {
    const timeout = heartbeatTimeout(packs);
    const interval = heartbeatInterval(timeout);
    assert.ok((1000 * packs) / interval <= 500, `${packs}`);
    assert.ok(timeout >= 2.5 * interval + 6000, `${packs}`);
  }
});

test('activities with another time-out, or none, send heartbeats as soon as it needs', () => {
  assert.equal(heartbeatInterval(undefined), SHORTEST_INTERVAL_MS);
  assert.equal(heartbeatInterval(SHORTEST_TIMEOUT_MS), SHORTEST_INTERVAL_MS);
  // Those of orchestrators; and as short as tests have it.
  assert.equal(heartbeatInterval(8000), SHORTEST_INTERVAL_MS);
  assert.equal(heartbeatInterval(1000), SHORTEST_INTERVAL_MS);
});

test('the guide has the same intervals and time-outs', () => {
  const guide = readSource('docs/guides/several-machines.md');
  const rows = [...guide.matchAll(/^\| ([\d,]+) \| ([\d.]+) s \| ([\d.]+) s \| ([\d.]+) s \|$/gm)].map(([, ...cells]) =>
    cells.map((cell) => Number(cell.replace(',', ''))),
  );
  assert.equal(rows.length, 6);
  for (const [trainers = 0, ...stated] of rows) {
    // Each has two packs.
    const timeout = heartbeatTimeout(2 * trainers);
    const interval = heartbeatInterval(timeout);
    assert.deepEqual(stated, [interval / 1000, timeout / 1000, interval / 1000], `${trainers} trainers`);
  }
});
