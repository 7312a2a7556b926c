import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpecInvalid } from '../../search/fault.ts';
import { cellsOf, previewTrials, trialCount } from '../../search/space.ts';
import { specDocument as toDocument } from '../../search/spec-document.ts';
import { samplerContract } from './sampler-contract.ts';
import { specDocument, specOf, trialAt } from './specs.ts';

const finite = {
  k: [1, 2],
  hidden: { choice: [[8], [16], [32]] },
  activation: { choice: ['elu', 'tanh'] },
  learningRate: { choice: [0.01, 0.02] },
};

samplerContract('grid', () => specOf({ sampler: { grid: { steps: 3 } } }));
samplerContract('grid of constants', () => specOf({ space: { k: 2 }, seeds: [4, 9] }));
samplerContract('random over ranges', () => specOf({ sampler: { random: { trials: 200 } } }));
samplerContract('sobol over ranges', () => specOf({ sampler: { sobol: { trials: 200 } } }));
samplerContract('random, exhausting a finite space', () =>
  specOf({ space: finite, seeds: 2, sampler: { random: { trials: 12 * 5 * 2 } } }),
);
samplerContract('random in a finite space', () => specOf({ space: finite, seeds: 2, sampler: { random: { trials: 62 } } }));

samplerContract('listed points', () =>
  specOf({
    seeds: 3,
    sampler: {
      list: [
        { hidden: [128], learningRate: 0.01 },
        { learningRate: 0.0005, hidden: [64, 64], activation: 'tanh' },
        { learningRate: 0.01, hidden: [64, 64] },
      ],
    },
  }),
);
const WARM = { 'ednn/1': 'searlier-0', 'ednn/2': 'searlier-7' };
const warmOf = (changes: Record<string, unknown>) =>
  specOf({ methods: ['ednn'], space: { k: [1, 2] }, seeds: 2, warm: WARM, ...changes });

samplerContract('listed points, warm and from scratch', () => warmOf({ sampler: { list: [{}, { start: 'warm' }] } }));
samplerContract('grid, warm and from scratch', () =>
  warmOf({ space: { k: [1, 2], start: { choice: ['scratch', 'warm'] }, learningRate: { log: [0.001, 0.1] } } }),
);

test('a warm start belongs to the configuration: trials that start from other models have other hashes', () => {
  const at = (spec: ReturnType<typeof specOf>, index: number) => trialAt(spec, index);
  const spec = warmOf({ sampler: { list: [{}, { start: 'warm' }] } });
  assert.deepEqual(
    [0, 2, 4, 6].map((index) => {
      const { cell, configuration } = at(spec, index);
      return [cell, configuration.start, configuration.warm];
    }),
    [
      ['ednn/1', undefined, undefined],
      ['ednn/2', undefined, undefined],
      ['ednn/1', 'warm', 'searlier-0'],
      ['ednn/2', 'warm', 'searlier-7'],
    ],
  );
  const plain = specOf({ methods: ['ednn'], space: { k: [1, 2] } });
  assert.deepEqual(at(spec, 0).configuration, at(plain, 0).configuration);
  assert.equal(at(spec, 0).configurationHash, at(plain, 0).configurationHash);
  const other = warmOf({ space: { k: [1, 2], start: 'warm' }, warm: { ...WARM, 'ednn/1': 'sother-0' } });
  const hashes = [at(spec, 0), at(spec, 4), at(other, 0)].map(({ configurationHash }) => configurationHash);
  assert.equal(new Set(hashes).size, 3);
});

/** Every parameter takes several values. */
const every = (ranges: boolean) => ({
  k: [1, 2],
  hidden: { choice: [[8], [16, 4]] },
  activation: { choice: ['elu', 'tanh'] },
  layerNorm: { choice: [false, true] },
  dropout: ranges ? { uniform: [0, 0.3] } : { choice: [0, 0.3] },
  optimiser: { choice: ['adam', 'adamw'] },
  weightDecay: ranges ? { log: [1e-5, 1e-2] } : { choice: [0, 1e-2] },
  learningRate: ranges ? { log: [1e-3, 1e-1] } : { choice: [1e-3, 1e-1] },
  schedule: { choice: ['one-cycle', 'constant'] },
  start: { choice: ['scratch', 'warm'] },
});

