import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SpecInvalid } from '../../../search/fault.ts';
import { completeSpec } from '../../../search/recipe.ts';
import { checkDataset, checkParts, parseSweepSpec } from '../../../search/schemas/spec.ts';
import type { StatedSpec } from '../../../search/spec.ts';
import { specDocument as documentOf } from '../../../search/spec-document.ts';
import { specDocument } from '../specs.ts';

const parse = (changes: Record<string, unknown>): StatedSpec => parseSweepSpec(specDocument(changes))[0] as StatedSpec;
const stated = (k: unknown): StatedSpec => parse({ space: { k } });

const SIZE = { trainRows: 1000, energies: 10 };

const rangeTo = (max: number) => Array.from({ length: max }, (_, i) => i + 1);

test('auto plans every width up to 16, or to the descriptors that vary', () => {
  for (const k of ['auto', { auto: {} }]) {
    const { space } = completeSpec(stated(k), { ...SIZE, descriptors: 105 });
    assert.deepEqual([space.k, space.auto], [rangeTo(16), { margin: 0.01 }]);
    assert.deepEqual(completeSpec(stated(k), { ...SIZE, descriptors: 3 }).space.k, [1, 2, 3]);
  }
});

test('a stated maximum is kept, and is a fault where the descriptors are fewer', () => {
  const spec = completeSpec(stated({ auto: { max: 5, margin: 0.02 } }), { ...SIZE, descriptors: 3 });
  assert.deepEqual([spec.space.k, spec.space.auto], [rangeTo(5), { margin: 0.02 }]);
  const faults = [...checkDataset(spec, { rows: 1000, descriptors: 3, targets: ['xes'], groups: null })];
  assert.deepEqual(
    faults.map(({ path, message }) => [path, message]),
    [['space.k', 'k = 5 is more than the 3 descriptors that vary, and eca and nnca project onto k directions of them']],
  );
});

test('the points of a search without a maximum are checked for the widths that the data allow', () => {
  const learningRate = { log: [0.001, 0.1] };
  const faultsAt = (descriptors: number, sampler: unknown) => {
    const spec = completeSpec(parse({ space: { k: 'auto', learningRate }, sampler }), { ...SIZE, descriptors });
    return [...checkParts(spec)].map(({ path }) => path);
  };
  for (const sampler of [{ sobol: { trials: 100 } }, { tpe: { trials: 140, startup: 2 } }]) {
    assert.deepEqual(faultsAt(3, sampler), []);
    assert.equal(faultsAt(16, sampler).length, 1);
  }
});

test('the stored spec is written as a document that parses to it', () => {
  const spec = completeSpec(stated({ auto: { max: 3 } }), { ...SIZE, descriptors: 3 });
  const document = documentOf(spec, 'water');
  assert.deepEqual((document.space as { readonly k: unknown }).k, { auto: { max: 3, margin: 0.01 } });
  assert.deepEqual(completeSpec(parseSweepSpec(document)[0] as StatedSpec, { ...SIZE, descriptors: 3 }), spec);
});

test('specs without auto are stored as before', () => {
  assert.ok(!('auto' in completeSpec(stated([1, 2]), { ...SIZE, descriptors: 3 }).space));
});

describe('faults', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, string, RegExp])[] = [
    ['max below 1', { space: { k: { auto: { max: 0 } } } }, 'space.k.auto.max', /above 0/],
    ['max above all widths', { space: { k: { auto: { max: 1001 } } } }, 'space.k.auto.max', /1000/],
    ['a margin of 0', { space: { k: { auto: { margin: 0 } } } }, 'space.k.auto.margin', /above 0/],
    ['a margin of 1', { space: { k: { auto: { margin: 1 } } } }, 'space.k.auto.margin', /below 1/],
    ['an unknown key', { space: { k: { auto: { maximum: 4 } } } }, 'space.k.auto.maximum', /unknown key "maximum"/],
    ['another word', { space: { k: 'automatic' } }, 'space.k', /expected a width, a list of widths .* or auto/],
    ['no emulator', { methods: ['ednn', 'nnca'], space: { k: 'auto' } }, 'methods', /full emulator, which only eca trains/],
    ['halving', { space: { k: 'auto' }, halving: { reduction: 2, rungs: 2 } }, 'halving', /whole trainings/],
  ];
  const sobol = { space: { k: 'auto', learningRate: { log: [0.001, 0.1] } }, sampler: { sobol: { trials: 330 } } };
  const further: typeof cases = [
    ['a budget', { ...sobol, budget: { minutes: 10 } }, 'budget', /divided among all widths/],
    [
      'too few trials for all widths',
      { ...sobol, space: { ...sobol.space, k: { auto: { max: 16 } } }, sampler: { sobol: { trials: 100 } } },
      'sampler.sobol.trials',
      /33 pairs/,
    ],
  ];
  for (const [what, changes, path, message] of [...cases, ...further]) {
    test(what, () => {
      assert.throws(
        () => parse(changes),
        (error) => {
          assert.ok(error instanceof SpecInvalid);
          assert.deepEqual([error.faults[0]?.path, message.test(error.faults[0]?.message ?? '')], [path, true], error.message);
          return true;
        },
      );
    });
  }
});
