import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec } from '../../operations/specs.ts';

const SPEC = 'name: a\ndataset: water\ntarget: xes\nspace: { k: [1] }\n';

test('merge keys of YAML take over what an anchor names', () => {
  const [merged] = readSpec(
    `${SPEC}sampler:\n  list:\n    - &wide { hidden: [64], learningRate: 0.01 }\n    - { <<: *wide, learningRate: 0.02 }\n`,
  );
  const [written] = readSpec(
    `${SPEC}sampler:\n  list:\n    - { hidden: [64], learningRate: 0.01 }\n    - { hidden: [64], learningRate: 0.02 }\n`,
  );
  assert.deepEqual(merged, written);
});

test('a merge key without a map is a fault of the spec', () => {
  assert.throws(() => readSpec(`${SPEC}training: { <<: 3 }\n`), { code: 'spec-invalid' });
});
