import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shuffle, stream } from '../../models/random.ts';
import { oneCycle } from '../../models/training/schedule.ts';

test('streams are addressed: equal addresses give equal draws, different ones different draws', () => {
  const draws = (seed: number, name: string, counter?: number) => {
    const { uniform } = stream(seed, name, counter);
    return Array.from({ length: 8 }, uniform);
  };
  assert.deepEqual(draws(1, 'a'), draws(1, 'a'));
  for (const other of [draws(2, 'a'), draws(1, 'b'), draws(1, 'a', 1)]) assert.notDeepEqual(other, draws(1, 'a'));
});

test('normal draws have mean 0 and deviation 1', () => {
  const { normal } = stream(5, 'normal');
  const values = Array.from({ length: 20_000 }, normal);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.05, `${mean} ${variance}`);
});

test('a shuffle holds every value once, and every position is about equally likely', () => {
  const values = Uint32Array.from({ length: 50 }, (_, i) => i);
  const firsts = new Array(50).fill(0);
  for (let counter = 0; counter < 5000; counter++) {
    const order = shuffle(values, 1, 'shuffle', counter);
    firsts[order[0] as number]++;
    if (counter === 0)
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        [...values],
      );
  }
  for (const count of firsts) assert.ok(count > 60 && count < 140, String(count));
});

test('one cycle rises over a fifth of the steps, falls to nothing, and never exceeds the peak', () => {
  const rates = Array.from({ length: 1000 }, (_, step) => oneCycle(step, 1000, 0.02, 0.2));
  assert.equal(rates[0], 0.02 / 25);
  assert.equal(Math.max(...rates), 0.02);
  assert.equal(rates.indexOf(0.02), 200);
  assert.ok((rates.at(-1) as number) < 1e-6);
  assert.ok(rates.slice(201).every((rate, i) => rate <= (rates[200 + i] as number)));
});
