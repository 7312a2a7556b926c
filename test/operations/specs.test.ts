import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec, withFaultLocations } from '../../operations/specs.ts';
import { LocatedSpecError } from '../../search/fault.ts';

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

test('a spec of very many faults or nested too deeply is refused with one fault', async () => {
  const hostile = {
    'many faults in one line': `{"name"x${'['.repeat(60_000)}`,
    'nested too deeply': `${SPEC}seeds: ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  };
  for (const [what, text] of Object.entries(hostile)) {
    await assert.rejects(
      withFaultLocations(text, async () => readSpec(text)),
      (error: unknown) => error instanceof LocatedSpecError && error.code === 'spec-invalid' && error.faults.length === 1,
      what,
    );
  }
});

test('the first fault of the text is located', async () => {
  const text = `${SPEC}seeds: [1\nsampler: ]}\n`;
  await assert.rejects(
    withFaultLocations(text, async () => readSpec(text)),
    (error: unknown) => error instanceof LocatedSpecError && error.faults[0]?.line === 6 && error.faults[0].column === 1,
  );
});
