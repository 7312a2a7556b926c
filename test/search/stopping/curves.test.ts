import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestScore, checkRungs, evenRungs, withMostTrials } from '../../../search/stopping/curves.ts';

test('rungs end evenly, the last at all epochs; a grace is the first', () => {
  assert.deepEqual(evenRungs({ rungs: 4 }, 40), [10, 20, 30, 40]);
  assert.deepEqual(evenRungs({ rungs: 3 }, 50), [17, 34, 50]);
  assert.deepEqual(evenRungs({ rungs: 4, grace: 10 }, 100), [10, 40, 70, 100]);
  assert.deepEqual(evenRungs({ rungs: 2, grace: 1 }, 7), [1, 7]);
  for (let epochs = 2; epochs < 400; epochs++)
    for (let rungs = 2; rungs <= Math.min(20, epochs); rungs++) assert.equal(evenRungs({ rungs }, epochs).at(-1), epochs);
});

test('rungs without an epoch of their own are refused, and a grace that leaves none', () => {
  const faults = (settings: Parameters<typeof evenRungs>[0], epochs: number) => [
    ...checkRungs('stopping.median', settings, epochs),
  ];
  assert.deepEqual(faults({ rungs: 4 }, 4), []);
  assert.deepEqual(faults({ rungs: 3, grace: 38 }, 40), []);
  assert.deepEqual(faults({ rungs: 5 }, 4), [
    { path: 'stopping.median.rungs', message: '4 epochs cannot be divided into 5 rungs', fix: 'use fewer rungs' },
  ]);
  assert.deepEqual(faults({ rungs: 3, grace: 39 }, 40), [
    { path: 'stopping.median.rungs', message: '1 epoch after the grace cannot be divided into 3 rungs', fix: 'use fewer rungs' },
  ]);
  const [late] = faults({ rungs: 2, grace: 40 }, 40);
  assert.deepEqual([late?.path, late?.fix], ['stopping.median.grace', 'use a shorter one']);
});

test('a configuration that lost seeds does not go on with those that have all', () => {
  const competitor = (hash: string, trials: number) => ({ hash, trials: Array.from({ length: trials }, () => 0) });
  assert.deepEqual(
    withMostTrials([competitor('a', 2), competitor('b', 3), competitor('c', 3)]).map(({ hash }) => hash),
    ['b', 'c'],
  );
  assert.deepEqual(withMostTrials([]), []);
});

test('the best score of a curve is that of any epoch', () => {
  const trial = { index: 0, cell: 'eca', partition: 0, configurationHash: 'a', decided: null };
  assert.equal(bestScore({ ...trial, curve: [0.1, 0.5, 0.4] }), 0.5);
  assert.equal(bestScore({ ...trial, curve: [] }), Number.NEGATIVE_INFINITY);
});
