import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHOD_DEFINITIONS, METHODS } from '../../../models/methods/catalogue.ts';
import { countParameters } from '../../../models/methods/cost.ts';
import { initialParameters } from '../../../models/networks/initial.ts';
import { specOf, trialAt } from '../../search/specs.ts';

const size = { descriptors: 7, energies: 11 };

for (const method of METHODS) {
  for (const layerNorm of [false, true]) {
    test(`${method}${layerNorm ? ' with layer normalisation' : ''}: every number of the network counts once`, () => {
      const space = { k: 3, hidden: [6, 5], layerNorm };
      const { configuration } = trialAt(specOf({ methods: [method], space, seeds: 1 }), 0);
      const shape = METHOD_DEFINITIONS[method].layers(size.descriptors, size.energies, configuration);
      const numbers = initialParameters(shape, 1).reduce((sum, { weights, bias, gain, shift }, i) => {
        const own = weights.length + (shape[i]?.bias ? bias.length : 0);
        return sum + own + (gain?.length ?? 0) + (shift?.length ?? 0);
      }, 0);
      // ECA finds its components, [k, D], in the trained emulator.
      const components = method === 'eca' ? 3 * size.descriptors : 0;
      assert.equal(countParameters(configuration, 3, size), numbers + components);
    });
  }
}

test('an ECA model of a lower rank has fewer parameters, by a component for each', () => {
  const { configuration } = trialAt(specOf({ methods: ['eca'], space: { k: 3, hidden: [6] }, seeds: 1 }), 0);
  assert.equal(countParameters(configuration, 3, size) - countParameters(configuration, 1, size), 2 * size.descriptors);
});