samplerContract('grid over every parameter', () => warmOf({ space: every(true), sampler: { grid: { steps: 2 } } }));
samplerContract('random over every parameter', () => warmOf({ space: every(true), sampler: { random: { trials: 400 } } }));
samplerContract('sobol over every parameter', () => warmOf({ space: every(true), sampler: { sobol: { trials: 400 } } }));
samplerContract('random over every parameter, finite', () =>
  warmOf({ space: every(false), sampler: { random: { trials: 2 * 2 * 2 ** 9 } } }),
);

const swept = { batch: { log: [8, 64] }, patience: { choice: [0, 5] } };
const lengths = { ...swept, epochs: { log: [5, 80] } };
samplerContract('grid over lengths of training', () => specOf({ training: lengths, sampler: { grid: { steps: 3 } } }));
samplerContract('sobol over lengths of training', () => specOf({ training: lengths, sampler: { sobol: { trials: 200 } } }));
samplerContract('grid over training', () => specOf({ training: swept, sampler: { grid: { steps: 3 } } }));
samplerContract('random over training', () => specOf({ training: swept, sampler: { random: { trials: 200 } } }));
samplerContract('listed batches', () =>
  specOf({
    training: swept,
    space: { k: 2 },
    sampler: {
      list: [
        { batch: 8, patience: 5 },
        { batch: 64, patience: 0 },
      ],
    },
  }),
);

test('whole numbers are drawn evenly, both ends among them', () => {
  const batchesOf = (batch: unknown) => {
    const spec = specOf({
      methods: ['ednn'],
      ...{ space: { k: 1, learningRate: { log: [0.001, 0.1] } }, training: { batch }, seeds: 1 },
      sampler: { random: { trials: 3000 } },
    });
    const counts = new Map<number, number>();
    for (const { configuration } of previewTrials(spec, [...Array(3000).keys()])) {
      counts.set(configuration.batch, (counts.get(configuration.batch) ?? 0) + 1);
    }
    return counts;
  };
  const even = batchesOf({ uniform: [16, 18] });
  assert.deepEqual([...even.keys()].sort(), [16, 17, 18]);
  for (const count of even.values()) assert.ok(Math.abs(count - 1000) < 130, `${count}`);
  const [small, large] = [8, 32].map((low) =>
    [...batchesOf({ log: [8, 127] })].reduce((sum, [batch, count]) => (batch >= low && batch < 4 * low ? sum + count : sum), 0),
  );
  for (const count of [small, large]) assert.ok(Math.abs((count as number) - 1500) < 140, `${count}`);
});

/** Parameters that exist only where others have certain values. */
const conditional = (ranges: boolean) => ({
  k: [1, 2],
  hidden: { choice: [[8], [16, 4]] },
  optimiser: { choice: ['adam', 'sgd', 'adamw'] },
  momentum: ranges ? { uniform: [0, 0.95] } : { choice: [0, 0.5, 0.9] },
  learningRate: ranges ? { log: [1e-3, 1e-1] } : { choice: [1e-3, 1e-1] },
  schedule: { choice: ['cosine', 'one-cycle'] },
  warmUp: ranges ? { uniform: [0.05, 0.5] } : { choice: [0.1, 0.3] },
});

samplerContract('grid over conditions', () => specOf({ space: conditional(true), seeds: 2, sampler: { grid: { steps: 3 } } }));
samplerContract('random over conditions', () => specOf({ space: conditional(true), sampler: { random: { trials: 400 } } }));
samplerContract('sobol over conditions', () => specOf({ space: conditional(true), sampler: { sobol: { trials: 400 } } }));
// 5 of optimiser and momentum, 3 of schedule and warm-up, 2 of rates, 2 of layers.
samplerContract('random over conditions, exhausting a finite space', () =>
  specOf({ space: conditional(false), seeds: 2, methods: ['ednn'], sampler: { random: { trials: 60 * 2 * 2 } } }),
);
samplerContract('listed points, with parameters that some of them have', () =>
  specOf({
    space: { k: 2, warmUp: 0.3 },
    sampler: { list: [{}, { optimiser: 'sgd' }, { optimiser: 'sgd', momentum: 0.5 }, { schedule: 'cosine' }, { warmUp: 0.1 }] },
  }),
);

