import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warnOfWarmUp } from '../../../search/stopping/warm-up.ts';
import { specOf } from '../specs.ts';

const SPACE = { k: [1, 2], learningRate: { log: [0.001, 0.1] } };
const specWith = (changes: Record<string, unknown>, space: Record<string, unknown> = {}) =>
  specOf({ space: { ...SPACE, ...space }, training: { epochs: 40 }, ...changes });
const median = (settings: Record<string, unknown> = {}) => ({ stopping: { median: settings } });

test('a default grace that ends within a long warm-up is named, with a longer one', () => {
  assert.equal(
    warnOfWarmUp(specWith(median(), { warmUp: 0.4 })),
    'trials are first judged after epoch 10 of 40, but their learning rate rises up to epoch 16 (warmUp 0.4), ' +
      'and scores before say little: state a grace of 17 or more, or use a shorter warmUp',
  );
  assert.match(
    warnOfWarmUp(specWith({ stopping: { extrapolate: { rungs: 8 } } })) ?? '',
    /epoch 5 of 40.*epoch 8 \(warmUp 0\.2\).*a grace of 9 or more/,
  );
  assert.match(warnOfWarmUp(specWith(median(), { warmUp: 1 })) ?? '', /epoch 40 \(warmUp 1\).*: use a shorter warmUp$/);
});

test('the first rung of halving counts, whatever else it says', () => {
  for (const more of [{}, { brackets: 3 }, { asynchronous: true }]) {
    const spec = specWith({ halving: { reduction: 3, rungs: 3, ...more } });
    assert.match(warnOfWarmUp(spec) ?? '', /epoch 5 of 40.*epoch 8 .*use fewer rungs, a smaller reduction or a shorter warmUp$/);
  }
  assert.equal(warnOfWarmUp(specWith({ halving: { reduction: 3, rungs: 2 } })), null);
});

test('the longest warm-up that a trial can have counts', () => {
  for (const warmUp of [{ choice: [0.1, 0.4] }, { uniform: [0.1, 0.4] }])
    assert.match(warnOfWarmUp(specWith(median(), { warmUp })) ?? '', /epoch 16 \(warmUp 0\.4\)/);
  const schedule = { choice: ['constant', 'one-cycle'] };
  assert.match(warnOfWarmUp(specWith(median({ rungs: 5 }), { schedule })) ?? '', /epoch 8 \(warmUp 0\.2\)/);
  const points = [{ schedule: 'constant' }, { schedule: 'one-cycle' }, { schedule: 'one-cycle', warmUp: 0.3 }];
  const listed = { sampler: { list: points }, space: { k: [1, 2] }, ...median() };
  assert.match(warnOfWarmUp(specOf({ ...listed, training: { epochs: 40 } })) ?? '', /epoch 12 \(warmUp 0\.3\)/);
});

test('nothing is said where the warm-up is over, there is none, or the grace is stated', () => {
  const silent = [
    specWith({}),
    specWith(median()),
    specWith(median({ grace: 5 }), { warmUp: 0.4 }),
    specWith(median({ rungs: 8 }), { schedule: 'cosine' }),
    specWith(median({ rungs: 8 }), { warmUp: 0 }),
    specWith(median({ rungs: 8 }), { schedule: { choice: ['cosine', 'constant'] } }),
    specWith(median(), { warmUp: { uniform: [0.05, 0.2] } }),
  ];
  assert.deepEqual(
    silent.map(warnOfWarmUp),
    silent.map(() => null),
  );
});
