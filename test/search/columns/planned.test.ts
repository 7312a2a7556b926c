import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueAt } from '../../../search/columns/column.ts';
import {
  constantColumn,
  type PlannedColumn,
  parameterValue,
  plannedColumns,
  varyingParameters,
  warmColumn,
} from '../../../search/columns/planned.ts';
import { parameterOf } from '../../../search/columns/trial-columns.ts';
import { trialCount } from '../../../search/space.ts';
import { specDocument } from '../../../search/spec-document.ts';
import { specsOf, trialAt } from '../specs.ts';

const SPACE = {
  k: [1, 3],
  hidden: { choice: [[8, 8], [12]] },
  layerNorm: { choice: [true] },
  weightDecay: { choice: [0, 0.01] },
  learningRate: { log: [1e-4, 1e-1] },
};

const SPECS = {
  grid: { seeds: [5, 2 ** 40], sampler: { grid: { steps: 4 } }, halving: { reduction: 2, rungs: 2 } },
  // 34 configurations for 5 pairs of method and width: the last point is not met by all of them.
  random: { seeds: 3, sampler: { random: { trials: 102 } } },
  repeats: { seeds: [5, 7], sampler: { random: { trials: 34 } }, split: { repeats: 3 } },
  folds: { seeds: 2, sampler: { random: { trials: 20 } }, split: { folds: 4, by: 'group' } },
  large: { seeds: 1, sampler: { random: { trials: 25_000, seed: 3 } } },
};

function toTheEnd(steps: Generator<void, PlannedColumn[]>): { columns: PlannedColumn[]; pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = steps.next();
    if (step.done) return { columns: step.value, pauses };
  }
}

for (const [name, changes] of Object.entries(SPECS)) {
  const [spec] = specsOf({ name, dataset: 'water', target: 'xes', space: SPACE, ...changes });
  assert.ok(spec);

  test(`${name}: the columns are what trialAt says of each trial`, () => {
    assert.deepEqual(varyingParameters(spec), ['learningRate', 'weightDecay', 'hidden']);
    const { columns, pauses } = toTheEnd(plannedColumns(spec));
    assert.equal(pauses, name === 'large' ? 2 : 0);
    const count = trialCount(spec);
    for (let index = 0; index < count; index += name === 'large' ? 997 : 1) {
      const { configuration, seed, partition } = trialAt(spec, index);
      for (const { name: column, values, categories } of columns) {
        assert.equal(values.length, count);
        const value = categories ? categories[values[index] as number] : values[index];
        const plain =
          column === 'seed'
            ? seed
            : column === 'partition'
              ? partition
              : parameterValue(configuration[column === 'method' || column === 'k' ? column : parameterOf(column)]);
        assert.equal(value, plain, `${column} of trial ${index}`);
      }
    }
  });

  test(`${name}: the document of a spec gives the same spec`, () => {
    const document = JSON.parse(JSON.stringify(specDocument(spec, 'water@0123456789ab')));
    assert.deepEqual(specsOf(document), [{ ...spec, dataset: 'water@0123456789ab' }]);
  });
}

test('a parameter is missing where it does not exist, and varies even if it has one value', () => {
  const [spec] = specsOf({
    ...{ name: 'conditional', dataset: 'water', target: 'xes', methods: ['ednn'], seeds: 1 },
    space: {
      k: 1,
      optimiser: { choice: ['adamw', 'sgd'] },
      momentum: 0.5,
      schedule: 'one-cycle',
      warmUp: { choice: [0.1, 0.3] },
    },
  });
  assert.ok(spec);
  assert.deepEqual(varyingParameters(spec), ['optimiser', 'momentum', 'warmUp']);
  const { columns } = toTheEnd(plannedColumns(spec));
  const shown = (name: string) => {
    const column = columns.find((one) => one.name === name) as PlannedColumn;
    return Array.from({ length: trialCount(spec) }, (_, index) => valueAt(column, index));
  };
  assert.deepEqual(shown('momentum'), [null, 0.5, null, 0.5]);
  assert.deepEqual(shown('warmUp'), [0.1, 0.1, 0.3, 0.3]);
  assert.deepEqual(specsOf(JSON.parse(JSON.stringify(specDocument(spec, 'water')))), [spec]);
});

