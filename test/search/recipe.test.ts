import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeSpec } from '../../search/recipe.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import type { StatedSpec } from '../../search/spec.ts';
import { specDocument } from './specs.ts';

const decayOf = (changes: Record<string, unknown>, trainRows: number) =>
  completeSpec(parseSweepSpec(specDocument(changes))[0] as StatedSpec, trainRows).space.weightDecay;

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
