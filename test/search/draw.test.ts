import assert from 'node:assert/strict';
import { test } from 'node:test';
import { philox } from '../../models/random.ts';
import { draw, shuffledIndex } from '../../search/draw.ts';

test('philox4x32-10 gives the known answers of its authors (Random123, kat_vectors)', () => {
  const table = [
    { counter: [0, 0, 0, 0], key: [0, 0], expected: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: '408f276d 41c83b0e a20bc7c6 6d5451fd',
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: 'd16cfe09 94fdcceb 5001e420 24126ea1',
    },
  ] as const;
  for (const { counter, key, expected } of table) {
    const words = philox(counter, key).map((word) => word.toString(16).padStart(8, '0'));
    assert.equal(words.join(' '), expected);
  }
});

test('a draw depends on its whole address and on nothing else', () => {
  const here = draw(1, 5, 'learningRate');
  assert.equal(draw(1, 5, 'learningRate'), here);
  const others = [
    draw(2, 5, 'learningRate'),
    draw(1, 6, 'learningRate'),
    draw(1, 5, 'hidden'),
    draw(1, 5 + 2 ** 32, 'learningRate'),
  ];
  for (const other of others) assert.notEqual(other, here);
});

test('draws are uniform: mean, variance and ten bins of 20,000', () => {
  const n = 20_000;
  const values = Array.from({ length: n }, (_, trial) => draw(3, trial, 'x'));
  const mean = values.reduce((sum, u) => sum + u, 0) / n;
  const variance = values.reduce((sum, u) => sum + (u - mean) ** 2, 0) / n;
  assert.ok(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1 / 12) < 0.003, `variance ${variance}`);
  const bins = new Array<number>(10).fill(0);
  for (const u of values) bins[Math.floor(u * 10)] = (bins[Math.floor(u * 10)] ?? 0) + 1;
  const chiSquare = bins.reduce((sum, count) => sum + (count - n / 10) ** 2 / (n / 10), 0);
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare} of 9 degrees of freedom (p = 0.001)`);
  assert.ok(values.every((u) => u >= 0 && u < 1));
});

test('a shuffle visits every number once, at any size, and differs by seed', () => {
  for (const size of [1, 2, 3, 5, 16, 17, 100, 257, 1000]) {
    const seen = new Set(Array.from({ length: size }, (_, i) => shuffledIndex(7, i, 'point', size)));
    assert.equal(seen.size, size);
    assert.ok([...seen].every((value) => value >= 0 && value < size));
  }
  const order = (seed: number) => Array.from({ length: 50 }, (_, i) => shuffledIndex(seed, i, 'point', 50)).join();
  assert.notEqual(order(1), order(2));
  assert.notEqual(order(1), Array.from({ length: 50 }, (_, i) => i).join());
});

test('seeds that differ by 2^32 draw differently', () => {
  const beyond = 7 + 2 ** 32;
  assert.notEqual(draw(beyond, 5, 'learningRate'), draw(7, 5, 'learningRate'));
  const shuffle = (seed: number) => Array.from({ length: 50 }, (_, i) => shuffledIndex(seed, i, 'point', 50));
  assert.notDeepEqual(shuffle(beyond), shuffle(7));
  assert.deepEqual(new Set(shuffle(beyond)).size, 50);
});

test('a shuffle has no position outside', () => {
  for (const index of [-1, 2]) assert.throws(() => shuffledIndex(1, index, 'point', 2), RangeError);
});