test('a grid has each point once, whatever its parameters depend on', () => {
  const grid = (space: object) =>
    specOf({ methods: ['ednn'], seeds: 1, space: { k: 1, ...space }, sampler: { grid: { steps: 3 } } });
  const shown = (spec: ReturnType<typeof specOf>) =>
    previewTrials(spec, [...Array(trialCount(spec)).keys()]).map(({ configuration: { optimiser, momentum, learningRate } }) =>
      [learningRate, optimiser, momentum].filter((one) => one !== undefined).join(' '),
    );
  assert.deepEqual(
    shown(
      grid({ optimiser: { choice: ['adamw', 'sgd'] }, momentum: { uniform: [0, 0.8] }, learningRate: { choice: [0.1, 0.2] } }),
    ),
    ['0.1 adamw', '0.2 adamw', '0.1 sgd 0', '0.2 sgd 0', '0.1 sgd 0.4', '0.2 sgd 0.4', '0.1 sgd 0.8', '0.2 sgd 0.8'],
  );
  assert.deepEqual(shown(grid({ optimiser: 'sgd', momentum: { choice: [0, 0.5] } })), ['0.02 sgd 0', '0.02 sgd 0.5']);
  assert.deepEqual(shown(grid({ optimiser: { choice: ['adamw', 'sgd'] }, momentum: 0.5 })), ['0.02 adamw', '0.02 sgd 0.5']);
});

test('parameters draw the same numbers whether or not another depends on them', () => {
  const at = (space: object, sampler: object) => {
    const base = { k: 1, learningRate: { log: [1e-3, 1e-1] }, optimiser: { choice: ['adamw', 'sgd'] } };
    return previewTrials(specOf({ methods: ['ednn'], seeds: 1, space: { ...base, ...space }, sampler }), [...Array(30).keys()]);
  };
  const [plain, more] = [{}, { momentum: { uniform: [0, 0.9] } }].map((space) => at(space, { random: { trials: 30 } }));
  assert.deepEqual(
    more?.map(({ configuration: { momentum: _, ...own } }) => own),
    plain?.map(({ configuration }) => configuration),
  );
  assert.ok(more?.every(({ configuration: { optimiser, momentum } }) => (optimiser === 'sgd') === (momentum !== undefined)));
});

test('a value that is the default hashes as it does where it is not stated', () => {
  const hashOf = (space: object) => trialAt(specOf({ methods: ['ednn'], space: { k: 1, optimiser: 'sgd', ...space } }), 0);
  const [plain, stated, other] = [{}, { momentum: 0.9, warmUp: 0.2, targetWeighting: 0 }, { momentum: 0.8 }].map(hashOf);
  assert.equal(stated?.configurationHash, plain?.configurationHash);
  assert.equal(stated?.configuration.momentum, 0.9);
  assert.notEqual(other?.configurationHash, plain?.configurationHash);
  const [weighted] = [{ targetWeighting: -1 }].map(hashOf);
  assert.notEqual(weighted?.configurationHash, plain?.configurationHash);
});

test('a space without target weightings has none in its points, and its draws stay where it has some', () => {
  const at = (space: object, sampler: object) => {
    const spec = specOf({ space: { k: 1, learningRate: { log: [0.001, 0.1] }, ...space }, sampler });
    return previewTrials(spec, [...Array(30).keys()]).map(({ configuration }) => configuration);
  };
  const sampler = { random: { trials: 30 } };
  const [plain, weighted] = [{}, { targetWeighting: { uniform: [-2, 0] } }].map((space) => at(space, sampler));
  assert.ok(plain?.every((configuration) => !('targetWeighting' in configuration)));
  assert.deepEqual(
    weighted?.map(({ targetWeighting: _, ...own }) => own),
    plain,
  );
  const drawn = weighted?.map(({ targetWeighting }) => targetWeighting as number) ?? [];
  assert.ok(drawn.every((p) => p >= -2 && p < 0));
  assert.ok(new Set(drawn).size > 1);
});

samplerContract('one listed point, all of the space', () => specOf({ space: { k: 2 }, sampler: { list: [{}] } }));

