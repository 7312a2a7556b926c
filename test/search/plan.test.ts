import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochFlops } from '../../models/methods/cost.ts';
import { epochsPerRung, flopsPerTrial, packSizes, untilEpoch } from '../../search/packing.ts';
import { planSweep } from '../../search/plan.ts';
import { previewTrials, trialCount } from '../../search/space.ts';
import { halving as rule } from '../../search/stopping/halving.ts';
import { specOf, trialAt } from './specs.ts';

const water = { trainRows: 5600, descriptors: 3, energies: 121 };

test('an EDNN 3-64-64-2-64-64-121 costs 55 GFLOP for 100 epochs of 5,600 rows', () => {
  const { configuration } = trialAt(specOf({ methods: ['ednn'], space: { k: 2, hidden: [64, 64] } }), 0);
  assert.ok(Math.abs(100 * epochFlops(configuration, water) - 55.05e9) < 0.01e9);
});

test('packs fill their time: many small trials, few large ones, between 1 and 256', () => {
  const size = (training: Record<string, number>) => packSizes(specOf({ training }), water)[0] as number;
  assert.equal(packSizes(specOf({ training: { epochs: 1, batch: 64 } }), { ...water, trainRows: 500 })[0], 256);
  assert.equal(size({ epochs: 100_000 }), 1);
  const middling = size({ epochs: 50 });
  assert.ok(middling > 1 && middling < 20, `${middling}`);
});

test('rungs: epochs within each sum to all', () => {
  const spec = specOf({ halving: { reduction: 3, rungs: 3 }, training: { epochs: 200 } });
  assert.deepEqual(epochsPerRung(spec), [23, 44, 133]);
  assert.deepEqual(
    [0, 1, 2].map((rung) => untilEpoch(spec, rung)),
    [23, 67, 200],
  );
  assert.equal(untilEpoch(specOf({ training: { epochs: 200 } }), 0), 200);
  assert.equal(untilEpoch(specOf({ training: { epochs: { choice: [50, 100] } } }), 0), 100);
});

test('the operations of trainings of different lengths are those of their mean', () => {
  const flopsOf = (epochs: unknown) => flopsPerTrial(specOf({ methods: ['nnca'], space: { k: 1 }, training: { epochs } }), water);
  const [short, long] = [50, 100].map((epochs) => flopsOf(epochs)[0] as number);
  const [both, ...rest] = flopsOf({ choice: [50, 100] });
  assert.ok(Math.abs((both as number) / (((short as number) + (long as number)) / 2) - 1) < 1e-12);
  assert.deepEqual(rest, []);
});

test('the operations of a method are those of its own trials, in a space with as few points as each has', () => {
  const sampler = { random: { trials: 20 } };
  const space = { k: [1, 2], hidden: { choice: [[16], [64, 64]] } };
  const spec = specOf({ methods: ['ednn', 'eca', 'nnca'], space, seeds: 2, sampler });
  const { methods } = planSweep(spec, water);
  const whole = planSweep(specOf({ methods: ['eca'], space, seeds: 2, sampler: { random: { trials: 4 } } }), water);
  assert.equal(methods.find(({ method }) => method === 'eca')?.flops, whole.methods[0]?.flops);
});

test('a plan counts the trials of the space', () => {
  const spec = specOf({ sampler: { random: { trials: 200 } } });
  const plan = planSweep(spec, water);
  assert.equal(plan.trials, trialCount(spec));
  const dealt = previewTrials(
    spec,
    Array.from({ length: 200 }, (_, i) => i),
  );
  for (const { method, trials } of plan.methods) {
    assert.equal(trials, dealt.filter(({ configuration }) => configuration.method === method).length, method);
  }
  assert.deepEqual(
    plan.methods.map(({ method }) => method),
    ['ednn', 'eca', 'nnca'],
  );
  assert.equal(plan.packs, Math.ceil(200 / (plan.rungs[0]?.packSize ?? 0)));
  assert.ok(plan.methods.every(({ flops }) => flops > 0));
});

test('partitions: each has the same configurations and seeds, and the first is numbered as a sweep of one', () => {
  for (const split of [{ repeats: 3 }, { folds: 4 }]) {
    const spec = specOf({ split, sampler: { random: { trials: 35 } }, halving: { reduction: 2, rungs: 2 } });
    const alone = specOf({ sampler: { random: { trials: 35 } }, halving: { reduction: 2, rungs: 2 } });
    const partitions = split.repeats ?? split.folds;
    assert.equal(trialCount(spec), 35 * partitions);
    const known = previewTrials(alone, [...Array(35).keys()]);
    for (let partition = 0; partition < partitions; partition++) {
      const own = previewTrials(
        spec,
        known.map(({ index }) => 35 * partition + index),
      );
      assert.deepEqual(
        own,
        known.map((trial) => ({ ...trial, index: 35 * partition + trial.index, partition })),
      );
    }
    assert.throws(() => trialAt(spec, 35 * partitions), RangeError);
    const [plan, one] = [planSweep(spec, water), planSweep(alone, water)];
    assert.deepEqual([plan.partitions, one.partitions], [partitions, 1]);
    assert.deepEqual(
      plan.rungs.map(({ trials }) => trials),
      one.rungs.map(({ trials }) => trials * partitions),
    );
    assert.deepEqual(
      plan.methods,
      one.methods.map(({ method, trials, flops }) => ({ method, trials: trials * partitions, flops: flops * partitions })),
    );
  }
});

test('halving: each rung keeps a third of every cell', () => {
  const spec = specOf({ halving: { reduction: 3, rungs: 3 }, sampler: { random: { trials: 7 * 9 * 5 } } });
  assert.deepEqual(
    planSweep(spec, water).rungs.map(({ trials }) => trials),
    [315, 105, 35],
  );
});

test('Hyperband: the entrants of a rung are those of all brackets', () => {
  const halving = { reduction: 3, rungs: 3, brackets: 3 };
  const spec = specOf({ halving, sampler: { random: { trials: 7 * 18 * 5 } } });
  const perCell = rule.countEntrants(halving, 18);
  assert.ok((perCell[1] ?? 0) > 6 && (perCell[2] ?? 0) > 2, `more than by halving: ${perCell}`);
  assert.deepEqual(
    planSweep(spec, water).rungs.map(({ trials }) => trials),
    perCell.map((configurations) => 7 * 5 * configurations),
  );
  assert.deepEqual(epochsPerRung(spec), epochsPerRung(specOf({ halving: { reduction: 3, rungs: 3 } })));
  // A single point of each cell goes on, in its bracket.
  const few = specOf({ halving, sampler: { random: { trials: 7 * 5 } } });
  assert.deepEqual(
    planSweep(few, water).rungs.map(({ trials }) => trials),
    [35, 35, 35],
  );
});

test('where scores decide how many are stopped, a plan has the most', () => {
  const spec = specOf({ stopping: { median: {} }, sampler: { random: { trials: 7 * 9 * 5 } } });
  const { rungs, methods } = planSweep(spec, water);
  assert.deepEqual(
    rungs.map(({ untilEpoch, trials }) => [untilEpoch, trials]),
    [10, 20, 30, 40].map((end) => [end, 315]),
  );
  const whole = planSweep(specOf({ sampler: { random: { trials: 7 * 9 * 5 } } }), water);
  for (const [i, { flops }] of methods.entries()) assert.ok(Math.abs(flops / (whole.methods[i]?.flops ?? 0) - 1) < 1e-9);
});
