import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readSpec, replaceSampler, withFaultLocations } from '../../operations/specs.ts';
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

test('a sampler is replaced, or added, and the rest of the text stays', () => {
  const sampler = { tpe: { trials: 40, share: true } };
  const text = (own: string) => `# why\nname: a # here\n${own}space: { k: [1, 2] } # widths\n`;
  for (const own of ['sampler: { grid: { steps: 3 } }\n', 'sampler:\n  grid:\n    steps: 3\n'])
    assert.equal(replaceSampler(text(own), sampler), text('sampler: { tpe: { trials: 40, share: true } }\n'));
  assert.equal(replaceSampler('name: a\n', { grid: {} }), 'name: a\nsampler: { grid: {} }\n');
});

test('a sampler is replaced in a spec in braces, and JSON stays JSON', () => {
  const sampler = { random: { trials: 8 } };
  for (const own of [', "sampler": {"grid": {}}', '']) {
    const text = replaceSampler(`{"name": "a"${own},\n "seeds": [1, 2]}\n`, sampler);
    assert.deepEqual(JSON.parse(text), { name: 'a', seeds: [1, 2], sampler });
    assert.ok(text.includes('"seeds": [1, 2]'), 'the rest stays');
  }
  for (const text of ['{ name: a, sampler: { grid: {} }, } # why\n', '{ name: a, } # why\n']) {
    const replaced = replaceSampler(text, sampler);
    assert.deepEqual(parse(replaced), { name: 'a', sampler });
    assert.ok(replaced.endsWith(' # why\n'));
  }
});
