import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { HEADER_WORDS, LAYER_WORDS, OPTIMISER_CODES } from '../../../../models/engines/kernel/layout.ts';
import { ACTIVATION_DEFINITIONS } from '../../../../models/networks/activations.ts';

/** Constants of a file of the kernel, by name. */
function constantsOf(file: string): Map<string, number> {
  const text = readFileSync(new URL(`../../../../models/engines/kernel/assembly/${file}`, import.meta.url), 'utf8');
  return new Map(
    [...text.matchAll(/const ([A-Z0-9_]+): (?:usize|i32) = (\d+);/g)].map(([, name, value]) => [String(name), Number(value)]),
  );
}

describe('the layout of the kernel', () => {
  const kernel = constantsOf('index.ts');

  it('has every word of the header and of a layer at the offset where the kernel reads it', () => {
    for (const words of [HEADER_WORDS, LAYER_WORDS]) {
      for (const [at, name] of words.entries()) assert.equal(kernel.get(name), at * 4, name);
    }
    assert.equal(kernel.get('HEADER'), HEADER_WORDS.length * 4);
    assert.equal(kernel.get('LAYER'), LAYER_WORDS.length * 4);
  });

  it('numbers activations and optimisers as the kernel does', () => {
    const activations = constantsOf('activation.ts');
    for (const [name, definition] of Object.entries(ACTIVATION_DEFINITIONS)) {
      assert.equal(activations.get(name.toUpperCase()), definition.kernel.code, name);
    }
    assert.equal(OPTIMISER_CODES.adam, 0);
    assert.equal(kernel.get('ADAMW'), OPTIMISER_CODES.adamw);
    assert.equal(kernel.get('SGD'), OPTIMISER_CODES.sgd);
  });
});