test('epochs are a column of their own where they vary: those that were trained may be fewer', () => {
  const base = { name: 'epochs', dataset: 'water', target: 'xes', methods: ['ednn'], seeds: 1, space: { k: 1 } };
  const shown = (changes: object) => {
    const [spec] = specsOf({ ...base, ...changes });
    assert.ok(spec);
    assert.deepEqual(varyingParameters(spec), ['epochs']);
    assert.deepEqual(specsOf(JSON.parse(JSON.stringify(specDocument(spec, 'water')))), [spec]);
    const column = toTheEnd(plannedColumns(spec)).columns.find(({ name }) => name === 'maxEpochs') as PlannedColumn;
    return Array.from({ length: trialCount(spec) }, (_, index) => {
      assert.equal(trialAt(spec, index).configuration.epochs, valueAt(column, index));
      return valueAt(column, index);
    });
  };
  assert.deepEqual(shown({ training: { epochs: { choice: [10, 20, 40] } } }), [10, 20, 40]);
  assert.deepEqual(shown({ training: { epochs: { uniform: [10, 30] } } }), [10, 20, 30]);
  assert.deepEqual(shown({ training: { epochs: 15 }, sampler: { list: [{}, { epochs: 30 }] } }), [15, 30]);
  const [plain] = specsOf({ ...base, training: { epochs: 15 } });
  assert.ok(plain);
  assert.equal(valueAt(constantColumn(plain, 'maxEpochs'), 0), 15);
});

test('a parameter that the sweep does not have is missing in all its trials', () => {
  const [spec] = specsOf({ name: 'plain', dataset: 'water', target: 'xes', space: { k: 1, optimiser: 'sgd' }, seeds: 1 });
  assert.ok(spec);
  assert.deepEqual(varyingParameters(spec), []);
  assert.equal(valueAt(constantColumn(spec, 'momentum'), 0), null);
});

test('a target weighting is a column where the sweep has one, and part of its document', () => {
  const base = { name: 'weighted', dataset: 'water', target: 'xes', methods: ['ednn'], seeds: 1 };
  const [spec] = specsOf({ ...base, space: { k: 1, targetWeighting: { uniform: [-2, 0] } } });
  assert.ok(spec);
  assert.deepEqual(varyingParameters(spec), ['targetWeighting']);
  const { columns } = toTheEnd(plannedColumns(spec));
  const column = columns.find(({ name }) => name === 'targetWeighting') as PlannedColumn;
  assert.deepEqual(
    [0, 1, 2].map((index) => valueAt(column, index)),
    [-2, -1, 0],
  );
  assert.deepEqual(specsOf(JSON.parse(JSON.stringify(specDocument(spec, 'water')))), [spec]);
  const [plain] = specsOf({ ...base, space: { k: 1 } });
  assert.ok(plain);
  assert.ok(!('targetWeighting' in plain.space));
  assert.equal(valueAt(constantColumn(plain, 'targetWeighting'), 0), null);
});

test('listed points have the parameters that they name', () => {
  const [spec] = specsOf({
    ...{ name: 'listed', dataset: 'water', target: 'xes', methods: ['ednn'], seeds: 1, space: { k: 1 } },
    sampler: { list: [{ optimiser: 'sgd' }, { optimiser: 'sgd', momentum: 0.5 }, {}] },
  });
  assert.ok(spec);
  assert.deepEqual(varyingParameters(spec), ['optimiser', 'momentum']);
  const { columns } = toTheEnd(plannedColumns(spec));
  const column = columns.find(({ name }) => name === 'momentum') as PlannedColumn;
  assert.deepEqual(
    [0, 1, 2].map((index) => valueAt(column, index)),
    [null, 0.5, null],
  );
});

for (const start of [{ choice: ['scratch', 'warm'] }, 'warm', 'scratch']) {
  test(`the models of warm starts are those of trialAt, with start: ${JSON.stringify(start)}`, () => {
    const warm = { 'ednn/1': 'sa-1', 'ednn/3': 'sa-2', eca: 'sb-1', 'nnca/1': 'sa-1', 'nnca/3': 'sb-2' };
    const space = { k: [1, 3], hidden: { choice: [[8, 8]] }, start };
    const [spec] = specsOf({
      name: 'warm',
      dataset: 'water',
      target: 'xes',
      space,
      seeds: 2,
      ...(start !== 'scratch' && { warm }),
    });
    assert.ok(spec);
    const planned = toTheEnd(plannedColumns(spec)).columns.find(({ name }) => name === 'start');
    const column = warmColumn(spec, planned ?? constantColumn(spec, 'start'));
    const trials = Array.from({ length: trialCount(spec) }, (_, index) => trialAt(spec, index));
    assert.deepEqual(
      trials.map((_, index) => valueAt(column, index)),
      trials.map(({ configuration }) => configuration.warm ?? null),
    );
  });
}
