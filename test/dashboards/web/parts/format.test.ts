/** Times, durations, counts and sizes as text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockTime, formatCount, formatDuration, formatTime, pluralise } from '../../../../dashboards/web/parts/format.ts';

test('a time is formatted in the local zone', (t) => {
  const before = process.env.TZ;
  t.after(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  const told = (zone: string, at: string) => {
    process.env.TZ = zone;
    return formatTime(new Date(at));
  };
  assert.equal(told('UTC', '2026-07-01T22:30:00Z'), '2026-07-01 22:30 UTC');
  assert.equal(told('Asia/Kolkata', '2026-07-01T22:30:00Z'), '2026-07-02 04:00 UTC+5:30');
  assert.equal(told('America/St_Johns', '2026-01-01T00:05:09Z'), '2025-12-31 20:35 UTC−3:30');
  assert.equal(told('Europe/Berlin', '2026-07-01T22:30:00Z'), '2026-07-02 00:30 UTC+2', 'in summer, and midnight is 00');
  assert.equal(told('Europe/Berlin', '2026-01-01T22:30:00Z'), '2026-01-01 23:30 UTC+1');
  assert.equal(clockTime(new Date('2026-01-01T05:04:09Z')), '06:04:09');
});

test('a duration has at most two units, and never 60 of one', () => {
  const cases: [number, string][] = [
    [0, '0.0 s'],
    [4.24, '4.2 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [75, '1 min 15 s'],
    [3599.7, '1 h 00 min'],
    [7260, '2 h 01 min'],
    [86_390, '1 d 00 h'],
    [100_000, '1 d 04 h'],
  ];
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text, String(seconds));
});

test('counts are grouped by thousands; one is singular', () => {
  assert.equal(formatCount(999), '999');
  assert.equal(formatCount(1000), '1\u202f000');
  assert.equal(formatCount(1_234_567), '1\u202f234\u202f567');
  assert.equal(pluralise(1, 'trial'), '1 trial');
  assert.equal(pluralise(0, 'trial'), '0 trials');
  assert.equal(pluralise(2, 'entry', 'entries'), '2 entries');
});
