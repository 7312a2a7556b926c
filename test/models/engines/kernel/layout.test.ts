import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { FLOATS, HEADER_WORDS, LAYER_WORDS, OPTIMISER_CODES, PANEL_COLUMNS } from '../../../../models/engines/kernel/layout.ts';
import { ACTIVATION_DEFINITIONS } from '../../../../models/networks/activations.ts';

const sourceOf = (file: string) =>
  readFileSync(new URL(`../../../../models/engines/kernel/source/${file}`, import.meta.url), 'utf8');

/** Constants of a file of the kernel, by name. */
const constantsOf = (file: string): Map<string, number> =>
  new Map(
    [...sourceOf(file).matchAll(/enum \{(.*?)\}/gs)].flatMap(([, body = '']) =>
      [...body.matchAll(/(\w+) = (\d+)/g)].map(([, name, value]) => [String(name), Number(value)] as const),
    ),
  );

/** Members of a structure of the kernel, in order, with their types. */
function membersOf(name: string): { name: string; type: string }[] {
  const [, body = ''] = sourceOf('network.h').match(new RegExp(`struct ${name} \\{(.*?)\\}`, 's')) ?? [];
  return [...body.replace(/\/\*\*.*?\*\//gs, '').matchAll(/(\w+) ([\w, ]+);/g)].flatMap(([, type = '', names = '']) =>
    names.split(', ').map((member) => ({ name: member.toUpperCase(), type })),
  );
}

describe('the layout of the kernel', () => {
  const members = [...membersOf('header'), ...membersOf('layer')];

  it('has every word of the header and of a layer at the offset where the kernel reads it', () => {
    assert.deepEqual(
      members.map(({ name }) => name),
      [...HEADER_WORDS, ...LAYER_WORDS],
    );
  });

  it('writes a float32 where the kernel reads one, and integers elsewhere', () => {
    for (const { name, type } of members) assert.equal(type, FLOATS.includes(name) ? 'float' : 'uint32_t', name);
  });

  it('has as many columns of transposed weights as the kernel needs', () => {
    const [, columns] = /PANEL_COLUMNS (\d+)/.exec(sourceOf('network.h')) ?? [];
    assert.equal(Number(columns), PANEL_COLUMNS);
  });

  it('numbers activations and optimisers as the kernel does', () => {
    const activations = constantsOf('network.h');
    for (const [name, definition] of Object.entries(ACTIVATION_DEFINITIONS)) {
      assert.equal(activations.get(name.toUpperCase()), definition.kernel.code, name);
    }
    const optimisers = constantsOf('optimiser.h');
    for (const [name, code] of Object.entries(OPTIMISER_CODES)) assert.equal(optimisers.get(name.toUpperCase()), code, name);
  });
});