test('listed points: every cell trains each with every seed; constants of the space complete a point', () => {
  const spec = specOf({
    methods: ['ednn', 'nnca'],
    space: { k: 1, learningRate: 0.03, hidden: [8] },
    seeds: 2,
    sampler: { list: [{ hidden: [16, 4] }, { learningRate: 0.1 }] },
  });
  assert.deepEqual(
    previewTrials(spec, [0, 1, 2, 3, 4, 5, 6, 7]).map(({ cell, seed, configuration }) => {
      return `${cell} ${seed} ${configuration.hidden.join('-')} ${configuration.learningRate}`;
    }),
    ['ednn/1 1 16-4 0.03', 'ednn/1 2 16-4 0.03', 'nnca/1 1 16-4 0.03', 'nnca/1 2 16-4 0.03'].concat([
      'ednn/1 1 8 0.1',
      'ednn/1 2 8 0.1',
      'nnca/1 1 8 0.1',
      'nnca/1 2 8 0.1',
    ]),
  );
  const grid = specOf({ methods: ['ednn', 'nnca'], space: { k: 1, learningRate: 0.1, hidden: [8] } });
  assert.equal(trialAt(spec, 4).configurationHash, trialAt(grid, 0).configurationHash, 'however it was come by');
});

test('a grid has both ends and even steps in the logarithm', () => {
  const spec = specOf({
    methods: ['ednn'],
    space: { k: 1, learningRate: { log: [0.001, 0.1] } },
    seeds: 1,
    sampler: { grid: { steps: 3 } },
  });
  const rates = previewTrials(spec, [0, 1, 2]).map(({ configuration }) => configuration.learningRate);
  assert.equal(rates[0], 0.001);
  assert.ok(Math.abs((rates[1] as number) - 0.01) < 1e-12);
  assert.equal(rates[2], 0.1);
});

test('random learning rates are uniform over the decades', () => {
  const spec = specOf({
    methods: ['ednn'],
    space: { k: 1, learningRate: { log: [1e-4, 1e-1] } },
    seeds: 1,
    sampler: { random: { trials: 3000 } },
  });
  const decades = [0, 0, 0];
  for (const { configuration } of previewTrials(
    spec,
    Array.from({ length: 3000 }, (_, i) => i),
  )) {
    const decade = Math.min(2, Math.floor(Math.log10(configuration.learningRate) + 4));
    decades[decade] = (decades[decade] ?? 0) + 1;
  }
  for (const count of decades) assert.ok(Math.abs(count - 1000) < 130, decades.join());
});

test('Sobol points fill each eighth of a range with an eighth of every 2^n points', () => {
  const spec = specOf({
    methods: ['ednn'],
    space: { k: 1, learningRate: { log: [1e-4, 1] }, dropout: { uniform: [0, 0.8] }, activation: { choice: ['elu', 'tanh'] } },
    seeds: 1,
    sampler: { sobol: { trials: 64 } },
  });
  const points = previewTrials(
    spec,
    Array.from({ length: 64 }, (_, i) => i),
  ).map(({ configuration }) => configuration);
  const counts = (part: (point: (typeof points)[number]) => unknown) =>
    [...Map.groupBy(points, part).values()].map(({ length }) => length);
  const rate = (point: (typeof points)[number]) => Math.floor(2 * (Math.log10(point.learningRate) + 4));
  assert.deepEqual(
    counts(rate),
    Array.from({ length: 8 }, () => 8),
  );
  assert.deepEqual(
    counts(({ dropout }) => Math.floor(dropout * 10)),
    Array.from({ length: 8 }, () => 8),
  );
  assert.deepEqual(
    counts(({ activation }) => activation),
    [32, 32],
  );
});

test('another sampler seed gives other points', () => {
  for (const name of ['random', 'sobol']) {
    const rate = (seed: number) => trialAt(specOf({ sampler: { [name]: { trials: 200, seed } } }), 0).configuration.learningRate;
    assert.notEqual(rate(1), rate(2));
  }
});

test('cells have rising widths, and one cell of ECA at the highest rank', () => {
  assert.deepEqual(
    cellsOf(specOf()).map(({ method, k }) => `${method} ${k}`),
    ['ednn 1', 'nnca 1', 'ednn 2', 'nnca 2', 'ednn 3', 'eca 3', 'nnca 3'],
  );
  assert.equal(trialAt(specOf({ methods: ['eca'] }), 0).cell, 'eca');
});

test('a hash depends on the configuration alone: equal in any sweep, different for other epochs', () => {
  const here = trialAt(specOf(), 0);
  const there = trialAt(specOf({ name: 'other', seeds: [9, 1], methods: ['ednn', 'nnca'] }), 0);
  assert.equal(here.configurationHash, there.configurationHash);
  assert.match(here.configurationHash, /^[0-9a-f]{16}$/);
  assert.notEqual(trialAt(specOf({ training: { epochs: 7 } }), 0).configurationHash, here.configurationHash);
});

