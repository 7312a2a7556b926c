import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSpeedMeter } from '../../../infra/worker/speed.ts';

const trained = (flops: number) => ({ method: 'ednn', engine: 'kernel', rows: 1, flops }) as const;

test('the speed is that of the time in which packs are trained', () => {
  let now = 0;
  const meter = createSpeedMeter(() => now);
  const after = (seconds: number) => {
    now += seconds * 1000;
  };
  assert.equal(meter.flopsPerSecond(), null);
  meter.onPack?.(true);
  after(0.5);
  meter.onTrained(trained(100));
  assert.equal(meter.flopsPerSecond(), null, 'too little yet');
  after(0.5);
  meter.onPack?.(true);
  after(1);
  meter.onPack?.(false);
  meter.onTrained(trained(300));
  assert.equal(meter.flopsPerSecond(), 200, 'packs at once share the time');
  after(2);
  meter.onPack?.(false);
  after(3600);
  assert.equal(meter.flopsPerSecond(), 100, 'time without a pack does not count');
});

test('a machine that has become slower is noticed', () => {
  let now = 0;
  const meter = createSpeedMeter(() => now);
  const train = (seconds: number, flops: number) => {
    for (let i = 0; i < seconds; i++) {
      now += 1000;
      meter.onTrained(trained(flops));
    }
  };
  meter.onPack?.(true);
  train(600, 100);
  train(6000, 10);
  const speed = meter.flopsPerSecond() ?? 0;
  assert.ok(speed > 10 && speed < 10.1, `${speed}`);
});
