import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHOD_DEFINITIONS } from '../../../models/methods/catalogue.ts';
import { countParameters } from '../../../models/methods/cost.ts';
import { limitParameters } from '../../../search/layers/limit.ts';
import { parseSweepSpec } from '../../../search/schemas/spec.ts';
import { previewTrials, trialCount } from '../../../search/space.ts';
import { specDocument } from '../../../search/spec-document.ts';
import { specOf } from '../specs.ts';

const size = { descriptors: 10, energies: 20 };
const space = (max: number) => ({
  k: [1, 3],
  hidden: { depth: [1, 2], width: { choice: [4, 16, 64] } },
  parameters: { max },
});
const limited = (max: number) => limitParameters(specOf({ space: space(max), seeds: 1 }), size);

test('no network of a limited space has more parameters, and no smaller one is left out', () => {
  const { spec: whole } = limitParameters(specOf({ space: { ...space(1), parameters: undefined }, seeds: 1 }), size);
  const largest = new Map<string, number>();
  for (const { configuration } of previewTrials(whole, [...Array(trialCount(whole)).keys()])) {
    const text = configuration.hidden.join('-');
    largest.set(text, Math.max(largest.get(text) ?? 0, countParameters(configuration, configuration.k, size)));
  }
  const sorted = [...largest].sort(([, a], [, b]) => a - b);
  for (const [i, [, max]] of sorted.entries()) {
    const { spec, faults, warning } = limited(max);
    assert.deepEqual(faults, []);
    const { hidden } = spec.space;
    const kept = hidden.kind === 'choice' ? hidden.values : hidden.kind === 'constant' ? [hidden.value] : [];
    assert.deepEqual(
      kept.map((widths) => widths.join('-')).sort(),
      sorted
        .slice(0, i + 1)
        .map(([text]) => text)
        .sort(),
    );
    const out = sorted.length - i - 1;
    const expected = `${out} of ${sorted.length} architectures have more than ${max} parameters, and are left out`;
    assert.equal(warning, out === 0 ? null : expected);
  }
});

test('a limit that no network meets names the smallest', () => {
  const { faults } = limited(10);
  assert.deepEqual(
    faults.map(({ path, message }) => [path, message]),
    [['space.parameters.max', `leaves no network: the smallest (4) has ${smallest()} parameters with ednn/3`]],
  );
});

/** Parameters of the EDNN with one layer of four units on either side of three. */
function smallest(): number {
  const shape = METHOD_DEFINITIONS.ednn.layers(10, 20, { k: 3, hidden: [4], activation: 'gelu', layerNorm: false, dropout: 0 });
  return shape.reduce((sum, { inputs, outputs, bias }) => sum + outputs * (inputs + (bias ? 1 : 0)), 0);
}

test('gains and shifts of layer normalisation count where a trial may have them', () => {
  const hidden = { choice: [[4], [8]] };
  const bound = (layerNorm: unknown, max: number) =>
    limitParameters(specOf({ methods: ['eca'], space: { k: 1, hidden, layerNorm, parameters: { max } }, seeds: 1 }), size);
  const max = countParameters({ method: 'eca', k: 1, hidden: [8], activation: 'gelu', layerNorm: false, dropout: 0 }, 1, size);
  assert.equal(bound(false, max).warning, null);
  assert.match(bound({ choice: [false, true] }, max).warning ?? '', /^1 of 2 /);
});

test('listed points with larger networks are faults', () => {
  const sampler = { list: [{ hidden: [4] }, { hidden: [64, 64] }] };
  const { faults } = limitParameters(specOf({ space: { k: 1, parameters: { max: 1000 } }, seeds: 1, sampler }), size);
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['sampler.list[1]'],
  );
});

test('the document of a limited spec has the limit, and parses to the same', () => {
  const { spec } = limited(1000);
  const document = specDocument(spec, 'water');
  assert.deepEqual((document.space as { parameters: unknown }).parameters, { max: 1000 });
  const [again] = parseSweepSpec(document);
  assert.deepEqual(again?.space, spec.space);
});