test('hashes of configurations are stable, so that results of earlier versions are found', () => {
  const more = {
    k: [1, 2],
    layerNorm: { choice: [true, false] },
    dropout: { uniform: [0, 0.3] },
    optimiser: 'adamw',
    weightDecay: 0.01,
  };
  const adam = { space: { ...(specDocument().space as object), optimiser: 'adam' }, training: { batch: 64 } };
  const hash = (changes: Record<string, unknown>, index: number) =>
    trialAt(specOf({ ...adam, ...changes }), index).configurationHash;
  const once = { training: { batch: 64, restarts: 1 } };
  const random = { sampler: { random: { trials: 200 } } };
  assert.deepEqual(
    [hash(once, 0), hash(once, 17), hash(once, 209), hash(random, 0), hash(random, 199)],
    ['822ddb044f5a12d0', 'b165c5c4f1beab28', 'f6788d360fa97683', 'cee3f3f0738f30c2', '2b32c056db507f9c'],
  );
  // Restarts came later: they are in the hash of methods that are restarted, and of no other.
  assert.deepEqual([hash({}, 0), hash({}, 17)], ['822ddb044f5a12d0', '9e7b274f80313209']);
  const restarts = cellsOf(specOf({})).map((_, cell) => trialAt(specOf({}), cell * specOf({}).seeds.length).configuration);
  assert.deepEqual(restarts.map((configuration) => [configuration.method, configuration.restarts]).slice(0, 3), [
    ['ednn', undefined],
    ['nnca', 6],
    ['ednn', undefined],
  ]);
  assert.deepEqual(
    [0, 41].map((index) => hash({ space: more, seeds: 2 }, index)),
    ['857455c5c94c034f', '26af730cfdd4ed59'],
  );
});

test('a sweep of a million trials needs no list', () => {
  const spec = specOf({
    space: { k: [1, 2, 3, 4], learningRate: { log: [1e-4, 1e-1] } },
    seeds: 5,
    sampler: { random: { trials: 1_000_000 } },
  });
  assert.equal(trialCount(spec), 1_000_000);
  assert.equal(trialAt(spec, 999_999).index, 999_999);
});

test('an adaptive sampler needs something to search, and points beyond the random ones', () => {
  const faultOf = (tpe: unknown, changes: Record<string, unknown> = {}) => {
    try {
      return specOf({ seeds: 2, sampler: { tpe }, ...changes }) && null;
    } catch (error) {
      assert.ok(error instanceof SpecInvalid);
      return error.faults.map(({ path, message, fix }) => `${path}: ${message}; ${fix}`).join('\n');
    }
  };
  // 7 cells.
  assert.equal(faultOf({ trials: 154 }), null);
  assert.match(
    faultOf({ trials: 140 }) ?? '',
    /^sampler.tpe.startup: each method and width has 10 points, .* at least 154 trials, a smaller startup/,
  );
  assert.match(faultOf({ trials: 12 }) ?? '', /^sampler.tpe.trials: 12 trials do not reach each of the 7 pairs/);
  assert.match(faultOf({ trials: 155 }) ?? '', /^sampler.tpe.trials: 155 trials are not a multiple of the 2 seeds/);
  assert.match(faultOf({ trials: 154 }, { space: { k: 1 } }) ?? '', /^sampler.tpe: the space has a single point/);
  const whole = { space: { k: 1 }, training: { batch: { uniform: [8, 16] } }, methods: ['ednn'] };
  assert.equal(faultOf({ trials: 18, startup: 3 }, whole), null);
  assert.match(
    faultOf({ trials: 20, startup: 3 }, whole) ?? '',
    /need 10 configurations of each method and width; the space has 9/,
  );
  assert.match(faultOf({ trials: 154, startup: 0 }) ?? '', /^sampler.tpe.startup/);
  assert.match(faultOf({ trials: 154, start: 3 }) ?? '', /unknown key "start"; did you mean "startup"/);
});

