/** Formatted specs parse to the same spec. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { specDocument } from '../../search/spec-document.ts';
import { formatSpec } from '../../search/spec-text.ts';
import { specsOf } from './specs.ts';

test('the water example formats to its own text', () => {
  const source = readFileSync(new URL('../../examples/water/sweep.yaml', import.meta.url), 'utf8');
  const [spec] = specsOf(parse(source));
  assert.ok(spec);
  const text = formatSpec(specDocument(spec, spec.dataset));
  const written = source.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const lines = text.split('\n');
  // Defaults are written out: the steps of the sampler, the patience, the other parameters.
  const said = ['sampler: { grid: {} }', 'training: { epochs: 40, batch: 64 }'];
  for (const line of written.filter((one) => !said.includes(one))) assert.ok(lines.includes(line), `${line}\n\n${text}`);
  assert.ok(lines.includes('training: { epochs: 40, batch: 64, patience: 0, restarts: 6 }'));
  assert.deepEqual(specsOf(parse(text)), [spec]);
});

describe('whatever a document holds, it reads back', () => {
  const documents: Record<string, Record<string, unknown>> = {
    words: {
      name: 'yes',
      dataset: 'a: b # c',
      target: "it's",
      other: '12e3',
      more: ['null', '', ' x ', 'ü', '- a', 'true', '~'],
    },
    numbers: { a: 1e-7, b: 1.5e22, c: 0, d: -0.25, e: [1e-6, 1e-2], f: 123456789012 },
    'keys that are words': { warm: { 'ednn/2': 's1-7', eca: 's1-8', '1': 'x', 'a b': null } },
    'long lists of maps': {
      sampler: { list: Array.from({ length: 20 }, (_, i) => ({ hidden: [8 + i, 8], learningRate: 0.01 * i })) },
    },
    'long lists of numbers': { seeds: Array.from({ length: 200 }, (_, i) => 2 * i) },
    'long maps': { warm: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`ednn/${i}`, `strialofsomesweep-${i}`])) },
    nothing: { a: {}, b: [], c: null, space: {} },
  };
  for (const [name, document] of Object.entries(documents))
    test(name, () => assert.deepEqual(parse(formatSpec(document)), document, formatSpec(document)));
});

test('long values are spread over lines, short ones are not', () => {
  const list = Array.from({ length: 9 }, (_, i) => ({ hidden: [32, 32], learningRate: 0.01 * (i + 1) }));
  const lines = formatSpec({ space: { k: [1, 2] }, sampler: { list } }).split('\n');
  assert.deepEqual(lines.slice(0, 5), [
    'space:',
    '  k: [1, 2]',
    'sampler:',
    '  list:',
    '    - { hidden: [32, 32], learningRate: 0.01 }',
  ]);
});
