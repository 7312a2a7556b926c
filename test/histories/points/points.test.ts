/** Points, hashes and proposals of specs as they were before parameters depended on each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import { sha256 } from '../../../search/hash.ts';
import type { Point } from '../../../search/parameters.ts';
import { cmaes } from '../../../search/proposers/cmaes.ts';
import { gp } from '../../../search/proposers/gp.ts';
import type { Observation } from '../../../search/proposers/proposer.ts';
import { tpe } from '../../../search/proposers/tpe.ts';
import { cellsOf, previewTrials, trialCount } from '../../../search/space.ts';
import { MIXED, requestOf, spaceOf } from '../../search/proposers/spaces.ts';
import { specOf } from '../../search/specs.ts';

const RANGES = {
  k: [1, 2],
  hidden: { choice: [[8], [16, 4]] },
  optimiser: { choice: ['adam', 'adamw', 'sgd'] },
  weightDecay: { log: [1e-5, 1e-2] },
  learningRate: { log: [1e-3, 1e-1] },
  dropout: { uniform: [0, 0.3] },
  schedule: { choice: ['one-cycle', 'cosine', 'step'] },
};
const CHOICES = { ...RANGES, weightDecay: { choice: [0, 1e-2] }, learningRate: { choice: [0.01, 0.02] }, dropout: 0.1 };
const SWEPT = { batch: { log: [8, 64] }, patience: { choice: [0, 5] } };

const SPECS = {
  grid: { space: RANGES, sampler: { grid: { steps: 3 } } },
  'random over ranges': { space: RANGES, sampler: { random: { trials: 600, seed: 3 } } },
  'random in a finite space': { space: CHOICES, sampler: { random: { trials: 240, seed: 3 } } },
  sobol: { space: RANGES, training: SWEPT, sampler: { sobol: { trials: 600, seed: 3 } } },
  list: {
    sampler: {
      list: [
        { hidden: [8], learningRate: 0.01, optimiser: 'sgd' },
        { hidden: [8], learningRate: 0.02 },
      ],
    },
    space: { k: 2 },
  },
};

const POINTS: Readonly<Record<keyof typeof SPECS, string>> = {
  grid: '895a67b87d7850cd5918b314d31dc69a3dadedf6af8b8edee1cf6c0ecf47941a',
  'random over ranges': '23b59f0fe8b0255ea038ec16eb50d5e628d77373f18dc689d3e5c87aaa143b45',
  'random in a finite space': 'c02fb41fcf6d91f4a4cd9f00da020defc0fa37bdb58b5e94ff3b40aeac3ed1ed',
  sobol: 'ff243c9e19a25ed611d23f7669b462510ed288c512b49cd6c4c8ecd4470a173d',
  list: '5c47a634695208e1226c69edd7e3c2106a6b1b099d5a1611e2cc71293529bf42',
};

for (const [name, changes] of Object.entries(SPECS)) {
  test(`${name}: configurations and their hashes`, () => {
    const spec = specOf({ methods: ['ednn', 'nnca'], seeds: 2, ...changes });
    assert.equal(
      sha256(canonicalJson([spec, cellsOf(spec), previewTrials(spec, [...Array(trialCount(spec)).keys()])])),
      POINTS[name as keyof typeof SPECS],
    );
  });
}

const NUMBERS = spaceOf({
  learningRate: { kind: 'log', low: 1e-4, high: 1e-1 },
  dropout: { kind: 'uniform', low: 0, high: 0.5 },
  batch: { kind: 'log', low: 8, high: 24, whole: true },
  optimiser: { kind: 'constant', value: 'sgd' },
});
const FINITE = spaceOf({
  batch: { kind: 'uniform', low: 16, high: 18, whole: true },
  optimiser: { kind: 'choice', values: ['adam', 'adamw', 'sgd'] },
  hidden: { kind: 'choice', values: [[8], [8, 8], [16], [32, 16]] },
});
const loss = ({ learningRate, dropout, batch, hidden }: Point): number =>
  -((Math.log10(learningRate) + 2.3) ** 2) - dropout - Math.abs(batch - 17) / 10 - hidden.length / 10;

const PROPOSALS = [
  ['tpe', tpe, MIXED, '7e3a8107a14329b3fde5dcbc815de25ff5e5fd726b7eb47b5233a787b6796c39'],
  ['tpe', tpe, FINITE, 'a6f15822e40bcea63b90fe85c451aeb30fae55467ca997789d2c1be221b08075'],
  ['gp', gp, MIXED, '411df5cfbe85a987fdfeb7d1068e0f351f2fd25530108a63da92d8f36f3733cd'],
  ['gp', gp, FINITE, '443b937b3458154945be32b99c4f7e499405dccd7f22fe7488b456186f9ca569'],
  ['cmaes', cmaes, NUMBERS, 'a0c2f3de35bc9d79e0c778282e725dbcbf898e1069f4606be44353cc31835965'],
] as const;

for (const [i, [name, proposer, space, expected]] of PROPOSALS.entries()) {
  test(`${name} ${i}: proposals`, () => {
    const observations: Observation[] = [];
    while (observations.length < 30) {
      const point = proposer.propose({ startup: 8 }, requestOf(space, { observations }));
      observations.push({ point, score: loss(point) });
    }
    assert.equal(sha256(canonicalJson(observations)), expected);
  });
}
