import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frontReport } from '../../../cli/output/front.ts';
import type { FrontRow, SweepFront } from '../../../operations/sweeps/configurations.ts';
import { specOf, trialAt } from '../../search/specs.ts';

const { configuration: config } = trialAt(specOf(), 0);
const row = (changes: Partial<FrontRow>): FrontRow => ({
  ...{ trialId: 'sabcdefghij-12345', configurationHash: 'ab', config, method: 'nnca', k: 2, seeds: 10, rank: 1, rankInMethod: 1 },
  ...{ coveredVariance: 0.912, structureCoveredVariance: 0.4, parameters: 1_234_567, seconds: 1234.5 },
  ...changes,
});
const front: SweepFront = {
  ...{ sweepId: 'sabcdefghij', name: 'demo', partition: 1, partitions: 2 },
  objectives: [
    { name: 'coveredVariance', direction: 'maximize', best: 1, reference: 0 },
    { name: 'parameters', direction: 'minimize', best: 900, reference: 2_000_000 },
  ],
  hypervolumes: [{ method: null, front: 2, hypervolume: 0.7 }],
  ...{ configurations: 3, incomplete: 0, unmeasured: 0 },
  rows: [
    row({}),
    row({ method: 'ednn', k: 1, coveredVariance: 0.7, structureCoveredVariance: null, parameters: 900 }),
    row({ rank: 2 }),
  ],
};

test('a front is a table within 80 columns, from the lowest score to the highest, then sentences', () => {
  const lines = frontReport(front).split('\n');
  assert.equal(lines[0], 'demo: Pareto front of covered variance, parameters');
  assert.equal(lines[1], 'means over seeds on validation rows of partition 1');
  assert.deepEqual(lines.slice(3, 6), [
    'method  k  covered  structure  parameters  seconds  seeds  first trial',
    'EDNN    1  0.700    -                 900  1230        10  sabcdefghij-12345',
    'NNCA    2  0.912    0.400         1234567  1230        10  sabcdefghij-12345',
  ]);
  assert.match(lines[7] ?? '', /^2 of 3 configurations are on the front/);
  for (const line of lines.slice(0, 6)) assert.ok([...line].length <= 80, line);
});
