import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpecInvalid } from '../../../search/fault.ts';
import { completeSpec } from '../../../search/recipe.ts';
import { parseSweepSpec } from '../../../search/schemas/spec.ts';
import { configurationCount } from '../../../search/space.ts';
import { SIZE, specDocument } from '../specs.ts';

const parse = (hidden: unknown) => parseSweepSpec(specDocument({ space: { k: [1], hidden } }))[0];

test('depth, width and taper are a choice of architectures', () => {
  const spec = parse({ depth: [1, 4], width: { log: [16, 128] }, taper: { choice: [1, 0.5] } });
  assert.ok(spec?.space.hidden.kind === 'choice');
  assert.equal(spec.space.hidden.values.length, 28);
  assert.deepEqual(spec.space.hidden.values.at(-1), [128, 64, 32, 16]);
  assert.equal(configurationCount(completeSpec(spec, SIZE)), 28 * spec.methods.length);
});

test('a single architecture is a constant', () => {
  assert.deepEqual(parse({ depth: 2, width: 48 })?.space.hidden, { kind: 'constant', value: [48, 48] });
});

test('lists and choices of architectures mean what they meant', () => {
  assert.deepEqual(parse([64, 32])?.space.hidden, { kind: 'constant', value: [64, 32] });
  assert.deepEqual(parse({ choice: [[64], [32, 32]] })?.space.hidden, { kind: 'choice', values: [[64], [32, 32]] });
});

const faults: readonly [hidden: unknown, path: string, says: RegExp][] = [
  [{ depth: [1, 3] }, 'space.hidden.width', /is missing/],
  [{ width: 32 }, 'space.hidden.depth', /is missing/],
  [{ dept: 2, width: 32 }, 'space.hidden.dept', /unknown key/],
  [{ depht: 2 }, 'space.hidden.depht', /unknown key/],
  [{ choise: [[32]] }, 'space.hidden.choise', /unknown key/],
  [{ depth: 2, width: 32, tapper: 1 }, 'space.hidden.tapper', /unknown key/],
  [{ depth: 9, width: 32 }, 'space.hidden.depth', /8/],
  [{ depth: [3, 1], width: 32 }, 'space.hidden.depth', /must rise/],
  [{ depth: 1.5, width: 32 }, 'space.hidden.depth', /whole number/],
  [{ depth: 2, width: { log: [64, 16] } }, 'space.hidden.width.log', /must rise/],
  [{ depth: 2, width: { log: [0, 16] } }, 'space.hidden.width.log[0]', /above 0/],
  [{ depth: 2, width: { log: [4, 8], uniform: [4, 8] } }, 'space.hidden.width', /exactly one of choice, log, uniform/],
  [{ depth: 2, width: { choice: [4, 8], steps: 2 } }, 'space.hidden.width.steps', /a choice has none/],
  [{ depth: 2, width: { choice: [] } }, 'space.hidden.width.choice', /no value/],
  [{ depth: 2, width: 32, taper: 2 }, 'space.hidden.taper', /at most 1/],
  [{ depth: 2, width: 32, choice: [[3]] }, 'space.hidden.choice', /one or the other/],
  [{ depth: [1, 8], width: { uniform: [1, 1000], steps: 500 } }, 'space.hidden', /4000 architectures/],
  [{}, 'space.hidden', /exactly one/],
];

for (const [hidden, path, says] of faults) {
  test(`hidden: ${JSON.stringify(hidden)} is refused at ${path}`, () => {
    assert.throws(
      () => parse(hidden),
      (error: unknown) => {
        assert.ok(error instanceof SpecInvalid);
        assert.equal(error.faults[0]?.path, path, error.message);
        assert.match(error.faults[0]?.message ?? '', says);
        return true;
      },
    );
  });
}
