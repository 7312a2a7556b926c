import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NarrowsError } from '../../../errors.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';
import { checkWarmModels, type WarmModel } from '../../../search/check-warm.ts';
import { SpecInvalid, throwFaults } from '../../../search/fault.ts';
import { checkDataset, parseSweepSpec } from '../../../search/schemas/spec.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { specDocument as documentOf, trialDocument } from '../../../search/spec-document.ts';
import { specDocument, specOf, trialAt } from '../specs.ts';

/** Defaults that the spec leaves out. */
const PLAIN = {
  layerNorm: { kind: 'constant', value: false },
  dropout: { kind: 'constant', value: 0 },
  optimiser: { kind: 'constant', value: 'adamw' },
  schedule: { kind: 'constant', value: 'one-cycle' },
};

test('the example of the contract parses, with every key', () => {
  const [spec] = parseSweepSpec({
    name: 'water-waist',
    dataset: 'water@0123456789ab',
    target: 'xes',
    split: { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' },
    scale: { x: 'zscore', y: 'centre' },
    methods: ['ednn', 'eca', 'nnca'],
    space: { k: [1, 2, 3], hidden: { choice: [[64, 64], [128]] }, activation: 'elu', learningRate: { log: [0.0005, 0.01] } },
    seeds: 5,
    sampler: { grid: { steps: 3 } },
    training: { epochs: 200, batch: 256, patience: 20 },
    halving: { reduction: 3, rungs: 3 },
  });
  assert.deepEqual(spec, {
    name: 'water-waist',
    dataset: 'water@0123456789ab',
    target: 'xes',
    split: { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' },
    scale: { x: 'zscore', y: 'centre' },
    methods: ['ednn', 'eca', 'nnca'],
    space: {
      k: [1, 2, 3],
      hidden: { kind: 'choice', values: [[64, 64], [128]] },
      activation: { kind: 'constant', value: 'elu' },
      ...PLAIN,
      learningRate: { kind: 'log', low: 0.0005, high: 0.01 },
    },
    seeds: [1, 2, 3, 4, 5],
    sampler: { kind: 'grid', steps: 3 },
    training: { epochs: 200, batch: 256, patience: 20, restarts: 6 },
    halving: { reduction: 3, rungs: 3 },
  });
});

test('a dataset, a target and widths make a spec', () => {
  const [spec] = parseSweepSpec({ dataset: 'water@0123456789ab', target: 'xes', space: { k: 2 } });
  assert.deepEqual(spec, {
    name: 'water',
    dataset: 'water@0123456789ab',
    target: 'xes',
    split: { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' },
    scale: { x: 'zscore', y: 'centre' },
    methods: METHODS,
    space: {
      k: [2],
      hidden: { kind: 'constant', value: [32, 32, 32] },
      activation: { kind: 'constant', value: 'gelu' },
      ...PLAIN,
      learningRate: { kind: 'constant', value: 0.02 },
    },
    seeds: [1, 2, 3, 4, 5],
    sampler: { kind: 'grid', steps: 3 },
    training: { epochs: 40, batch: 32, patience: 0, restarts: 6 },
    halving: null,
  });
});

test('asynchronous halving is stored where it is asked for, and is a part of the document', () => {
  const halvingOf = (changes: Record<string, unknown>) => specOf({ halving: { reduction: 3, rungs: 2, ...changes } });
  assert.deepEqual(halvingOf({ asynchronous: false }), halvingOf({}), 'equal specs are stored equally');
  const spec = halvingOf({ asynchronous: true });
  assert.deepEqual(spec.halving, { reduction: 3, rungs: 2, asynchronous: true });
  assert.deepEqual(specOf(documentOf(spec, spec.dataset)), spec);
});

test('a list of targets gives one sweep each; a name from the caller takes precedence', () => {
  assert.deepEqual(
    parseSweepSpec(specDocument({ target: ['xes', 'xas'] })).map(({ name, target }) => `${name} ${target}`),
    ['waist-xes xes', 'waist-xas xas'],
  );
  assert.equal(parseSweepSpec(specDocument(), 'mine')[0]?.name, 'mine');
});

test('every parameter of training can be swept', () => {
  const [spec] = parseSweepSpec(
    specDocument({
      space: {
        k: 1,
        layerNorm: { choice: [true, false] },
        dropout: { uniform: [0, 0.3] },
        optimiser: { choice: ['adamw', 'sgd'] },
        weightDecay: { log: [1e-5, 1e-1] },
        schedule: { choice: ['cosine', 'step', 'constant'] },
      },
    }),
  );
  assert.deepEqual(spec?.space.dropout, { kind: 'uniform', low: 0, high: 0.3 });
  assert.deepEqual(spec?.space.schedule, { kind: 'choice', values: ['cosine', 'step', 'constant'] });
});

const space = { k: [1, 2] };
const bad: readonly { name: string; change: Record<string, unknown>; path: string | undefined; says: RegExp; fix?: RegExp }[] = [
  {
    name: 'unknown key',
    change: { tarining: {} },
    path: 'tarining',
    says: /unknown key "tarining"/,
    fix: /did you mean "training"/,
  },
  {
    name: 'unknown nested key',
    change: { space: { ...space, hiden: [3] } },
    path: 'space.hiden',
    says: /unknown key/,
    fix: /"hidden"/,
  },
  {
    name: 'unknown key of a dimension',
    change: { space: { ...space, learningRate: { lgo: [1, 2] } } },
    path: 'space.learningRate.lgo',
    says: /unknown/,
    fix: /"log"/,
  },
  {
    name: 'unknown key of the widths of layers',
    change: { space: { ...space, hidden: { depth: 2, width: { lgo: [8, 64] } } } },
    path: 'space.hidden.width.lgo',
    says: /unknown key "lgo"/,
    fix: /"log"/,
  },
  { name: 'unknown key of the sampler', change: { sampler: { gird: {} } }, path: 'sampler.gird', says: /unknown/, fix: /"grid"/ },
  {
    name: 'a range of batches that are not whole',
    change: { training: { batch: { log: [1.5, 8] } } },
    path: 'training.batch.log',
    says: /has an end, 1.5, that is not a valid value/,
  },
  {
    name: 'more steps than batches',
    change: { training: { batch: { uniform: [16, 18] } }, sampler: { grid: { steps: 5 } } },
    path: 'training.batch',
    says: /5 steps of the range are 3 numbers/,
  },
  {
    name: 'wrong type',
    change: { training: { epochs: 'many' } },
    path: 'training.epochs',
    says: /training\.epochs: expected number, received string/,
  },
  {
    name: 'wrong type in a list',
    change: { space: { k: [1, 'two'] } },
    path: 'space.k[1]',
    says: /expected number, received string/,
  },
  {
    name: 'wrong type of a width',
    change: { space: { ...space, hidden: [64, '64'] } },
    path: 'space.hidden[1]',
    says: /expected number/,
  },
  {
    name: 'wrong type of a choice',
    change: { space: { ...space, hidden: { choice: [64] } } },
    path: 'space.hidden.choice[0]',
    says: /expected array/,
  },
  {
    name: 'a list where one value is expected',
    change: { space: { ...space, learningRate: [0.01, 0.02] } },
    path: 'space.learningRate',
    says: /expected one value: a list of them is \{ choice: \[\.\.\.\] \}/,
  },
  {
    name: 'a list of architectures',
    change: { space: { ...space, hidden: [[64], [32, 32]] } },
    path: 'space.hidden',
    says: /a list of them is \{ choice/,
  },
  {
    name: 'widths as a choice',
    change: { space: { k: { choice: [1, 2] } } },
    path: 'space.k.choice',
    says: /unknown key "choice"/,
    fix: /^list widths: \[1, 2, 3\]/,
  },
  { name: 'no widths', change: { space: { k: null } }, path: 'space.k', says: /expected a width, a list of widths/ },
  {
    name: 'a choice of depths',
    change: { space: { ...space, hidden: { depth: { choice: [1, 2] }, width: 8 } } },
    path: 'space.hidden.depth',
    says: /expected a number of layers, or a range of them: \[low, high\]/,
  },
  {
    name: 'a list of widths of layers',
    change: { space: { ...space, hidden: { depth: 2, width: [8, 16] } } },
    path: 'space.hidden.width',
    says: /expected a width, or one of \{ choice/,
  },
  {
    name: 'more trials than a sweep has',
    change: { space: { ...space, learningRate: { log: [0.001, 0.1] } }, sampler: { tpe: { trials: 1e9 } } },
    path: 'sampler.tpe.trials',
    says: /expected number to be at most 10000000$/,
  },
  { name: 'a type of no form', change: { seeds: 'many' }, path: 'seeds', says: /expected number or array$/ },
  { name: 'a missing key', change: { halving: { reduction: 2 } }, path: 'halving.rungs', says: /is missing: expected number$/ },
  { name: 'a missing key of two forms', change: { space: {} }, path: 'space.k', says: /is missing: expected a width/ },
  {
    name: 'a word for a truth value',
    change: { halving: { reduction: 2, rungs: 2, asynchronous: 'yes' } },
    path: 'halving.asynchronous',
    says: /expected true or false, received string/,
  },
  {
    name: 'a key of the training in the space',
    change: { space: { ...space, batch: 16 } },
    path: 'space.batch',
    says: /unknown key "batch"/,
    fix: /^write it in "training"$/,
  },
  {
    name: 'a key of the space in the training',
    change: { training: { targetWeighting: -1 } },
    path: 'training.targetWeighting',
    says: /unknown key/,
    fix: /^write it in "space"$/,
  },
  {
    name: 'a key of the spec in the space',
    change: { space: { ...space, seeds: 3 } },
    path: 'space.seeds',
    says: /unknown key/,
    fix: /^write it at the top level of the spec, not in "space"$/,
  },
  {
    name: 'a key that is like no other',
    change: { training: { foo: 16 } },
    path: 'training.foo',
    says: /unknown key/,
    fix: /^known here: epochs, batch, patience, restarts$/,
  },
  { name: 'no document', change: {}, path: undefined, says: /expected object, received string/ },
  {
    name: 'unknown method',
    change: { methods: ['ednn', 'pca'] },
    path: 'methods[1]',
    says: new RegExp(`: expected one of ${METHODS.map((method) => `"${method}"`).join(', ')}$`),
  },
  { name: 'unknown activation', change: { space: { ...space, activation: 'sigmoid' } }, path: 'space.activation', says: /elu/ },
  { name: 'everything dropped', change: { space: { ...space, dropout: 0.95 } }, path: 'space.dropout', says: /next to nothing/ },
  {
    name: 'negative decay',
    change: { space: { ...space, weightDecay: -1 } },
    path: 'space.weightDecay',
    says: /number to be at least 0$/,
  },
  { name: 'unknown optimiser', change: { space: { ...space, optimiser: 'adan' } }, path: 'space.optimiser', says: /adamw/ },
  {
    name: 'halving of trainings of different lengths',
    change: { space, training: { epochs: { choice: [27, 81] } }, halving: { reduction: 3, rungs: 3 } },
    path: 'halving',
    says: /shares of the epochs, which are not the same for all trials/,
    fix: /one number of epochs, or leave halving out/,
  },
  {
    name: 'halving of listed trainings of different lengths',
    change: { space, sampler: { list: [{}, { epochs: 81 }] }, halving: { reduction: 3, rungs: 3 } },
    path: 'halving',
    says: /not the same for all trials/,
  },
  {
    name: 'no epochs',
    change: { training: { epochs: { uniform: [0, 20] } } },
    path: 'training.epochs.uniform',
    says: /an end, 0/,
  },
  {
    name: 'momentum that no optimiser has',
    change: { space: { ...space, momentum: { choice: [0, 0.5] } } },
    path: 'space.momentum',
    says: /momentum exists only where optimiser is sgd, and here it is adamw$/,
    fix: /add sgd to space\.optimiser, or leave momentum out/,
  },
  {
    name: 'a warm-up of schedules without one',
    change: { space: { ...space, schedule: { choice: ['cosine', 'step'] }, warmUp: 0.1 } },
    path: 'space.warmUp',
    says: /here it is cosine or step$/,
  },
  {
    name: 'a momentum of 1',
    change: { space: { ...space, optimiser: 'sgd', momentum: 1 } },
    path: 'space.momentum',
    says: /must be below 1/,
  },
  {
    name: 'a target weighting beyond the square',
    change: { space: { ...space, targetWeighting: -2.5 } },
    path: 'space.targetWeighting',
    says: /is a power of the standard deviation: at least -2, and at most 2$/,
  },
  {
    name: 'a range of target weightings beyond the square',
    change: { space: { ...space, targetWeighting: { uniform: [0, 3] } } },
    path: 'space.targetWeighting.uniform',
    says: /an end, 3, that is not a valid value: is a power of the standard deviation/,
  },
  {
    name: 'target weightings on a logarithmic scale',
    change: { space: { ...space, targetWeighting: { log: [-2, -1] } } },
    path: 'space.targetWeighting.log',
    says: /must be above 0/,
  },
  {
    name: 'a target weighting among the settings of training',
    change: { training: { targetWeighting: -1 } },
    path: 'training.targetWeighting',
    says: /unknown key "targetWeighting"/,
  },
  {
    name: 'an enqueued target weighting outside the range',
    change: {
      space: { ...space, targetWeighting: { uniform: [-2, 0] } },
      sampler: { tpe: { trials: 700 } },
      enqueue: [{ targetWeighting: 1 }],
    },
    path: 'enqueue[0].targetWeighting',
    says: /1 is outside the space's range/,
    fix: /use -2 to 0/,
  },
  {
    name: 'listed points that are the same but for a stated target weighting of 0',
    change: { space, sampler: { list: [{ targetWeighting: 0 }, {}] } },
    path: 'sampler.list[1]',
    says: /same point as sampler\.list\[0\]/,
  },
  {
    name: 'a listed point with a parameter that does not exist there',
    change: { space, sampler: { list: [{ optimiser: 'sgd', momentum: 0.5 }, { momentum: 0.5 }] } },
    path: 'sampler.list[1].momentum',
    says: /only where optimiser is sgd, and here it is adamw/,
    fix: /leave it out/,
  },
  {
    name: 'listed points that are the same but for a stated default',
    change: { space, sampler: { list: [{ optimiser: 'sgd', momentum: 0.9 }, { optimiser: 'sgd' }] } },
    path: 'sampler.list[1]',
    says: /same point as sampler\.list\[0\]/,
  },
  {
    name: 'an enqueued point that leaves a parameter open which exists there',
    change: {
      space: { ...space, optimiser: { choice: ['adamw', 'sgd'] }, momentum: { uniform: [0, 0.9] } },
      sampler: { tpe: { trials: 700 } },
      enqueue: [{ optimiser: 'adamw' }, { optimiser: 'sgd' }],
    },
    path: 'enqueue[1].momentum',
    says: /leaves momentum open/,
  },
  {
    name: 'random points of which half would be one',
    change: {
      space: { ...space, optimiser: { choice: ['adamw', 'sgd'] }, momentum: { uniform: [0, 0.9] } },
      sampler: { random: { trials: 700 } },
    },
    path: 'space.momentum',
    says: /exists only where optimiser is sgd: without its range, points would be repeated/,
    fix: /a parameter that exists everywhere a range/,
  },
  {
    name: 'an evolution strategy over names that parameters depend on',
    change: {
      space: { ...space, optimiser: { choice: ['adamw', 'sgd'] }, momentum: { uniform: [0, 0.9] } },
      sampler: { cmaes: { trials: 700 } },
    },
    path: 'space.optimiser',
    says: /cannot search optimiser, whose values have no order/,
  },
  { name: 'unknown schedule', change: { space: { ...space, schedule: 'linear' } }, path: 'space.schedule', says: /one-cycle/ },
  {
    name: 'a range that leaves the parameter',
    change: { space: { ...space, dropout: { uniform: [0.1, 1.5] } } },
    path: 'space.dropout.uniform',
    says: /not a valid value/,
  },
  {
    name: 'one unit to normalise over',
    change: { space: { ...space, layerNorm: true, hidden: { choice: [[64], [8, 1]] } } },
    path: 'space.layerNorm',
    says: /one unit/,
  },
  { name: 'empty list of widths', change: { space: { k: [] } }, path: 'space.k', says: /empty/ },
  { name: 'empty choice', change: { space: { ...space, hidden: { choice: [] } } }, path: 'space.hidden.choice', says: /empty/ },
  { name: 'no methods', change: { methods: [] }, path: 'methods', says: /at least one/ },
  { name: 'no seeds', change: { seeds: [] }, path: 'seeds', says: /at least one seed/ },
  {
    name: 'too many widths',
    change: { space: { k: Array.from({ length: 1001 }, (_, i) => i + 1) } },
    path: 'space.k',
    says: /at most 1000/,
  },
  { name: 'falling widths', change: { space: { k: [2, 1] } }, path: 'space.k', says: /rise/ },
  { name: 'a width twice', change: { space: { k: [2, 2] } }, path: 'space.k', says: /once/ },
  { name: 'width 0', change: { space: { k: [0] } }, path: 'space.k[0]', says: /number to be above 0$/ },
  { name: 'half a width', change: { space: { k: 1.5 } }, path: 'space.k', says: /expected whole number/ },
  { name: 'seed twice', change: { seeds: [1, 1] }, path: 'seeds', says: /twice/ },
  {
    name: 'choice twice',
    change: { space: { ...space, learningRate: { choice: [0.1, 0.1] } } },
    path: 'space.learningRate.choice',
    says: /twice/,
  },
  {
    name: 'range falls',
    change: { space: { ...space, learningRate: { log: [0.1, 0.01] } } },
    path: 'space.learningRate.log',
    says: /rise/,
  },
  {
    name: 'log from 0',
    change: { space: { ...space, learningRate: { log: [0, 0.01] } } },
    path: 'space.learningRate.log',
    says: /above 0/,
  },
  {
    name: 'a log range of dropout beyond its largest value',
    change: { space: { ...space, dropout: { log: [0.1, 5] } } },
    path: 'space.dropout.log',
    says: /an end, 5, that is not a valid value: .*at most 0\.9/,
  },
  {
    name: 'a uniform range below 0',
    change: { space: { ...space, weightDecay: { uniform: [-1, 1] } } },
    path: 'space.weightDecay.uniform',
    says: /an end, -1/,
  },
  {
    name: 'a range beyond single precision',
    change: { space: { ...space, learningRate: { log: [1e-200, 1e200] } } },
    path: 'space.learningRate.log',
    says: /single precision/,
  },
  {
    name: 'a range with fewer numbers than steps',
    change: { space: { ...space, learningRate: { uniform: [1, 1 + 2 ** -51] } }, sampler: { grid: { steps: 6 } } },
    path: 'space.learningRate',
    says: /6 steps of the range are 3 numbers/,
  },
  {
    name: 'a range with too few numbers to draw from',
    change: { space: { ...space, learningRate: { uniform: [1, 1 + 1e-12] } }, sampler: { random: { trials: 35 * 9 } } },
    path: 'space',
    says: /too narrow for 13 different points/,
  },
  {
    name: 'equal points among few whole numbers',
    change: {
      space: { ...space, k: 1, learningRate: 0.01 },
      methods: ['ednn'],
      seeds: 1,
      training: { batch: { uniform: [1, 4000] }, epochs: { uniform: [1, 5000] } },
      sampler: { random: { trials: 600, seed: 142 } },
    },
    path: 'sampler.random.seed',
    says: /with the seed \d+, points \d+ and \d+ of 600 are equal/,
    fix: /use another seed/,
  },
  { name: 'an empty name', change: { name: ' ' }, path: 'name', says: /is empty/ },
  { name: 'a long name', change: { name: 'n'.repeat(3000) }, path: 'name', says: /3000 characters; 80/ },
  { name: 'a name of two lines', change: { name: 'a\nb' }, path: 'name', says: /control or invisible/ },
  { name: 'a name with an escape', change: { name: 'a\u001b[31m' }, path: 'name', says: /control or invisible/ },
  { name: 'a name with NUL', change: { name: 'a\0' }, path: 'name', says: /control or invisible/ },
  {
    name: 'two forms',
    change: { space: { ...space, learningRate: { log: [0.1, 0.2], choice: [1] } } },
    path: 'space.learningRate',
    says: /exactly one/,
  },
  { name: 'no form', change: { space: { ...space, learningRate: {} } }, path: 'space.learningRate', says: /exactly one/ },
  { name: 'split does not sum to 1', change: { split: { train: 0.8 } }, path: 'split', says: /sum to 1/ },
  {
    name: 'split leaves a part empty',
    change: { split: { train: 0.85, validation: 0.15, test: 0 } },
    path: 'split.test',
    says: /empty/,
  },
  { name: 'one fold', change: { split: { folds: 1 } }, path: 'split.folds', says: /at least 2/ },
  { name: 'no repeats', change: { split: { repeats: 0 } }, path: 'split.repeats', says: /above 0|at least 1/ },
  { name: 'repeats and folds', change: { split: { repeats: 3, folds: 5 } }, path: 'split.repeats', says: /with folds/ },
  { name: 'a test share beside folds', change: { split: { folds: 5, test: 0.15 } }, path: 'split.test', says: /must be 0.2/ },
  {
    name: 'shares that do not fit the folds',
    change: { split: { folds: 5, train: 0.7, validation: 0.15 } },
    path: 'split',
    says: /train and validation must sum to 0.8/,
  },
  {
    name: 'a warm start with several partitions',
    change: { methods: ['ednn'], space: { k: 1, start: 'warm' }, warm: { 'ednn/1': 's-1' }, split: { folds: 3 } },
    path: 'split.folds',
    says: /space.start starts warm/,
  },
  { name: 'two samplers', change: { sampler: { grid: {}, random: { trials: 35 } } }, path: 'sampler', says: /exactly one/ },
  {
    name: 'broken seed set',
    change: { sampler: { random: { trials: 36 } } },
    path: 'sampler.random.trials',
    says: /multiple of the 5 seeds/,
    fix: /35 or 40/,
  },
  {
    name: 'fewer than a seed set',
    change: { sampler: { random: { trials: 3 } } },
    path: 'sampler.random.trials',
    says: /multiple of the 5 seeds/,
    fix: /use 5$/,
  },
  {
    name: 'cells left out',
    change: { sampler: { random: { trials: 30 } } },
    path: 'sampler.random.trials',
    says: /each of the 7/,
    fix: /at least 35/,
  },
  {
    name: 'more than a finite space',
    change: { space, sampler: { random: { trials: 50 } } },
    path: 'sampler.random.trials',
    says: /the space has 1/,
    fix: /at most 25/,
  },
  {
    name: 'a Sobol sequence with a broken seed set',
    change: { sampler: { sobol: { trials: 36 } } },
    path: 'sampler.sobol.trials',
    says: /multiple of the 5 seeds/,
    fix: /35 or 40/,
  },
  {
    name: 'a Sobol sequence without a range',
    change: { space, sampler: { sobol: { trials: 35 } } },
    path: 'sampler.sobol',
    says: /the space has none/,
    fix: /make a parameter a range, or use grid or random/,
  },
  {
    name: 'too many trials',
    change: { seeds: 10000, sampler: { grid: { steps: 1000 } } },
    path: 'space',
    says: /more than 10000000/,
  },
  { name: 'no listed point', change: { sampler: { list: [] } }, path: 'sampler.list', says: /at least one point/ },
  {
    name: 'a list beside a grid',
    change: { sampler: { grid: {}, list: [{ hidden: [128], learningRate: 0.01 }] } },
    path: 'sampler',
    says: /exactly one of grid, random, sobol, list/,
  },
  {
    name: 'unknown key of a point',
    change: { sampler: { list: [{ hidden: [128], learningRat: 0.01 }] } },
    path: 'sampler.list[0].learningRat',
    says: /unknown key/,
    fix: /"learningRate"/,
  },
  {
    name: 'wrong value in a point',
    change: { space, sampler: { list: [{ hidden: [64] }, { hidden: [64, 0] }] } },
    path: 'sampler.list[1].hidden[1]',
    says: /number to be above 0$/,
  },
  {
    name: 'a point that leaves a choice open',
    change: { sampler: { list: [{ hidden: [128], learningRate: 0.01 }, { learningRate: 0.001 }] } },
    path: 'sampler.list[1].hidden',
    says: /leaves hidden open.* choice/,
    fix: /space\.hidden a constant/,
  },
  {
    name: 'a point that leaves a range open',
    change: { sampler: { list: [{ hidden: [128] }] } },
    path: 'sampler.list[0].learningRate',
    says: /leaves learningRate open.* range/,
  },
  {
    name: 'a point outside a choice',
    change: { sampler: { list: [{ hidden: [12], learningRate: 0.01 }] } },
    path: 'sampler.list[0].hidden',
    says: /\[12\] is not in/,
    fix: /\[64,64\], \[128\]/,
  },
  {
    name: 'a point outside a range',
    change: { sampler: { list: [{ hidden: [128], learningRate: 0.5 }] } },
    path: 'sampler.list[0].learningRate',
    says: /0\.5 is outside/,
    fix: /0\.0005 to 0\.01/,
  },
  {
    name: 'a point twice, in other words',
    change: { space, sampler: { list: [{ hidden: [32, 32, 32] }, { dropout: 0.1 }, {}] } },
    path: 'sampler.list[2]',
    says: /same point as sampler\.list\[0\]/,
  },
  {
    name: 'a point with one unit to normalise over',
    change: { space, sampler: { list: [{}, { hidden: [8, 1], layerNorm: true }] } },
    path: 'sampler.list[1]',
    says: /one unit/,
  },
  { name: 'unknown start', change: { space: { ...space, start: 'hot' } }, path: 'space.start', says: /scratch.*warm/ },
  {
    name: 'a model for everything',
    change: { space: { ...space, start: 'warm' }, warm: 'searlier-0' },
    path: 'warm',
    says: /expected a trial for each method and width/,
  },
  {
    name: 'a model that nothing starts from',
    change: { space, warm: { eca: 'searlier-0' } },
    path: 'warm',
    says: /no trial .* starts warm/,
  },
  {
    name: 'a model for no cell',
    change: { space: { ...space, start: 'warm' }, warm: { 'eca/2': 'searlier-0' } },
    path: 'warm.eca/2',
    says: /trains no "eca\/2"/,
    fix: /did you mean "eca"/,
  },
  {
    name: 'a warm start without models',
    change: { methods: ['eca'], space: { ...space, start: { choice: ['warm', 'scratch'] } } },
    path: 'warm',
    says: /space\.start starts warm, and no model is named for eca/,
    fix: /"eca: TRIAL"/,
  },
  {
    name: 'a cell without a model',
    change: { space, warm: { 'ednn/1': 'searlier-0', eca: 'searlier-3' }, sampler: { list: [{}, { start: 'warm' }] } },
    path: 'warm.nnca/1',
    says: /sampler\.list\[1\] starts warm/,
    fix: /"nnca\/1: TRIAL"/,
  },
  {
    name: 'too many rungs',
    change: { training: { epochs: 4 }, halving: { reduction: 3, rungs: 4 } },
    path: 'halving.rungs',
    says: /4 epochs/,
  },
  {
    name: 'more brackets than rungs',
    change: { training: { epochs: 27 }, halving: { reduction: 3, rungs: 3, brackets: 4 } },
    path: 'halving.brackets',
    says: /4 brackets are more than the 3 rungs/,
    fix: /at most 3/,
  },
  {
    name: 'no bracket',
    change: { halving: { reduction: 3, rungs: 3, brackets: 0 } },
    path: 'halving.brackets',
    says: /above 0/,
  },
  {
    name: 'halving and another rule',
    change: { halving: { reduction: 3, rungs: 3 }, stopping: { median: {} } },
    path: 'stopping',
    says: /halving and median would both stop trials/,
    fix: /one of halving and stopping/,
  },
  {
    name: 'two rules',
    change: { stopping: { median: {}, extrapolate: {} } },
    path: 'stopping',
    says: /exactly one of median, extrapolate/,
  },
  { name: 'no rule', change: { stopping: {} }, path: 'stopping', says: /exactly one of median, extrapolate/ },
  {
    name: 'an unknown rule',
    change: { stopping: { medain: {} } },
    path: 'stopping.medain',
    says: /unknown key "medain"/,
    fix: /did you mean "median"/,
  },
  {
    name: 'an unknown setting of a rule',
    change: { stopping: { median: { rung: 4 } } },
    path: 'stopping.median.rung',
    says: /unknown key "rung"/,
    fix: /did you mean "rungs"/,
  },
  {
    name: 'a single rung',
    change: { stopping: { median: { rungs: 1 } } },
    path: 'stopping.median.rungs',
    says: /at least 2/,
  },
  {
    name: 'too many rungs for the epochs',
    change: { training: { epochs: 4 }, stopping: { median: { rungs: 5 } } },
    path: 'stopping.median.rungs',
    says: /4 epochs cannot be divided into 5 rungs/,
  },
  {
    name: 'a grace of all epochs',
    change: { stopping: { median: { grace: 40 } } },
    path: 'stopping.median.grace',
    says: /a grace of 40 of 40 epochs/,
  },
  {
    name: 'curves too short to extrapolate',
    change: { training: { epochs: 12 }, stopping: { extrapolate: {} } },
    path: 'stopping.extrapolate.rungs',
    says: /the first rung ends after epoch 3, and a curve is extrapolated from at least 5 epochs/,
    fix: /grace of at least 5/,
  },
  {
    name: 'a bound below the extrapolation',
    change: { stopping: { extrapolate: { deviations: 0 } } },
    path: 'stopping.extrapolate.deviations',
    says: /above 0/,
  },
  {
    name: 'a single rung of halving',
    change: { halving: { reduction: 3, rungs: 1, asynchronous: true } },
    path: 'halving.rungs',
    says: /at least 2/,
  },
  {
    name: 'asynchronous halving that is neither true nor false',
    change: { halving: { reduction: 3, rungs: 2, asynchronous: 'yes' } },
    path: 'halving.asynchronous',
    says: /expected true or false/,
  },
  { name: 'no weight', change: { weight: 0 }, path: 'weight', says: /at least 0.01/ },
  { name: 'too large a weight', change: { weight: 101 }, path: 'weight', says: /at most 100/ },
  { name: 'a priority beyond the last', change: { priority: 6 }, path: 'priority', says: /at most 5/ },
  { name: 'a priority between two', change: { priority: 1.5 }, path: 'priority', says: /whole number/ },
  {
    name: 'an invalid class',
    change: { class: 'GPU 1' },
    path: 'class',
    says: /1 to 32 lower-case letters, digits and hyphens/,
  },
  {
    name: 'an invalid class of a method',
    change: { class: { ednn: '-gpu' } },
    path: 'class.ednn',
    says: /begin with a letter/,
  },
  { name: 'too long a class', change: { class: 'a'.repeat(33) }, path: 'class', says: /1 to 32/ },
  {
    name: 'a class for a method that the sweep lacks',
    change: { methods: ['ednn'], class: { eca: 'gpu' } },
    path: 'class.eca',
    says: /the sweep has no method "eca"/,
    fix: /known here: ednn/,
  },
  {
    name: 'an engine for an unknown method',
    change: { engine: { edn: 'tfjs' } },
    path: 'engine.edn',
    says: /no method "edn"/,
    fix: /did you mean "ednn"/,
  },
  { name: 'an unknown engine', change: { engine: 'torch' }, path: 'engine', says: /"kernel", "tfjs"/ },
  {
    name: 'the engine of a worker that chooses',
    change: { engine: { ednn: 'auto' } },
    path: 'engine.ednn',
    says: /"kernel", "tfjs"/,
  },
];

for (const { name, change, path, says, fix } of bad) {
  test(`refused: ${name}`, () => {
    const input = path === undefined ? 'not a document' : specDocument(change);
    assert.throws(
      () => parseSweepSpec(input),
      (error) => {
        assert.ok(error instanceof NarrowsError, String(error));
        assert.equal(error.code, 'spec-invalid');
        assert.equal(error.path, path, error.message);
        assert.match(error.message, says);
        if (fix) assert.match(error.fix ?? '', fix);
        return true;
      },
    );
  });
}

test('a name from the caller follows the same rule', () => {
  for (const name of ['', 'n'.repeat(81), 'a\tb', 'a\u202eb'])
    assert.throws(() => parseSweepSpec(specDocument({}), name), { code: 'spec-invalid', path: 'name' });
  assert.equal(parseSweepSpec(specDocument({}), 'Wasser, flüssig (2)')[0]?.name, 'Wasser, flüssig (2)');
});

test('all faults are reported together, each once', () => {
  const told = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (error instanceof SpecInvalid) return error.faults.map(({ path }) => path);
      throw error;
    }
    return [];
  };
  const input = specDocument({
    target: ['xes', 'xas'],
    space: { k: 1, hidden: { choice: [[1], [8]] }, layerNorm: true, dropout: { uniform: [0, 0.2] } },
    seeds: 4,
    sampler: { random: { trials: 7 } },
    training: { epochs: 4 },
    halving: { reduction: 3, rungs: 4 },
    warm: { 'ednn/7': 'a', 'eca/9': 'b' },
  });
  assert.deepEqual(
    told(() => parseSweepSpec(input)),
    ['sampler.random.trials', 'space.layerNorm', 'warm.ednn/7', 'warm.eca/9', 'halving.rungs'],
  );
  const points = specDocument({
    space: { k: 1, dropout: { uniform: [0, 0.2] }, hidden: { choice: [[8], [16]] } },
    sampler: {
      list: [{ dropout: 0.1 }, { dropout: 0.5, hidden: [9] }, { dropout: 0.1, hidden: [8] }, { dropout: 0.1, hidden: [8] }],
    },
    training: { epochs: 4 },
    halving: { reduction: 3, rungs: 4 },
  });
  assert.deepEqual(
    told(() => parseSweepSpec(points)),
    ['sampler.list[0].hidden', 'sampler.list[1].dropout', 'sampler.list[1].hidden', 'sampler.list[3]', 'halving.rungs'],
  );
  const small = { rows: 3, descriptors: 0, targets: ['xas'], groups: null };
  assert.deepEqual(
    told(() => throwFaults(checkDataset(specOf({ split: { by: 'group', train: 0.9, validation: 0.05, test: 0.05 } }), small))),
    ['target', 'space.k', 'split.by', 'split.validation', 'split.test', 'training.batch'],
  );
});

const water = { rows: 8000, descriptors: 3, targets: ['xes', 'xas', 'xps'], groups: null as number | null };

test('weight and priority are in the spec where it names them, and in its document', () => {
  const spec = specOf({ weight: 3, priority: 1 });
  assert.deepEqual([spec.weight, spec.priority], [3, 1]);
  assert.deepEqual(parseSweepSpec(documentOf(spec, spec.dataset)), [spec]);
  assert.deepEqual(specOf({ weight: 1, priority: 3 }), specOf({}), 'defaults are left out');
});

test('rules that stop trials are in the spec with their defaults, and in its document', () => {
  const ofHalving = { reduction: 3, rungs: 3 };
  assert.deepEqual(specOf({ halving: { ...ofHalving, brackets: 1 } }).halving, ofHalving, 'a single bracket is left out');
  const hyperband = specOf({ halving: { ...ofHalving, brackets: 3 } });
  assert.deepEqual([hyperband.halving, hyperband.stopping], [{ ...ofHalving, brackets: 3 }, undefined]);
  const median = specOf({ stopping: { median: {} } });
  assert.deepEqual([median.halving, median.stopping], [null, { kind: 'median', rungs: 4 }]);
  const extrapolate = specOf({ stopping: { extrapolate: { rungs: 3, grace: 8 } } });
  assert.deepEqual(extrapolate.stopping, { kind: 'extrapolate', rungs: 3, grace: 8, deviations: 3 });
  assert.deepEqual(specOf({ stopping: null }), specOf({}));
  for (const spec of [hyperband, median, extrapolate]) {
    assert.deepEqual(parseSweepSpec(documentOf(spec, spec.dataset)), [spec]);
    // A trial that is trained again, alone, runs to its end.
    const { configuration, ...trial } = trialAt(spec, 7);
    const again = specOf(trialDocument(spec, spec.dataset, { ...trial, name: 'again', configuration }));
    assert.deepEqual([again.halving, again.stopping], [null, undefined]);
    assert.equal(trialAt(again, 0).configurationHash, trial.configurationHash);
  }
});

test('batch and patience may vary, by whole numbers; the document gives the same', () => {
  const spec = specOf({ training: { batch: { log: [16, 128] }, patience: { choice: [0, 5] } } });
  assert.deepEqual(spec.training, {
    epochs: 40,
    batch: { kind: 'log', low: 16, high: 128, whole: true },
    patience: { kind: 'choice', values: [0, 5] },
    restarts: 6,
  });
  assert.deepEqual(parseSweepSpec(documentOf(spec, spec.dataset)), [spec]);
  const { configuration, ...trial } = trialAt(spec, 7);
  const again = specOf(trialDocument(spec, spec.dataset, { ...trial, name: 'again', configuration }));
  assert.equal(trialAt(again, 0).configurationHash, trial.configurationHash);
});

test('class and engine are in the spec where it names them, and in its document', () => {
  const spec = specOf({ class: { ednn: 'gpu', eca: 'cpu' }, engine: 'tfjs' });
  assert.deepEqual([spec.class, spec.engine], [{ ednn: 'gpu' }, 'tfjs']);
  assert.deepEqual(parseSweepSpec(documentOf(spec, spec.dataset)), [spec]);
  assert.deepEqual(specOf({ class: 'cpu' }), specOf({}), 'defaults are left out');
});

test('partitions: a single one is left out, folds decide the shares, and the document gives the same', () => {
  const splitOf = (split: unknown) => {
    const spec = specOf({ split });
    assert.deepEqual(parseSweepSpec(documentOf(spec, spec.dataset)), [spec]);
    return spec.split;
  };
  const whole = { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' };
  assert.deepEqual(splitOf({ repeats: 1 }), whole);
  assert.deepEqual(splitOf({ repeats: 4, seed: 3 }), { ...whole, seed: 3, repeats: 4 });
  const { train, validation, test: tested, folds } = splitOf({ folds: 5 });
  assert.deepEqual([tested, folds], [0.2, 5]);
  assert.ok(Math.abs(train / validation - 0.7 / 0.15) < 1e-12 && Math.abs(train + validation + tested - 1) < 1e-12);
  assert.equal(splitOf({ folds: 3, test: 0.333 }).test, 1 / 3);
  assert.equal(splitOf({ folds: 5, train: 0.6, validation: 0.2 }).train, 0.6);
});

test('a spec that fits its dataset has no faults', () => {
  throwFaults(checkDataset(specOf(), water));
  throwFaults(checkDataset(specOf({ methods: ['ednn'], space: { k: [9] } }), water));
});

test('warm starts name models by cell; a start from scratch is left out of the spec', () => {
  const warm = { 'ednn/2': 'searlier-3' };
  const listed = specOf({
    methods: ['ednn'],
    space: { k: 2 },
    warm,
    sampler: { list: [{ start: 'scratch' }, { start: 'warm' }] },
  });
  assert.deepEqual(listed.warm, warm);
  assert.deepEqual(listed.sampler, { kind: 'list', points: [{ start: 'scratch' }, { start: 'warm' }] });
  assert.deepEqual(specOf({ space: { k: 2, start: 'scratch' } }), specOf({ space: { k: 2 } }));
  assert.deepEqual(specOf({ methods: ['ednn'], space: { k: 2, start: 'warm' }, warm }).space.start, {
    kind: 'constant',
    value: 'warm',
  });
});

describe('models to start from', () => {
  const configuration = trialAt(specOf({ methods: ['ednn'], space: { k: 2, hidden: [24] } }), 0).configuration;
  const model: WarmModel = { configuration, descriptors: ['a', 'b', 'c'], targets: 9 };
  const data = { descriptors: ['a', 'b', 'c'], targets: 9 };
  const spec = (changes: Record<string, unknown> = {}, list: unknown[] = [{ dropout: 0.1 }, { start: 'warm', hidden: [24] }]) =>
    specOf({ methods: ['ednn'], space: { k: 2 }, warm: { 'ednn/2': 'searlier-3' }, sampler: { list }, ...changes });
  const check = (one: SweepSpec, changes: Partial<WarmModel> = {}, cell = 'ednn/2') =>
    throwFaults(checkWarmModels(one, new Map([[cell, { ...model, ...changes }]]), data));

  test('only warm starts need the layers of the model', () => check(spec()));

  test('an emulator of any rank fits', () => {
    const eca = specOf({ methods: ['eca'], space: { k: [1, 3], hidden: [24], start: 'warm' }, warm: { eca: 'searlier-3' } });
    check(eca, { configuration: { ...configuration, method: 'eca', k: 2 } }, 'eca');
  });

  const inSpace = {
    space: { k: 2, hidden: { choice: [[24], [12]] }, start: { choice: ['scratch', 'warm'] } },
    sampler: { grid: {} },
  };
  const cases: readonly [string, SweepSpec, Partial<WarmModel>, string, RegExp][] = [
    [
      'other hidden layers',
      spec({}, [{}, { start: 'warm' }]),
      {},
      'sampler.list[1].hidden',
      /\[32,32,32\] cannot start .*ednn\/2.*\[24\]/,
    ],
    ['a choice of hidden layers', spec(inSpace), {}, 'space.hidden', /\[12\] cannot start/],
    [
      'another activation',
      spec(),
      { configuration: { ...configuration, activation: 'elu' } },
      'sampler.list[1].activation',
      /"gelu"/,
    ],
    [
      'normalisation',
      spec(),
      { configuration: { ...configuration, layerNorm: true } },
      'sampler.list[1].layerNorm',
      /false cannot/,
    ],
    ['another method', spec(), { configuration: { ...configuration, method: 'nnca' } }, 'warm.ednn/2', /of nnca\/2/],
    ['another width', spec(), { configuration: { ...configuration, k: 3 } }, 'warm.ednn/2', /of ednn\/3/],
    ['fewer descriptors', spec(), { descriptors: ['a', 'b'] }, 'warm.ednn/2', /has 2 descriptors, this one 3/],
    [
      'descriptors in another order',
      spec(),
      { descriptors: ['a', 'c', 'b'] },
      'warm.ednn/2',
      /descriptor 2 .*"c", here it is "b"/,
    ],
    ['other targets', spec(), { targets: 8 }, 'warm.ednn/2', /8 target columns, this target has 9/],
  ];
  for (const [what, one, changes, path, message] of cases) {
    test(`refused: ${what}`, () => assert.throws(() => check(one, changes), { code: 'spec-invalid', path, message }));
  }
});

const unfit: readonly {
  name: string;
  change: Record<string, unknown>;
  facts?: Partial<typeof water>;
  path: string;
  says: RegExp;
}[] = [
  {
    name: 'k above the descriptors for NNCA',
    change: { methods: ['nnca'], space: { k: [2, 4] } },
    path: 'space.k',
    says: /k = 4 .* 3 descriptors/,
  },
  {
    name: 'k above the descriptors for ECA',
    change: { methods: ['ednn', 'eca'], space: { k: [4] } },
    path: 'space.k',
    says: /eca/,
  },
  { name: 'unknown target', change: { target: 'xse' }, path: 'target', says: /no target "xse"/ },
  { name: 'no groups', change: { split: { by: 'group' } }, path: 'split.by', says: /no groups/ },
  {
    name: 'too few groups',
    change: { split: { by: 'group' } },
    facts: { groups: 2 },
    path: 'split.by',
    says: /2 groups do not fill/,
  },
  {
    name: 'more folds than groups',
    change: { split: { by: 'group', folds: 9 } },
    facts: { groups: 8 },
    path: 'split.folds',
    says: /9 folds are more than the 8 groups/,
  },
  {
    name: 'more folds than rows',
    change: { split: { folds: 9 } },
    facts: { rows: 8 },
    path: 'split.folds',
    says: /9 folds are more than the 8 rows/,
  },
  { name: 'a part of no rows', change: {}, facts: { rows: 3 }, path: 'split.validation', says: /empty/ },
  {
    name: 'batch above the training rows',
    change: { training: { batch: 512 } },
    facts: { rows: 700 },
    path: 'training.batch',
    says: /490 training rows/,
  },
  {
    name: 'a range of batches that ends above the training rows',
    change: { training: { batch: { log: [16, 512] } } },
    facts: { rows: 700 },
    path: 'training.batch',
    says: /a batch of 512 .* 490 training rows/,
  },
  {
    name: 'a listed batch above the training rows',
    change: { space: { k: 1 }, training: { batch: 32 }, sampler: { list: [{}, { batch: 500 }] } },
    facts: { rows: 700 },
    path: 'sampler.list[1].batch',
    says: /a batch of 500/,
  },
  {
    name: 'a listed batch that is also the one of the training',
    change: { space: { k: 1 }, training: { batch: 500 }, sampler: { list: [{ batch: 500 }, { batch: 8 }] } },
    facts: { rows: 700 },
    path: 'sampler.list[0].batch',
    says: /^sampler\.list\[0\]\.batch: a batch of 500 is more than the 490 training rows$/,
  },
  {
    name: 'a batch above the training rows, of points that name none',
    change: {
      ...{ space: { k: 1, learningRate: { choice: [0.1, 0.2] } }, training: { batch: 500 } },
      sampler: { list: [{ learningRate: 0.1 }, { learningRate: 0.2 }] },
    },
    facts: { rows: 700 },
    path: 'training.batch',
    says: /^training\.batch: a batch of 500 is more than the 490 training rows$/,
  },
];

for (const { name, change, facts, path, says } of unfit) {
  test(`does not fit: ${name}`, () => {
    assert.throws(() => throwFaults(checkDataset(specOf(change), { ...water, ...facts })), {
      code: 'spec-invalid',
      path,
      message: says,
    });
  });
}
