import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEngines, warnOfMixedEngines } from '../../text/engines.ts';

const KERNEL = { method: 'ednn', k: 1, engines: { kernel: 5 } } as const;
const TFJS = { method: 'nnca', k: 2, engines: { tfjs: 5 } } as const;
const BOTH = { method: 'eca', k: 2, engines: { kernel: 3, tfjs: 2 } } as const;

test('one engine, or none that is known, needs no word', () => {
  assert.deepEqual([describeEngines([KERNEL, KERNEL]), warnOfMixedEngines([KERNEL, KERNEL])], [[], []]);
  const older = { method: 'ednn', k: 1 } as const;
  assert.deepEqual([describeEngines([older]), warnOfMixedEngines([older])], [[], []]);
});

test('engines are named with what they trained; rows that mix them are warned of', () => {
  assert.deepEqual(warnOfMixedEngines([KERNEL, TFJS]), []);
  assert.deepEqual(describeEngines([KERNEL, TFJS, BOTH]), [
    'Engines that trained: kernel (EDNN, k = 1; ECA, k = 2), tfjs (NNCA, k = 2; ECA, k = 2).',
  ]);
  assert.deepEqual(warnOfMixedEngines([KERNEL, TFJS, BOTH]), [
    'ECA, k = 2 mixes engines (trials: 3 by kernel, 2 by tfjs): its interval includes differences between them.',
  ]);
});