test('widths share their points only where a method has two', () => {
  const of = (changes: object, share = true) =>
    specOf({ methods: ['ednn'], seeds: 1, sampler: { tpe: { trials: 80, share } }, ...changes });
  const space = { k: [1, 2], learningRate: { log: [0.001, 0.1] } };
  const spec = of({ space });
  assert.deepEqual(spec.sampler, { kind: 'tpe', trials: 80, seed: 1, startup: 10, share: true });
  assert.deepEqual(specOf(toDocument(spec, spec.dataset)), spec);
  assert.equal(of({ space: { ...space, k: 1 } }, false).sampler.kind, 'tpe');
  assert.throws(() => of({ space: { ...space, k: 1 } }), /sampler.tpe.share: no method has two widths that could share/);
  assert.throws(() => of({ space, sampler: { gp: { trials: 80, share: true } } }), /sampler.gp.share: unknown key/);
});

test('gp is checked as tpe is', () => {
  const faultOf = (gp: unknown, changes: Record<string, unknown> = {}) => {
    try {
      return specOf({ seeds: 2, sampler: { gp }, ...changes }) && null;
    } catch (error) {
      assert.ok(error instanceof SpecInvalid);
      return error.faults.map(({ path, message }) => `${path}: ${message}`).join('\n');
    }
  };
  assert.equal(faultOf({ trials: 154 }), null);
  assert.match(faultOf({ trials: 140 }) ?? '', /^sampler.gp.startup: each method and width has 10 points/);
  assert.match(faultOf({ trials: 155 }) ?? '', /^sampler.gp.trials: 155 trials are not a multiple/);
  assert.match(faultOf({ trials: 154 }, { space: { k: 1 } }) ?? '', /^sampler.gp: the space has a single point/);
  const spec = specOf({ seeds: 2, sampler: { gp: { trials: 154 } } });
  assert.deepEqual(spec.sampler, { kind: 'gp', trials: 154, seed: 1, startup: 10 });
  assert.deepEqual(specOf(toDocument(spec, spec.dataset)).sampler, spec.sampler);
});

test('cmaes needs a range of real numbers, and an order of all values', () => {
  const faultsOf = (changes: Record<string, unknown>) => {
    try {
      specOf({ methods: ['ednn'], seeds: 1, sampler: { cmaes: { trials: 40 } }, ...changes });
      return null;
    } catch (error) {
      assert.ok(error instanceof SpecInvalid);
      assert.equal(error.code, 'spec-invalid');
      return error.faults.map(({ path, message, fix }) => `${path}: ${message}; ${fix}`);
    }
  };
  const rate = { log: [0.001, 0.1] };
  const steps = { dropout: { choice: [0, 0.1] }, weightDecay: { choice: [0, 0.01, 0.1] } };
  const training = { batch: { uniform: [16, 64] } };
  assert.equal(faultsOf({ space: { k: 1, learningRate: rate, ...steps }, training }), null);
  const fix = 'name a single value, or use tpe';
  assert.deepEqual(
    faultsOf({
      space: {
        ...{ k: 1, learningRate: rate, ...steps, hidden: { choice: [[8], [16]] } },
        ...{ activation: { choice: ['elu', 'tanh'] }, layerNorm: { choice: [false, true] } },
      },
    }),
    ['layerNorm', 'activation', 'hidden'].map(
      (name) => `space.${name}: cmaes cannot search ${name}, whose values have no order; ${fix}`,
    ),
  );
  assert.deepEqual(faultsOf({ space: { k: 1, ...steps }, training }), [
    'sampler.cmaes: cmaes needs a range of real numbers, and the space has none: its points would be repeated; make a parameter such a range, or use tpe',
  ]);
  assert.match(faultsOf({ space: { k: 1 } })?.[0] ?? '', /^sampler.cmaes: the space has a single point/);
  const few = { cmaes: { trials: 10 } };
  assert.match(
    faultsOf({ space: { k: 1, learningRate: rate }, sampler: few })?.[0] ?? '',
    /^sampler.cmaes.startup: each method and width has 10 points/,
  );
});

test('an adaptive sampler reads back from its document', () => {
  for (const kind of ['tpe', 'gp', 'cmaes'] as const) {
    const space = { k: [1, 2], learningRate: { log: [0.001, 0.1] } };
    const spec = specOf({ seeds: 2, space, sampler: { [kind]: { trials: 154 } } });
    assert.deepEqual(spec.sampler, { kind, trials: 154, seed: 1, startup: 10 });
    assert.deepEqual(specOf(toDocument(spec, spec.dataset)).sampler, spec.sampler);
  }
});
