import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatDuration, formatElapsed, formatInterval, formatVersion } from '../../text/format.ts';

test('durations have two units at most', () => {
  const cases: [number, string][] = [
    [4.2, '4.2 s'],
    [42, '42 s'],
    [75, '1 min 15 s'],
    [7260, '2 h 01 min'],
    [100_000, '1 d 04 h'],
  ];
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text);
});

test('time for which a sweep was idle is named apart', () => {
  assert.equal(formatElapsed({ secondsElapsed: 7275, secondsIdle: 7200 }), '1 min 15 s, idle for 2 h 00 min');
  assert.equal(formatElapsed({ secondsElapsed: 4.2, secondsIdle: 0.4 }), '3.8 s');
});

test('intervals are exact, without units of zero', () => {
  assert.deepEqual([10, 5400, 604_800, 90_061].map(formatInterval), ['10 s', '1 h 30 min', '7 d', '1 d 1 h 1 min 1 s']);
});

test('a version is shown with twelve digits', () => {
  assert.equal(formatVersion('water', '0123456789abcdef'), 'water@0123456789ab');
});

test('sizes have at most three integer digits', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(1023), '1023 B');
  assert.equal(formatBytes(1024), '1.0 KiB');
  assert.equal(formatBytes(1_048_575), '1.0 MiB');
  assert.equal(formatBytes(5 * 1024 ** 3), '5.0 GiB');
});
