import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeSpec } from '../../search/recipe.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import type { StatedSpec } from '../../search/spec.ts';
import { SIZE, specDocument } from './specs.ts';

const decayOf = (changes: Record<string, unknown>, trainRows: number) =>
  completeSpec(parseSweepSpec(specDocument(changes))[0] as StatedSpec, { ...SIZE, trainRows }).space.weightDecay;

test('a sampler that weighs the size of networks has the columns of the data, others have not', () => {
  const space = { k: 1, hidden: { choice: [[8], [16]] }, learningRate: { log: [0.001, 0.1] } };
  const complete = (sampler: unknown) =>
    completeSpec(parseSweepSpec(specDocument({ space, seeds: 1, sampler }))[0] as StatedSpec, SIZE).sampler;
  assert.deepEqual(complete({ nsga2: { trials: 100 } }), {
    ...{ kind: 'nsga2', trials: 100, seed: 1, startup: 16 },
    objectives: { names: ['coveredVariance', 'parameters'], columns: { descriptors: 12, energies: 40 } },
  });
  assert.deepEqual(complete({ tpe: { trials: 100 } }), { kind: 'tpe', trials: 100, seed: 1, startup: 10 });
  assert.deepEqual(complete({ grid: {} }), { kind: 'grid', steps: 3 });
});

const DECAYS: readonly [string, Record<string, unknown>, number, object][] = [
  ['few rows', {}, 120, { kind: 'constant', value: 0.5 }],
  ['many rows', {}, 56_000, { kind: 'constant', value: 0.0011 }],
  ['a stated decay', { space: { k: 1, weightDecay: { choice: [0, 1] } } }, 120, { kind: 'choice', values: [0, 1] }],
  ['another optimiser', { space: { k: 1, optimiser: 'sgd' } }, 120, { kind: 'constant', value: 0 }],
  [
    'a choice with another one',
    { space: { k: 1, optimiser: { choice: ['adamw', 'adam'] } } },
    120,
    { kind: 'constant', value: 0 },
  ],
  [
    'a listed point with another one',
    { space: { k: 1 }, sampler: { list: [{}, { optimiser: 'adam' }] } },
    120,
    { kind: 'constant', value: 0 },
  ],
];

for (const [name, changes, trainRows, expected] of DECAYS) {
  test(`the default decay: ${name}`, () => {
    assert.deepEqual(decayOf(changes, trainRows), expected);
  });
}
