import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { cachedDataVersionTag } from 'node:v8';
import { boundsFor } from '../../../datasets/box/bounds.ts';
import { findExceeded, heapFlags } from '../../../datasets/box/process.ts';
import { parsePs } from '../../../datasets/box/usage.ts';

const MEGABYTE = 1e6;

test('bounds rise with the bytes of the input', () => {
  const sizes = [0, 1, 1000, MEGABYTE, 10 * MEGABYTE, 1000 * MEGABYTE].map((bytes) =>
    boundsFor({ bytes, structures: bytes / 2 }, { cores: 8, isBackground: true }),
  );
  for (const [i, bounds] of sizes.entries()) {
    for (const [name, value] of Object.entries(bounds)) {
      assert.ok(value >= ((sizes[i - 1] as unknown as Record<string, number> | undefined)?.[name] ?? 0), name);
    }
  }
});

test('a small file gets less than 600 MB and 5 s, whatever the machine', () => {
  for (const cores of [1, 128]) {
    const { memory, seconds } = boundsFor({ bytes: 100_000, structures: 1000 }, { cores, isBackground: true });
    assert.ok(memory < 600 * MEGABYTE);
    assert.ok(seconds < 5);
  }
});

test('60,000 spectra of 200 energies fit, as text or packed ten times', () => {
  const values = 60_000 * 203;
  for (const bytes of [225 * MEGABYTE, (values * 4) / 10]) {
    const { scratch, rows, columns } = boundsFor({ bytes, structures: 0 }, { cores: 2, isBackground: false });
    // Once as a tile buffer in float64, once as the array.
    assert.ok(scratch > values * 12);
    assert.ok(rows > 60_000 && columns > 203);
  }
});

test('a process beyond a bound is described by it', () => {
  const bounds = { seconds: 4, elapsedSeconds: 140, memory: 450 * MEGABYTE, scratch: 1, rows: 1, columns: 1 };
  const cases = [
    [{ memory: 449 * MEGABYTE, seconds: 3.9 }, 100, null],
    [{ memory: 451 * MEGABYTE, seconds: 3.9 }, 100, '450 MB of memory'],
    [{ memory: 1, seconds: 4.1 }, 100, '4 s of processor time'],
    [{ memory: 1, seconds: 1 }, 141, '140 s'],
  ] as const;
  for (const [usage, elapsed, expected] of cases) assert.equal(findExceeded(bounds, usage, elapsed), expected);
});

test('what ps prints is read', () => {
  assert.deepEqual(parsePs(' 12345 0:01.50\n'), { memory: 12345 * 1024, seconds: 1.5 });
  assert.deepEqual(parsePs('1 1-02:03:04\n'), { memory: 1024, seconds: 93_784 });
  assert.equal(parsePs(''), null);
});

test('the heap has a limit, and small inputs keep the compiled code of Node', () => {
  const script = 'JSON.stringify([v8.cachedDataVersionTag(), v8.getHeapStatistics().heap_size_limit])';
  for (const [bytes, structures] of [
    [1000, 0],
    [100 * MEGABYTE, 0],
    [2 * MEGABYTE, 2 * MEGABYTE],
  ] as const) {
    const size = { bytes, structures };
    const bounds = boundsFor(size, { cores: 1, isBackground: true });
    const output = execFileSync(process.execPath, [...heapFlags({ bounds, size }), '-p', script], { encoding: 'utf8', env: {} });
    const [tag, limit] = JSON.parse(output) as [number, number];
    assert.ok(limit <= bounds.memory);
    if (bytes < MEGABYTE) assert.equal(tag, cachedDataVersionTag());
  }
});
