import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { HEADER_WORDS, LAYER_WORDS, OPTIMISER_CODES } from '../../../../models/engines/kernel/layout.ts';
import { ACTIVATION_DEFINITIONS } from '../../../../models/networks/activations.ts';

const sourceOf = (file: string) =>
  readFileSync(new URL(`../../../../models/engines/kernel/assembly/${file}`, import.meta.url), 'utf8');

/** Constants of a file of the kernel, by name. */
const constantsOf = (file: string): Map<string, number> =>
  new Map(
    [...sourceOf(file).matchAll(/const ([A-Z0-9_]+): i32 = (\d+);/g)].map(([, name, value]) => [String(name), Number(value)]),
  );

/** Members of an enum of the kernel, in order. */
function membersOf(name: string): string[] {
  const [, body = ''] = sourceOf('index.ts').match(new RegExp(`enum ${name} \\{(.*?)\\}`, 's')) ?? [];
  return body.replace(/\/\/.*/g, '').match(/\w+/g) ?? [];
}

describe('the layout of the kernel', () => {
  const kernel = constantsOf('index.ts');

  it('has every word of the header and of a layer at the offset where the kernel reads it', () => {
    assert.deepEqual(membersOf('Header'), [...HEADER_WORDS, 'END']);
    assert.deepEqual(membersOf('Layer'), [...LAYER_WORDS, 'END']);
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
