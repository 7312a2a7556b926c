import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offerSamplers } from '../../../search/samplers/offers.ts';
import { specOf } from '../specs.ts';

const settingsOf = (changes: Record<string, unknown>) =>
  Object.fromEntries(offerSamplers(specOf(changes)).map(({ sampler, settings }) => [sampler, settings]));

const range = { learningRate: { log: [0.001, 0.1] } };

test('every other sampler but a list is offered, with trials for each method, width and seed', () => {
  const offers = settingsOf({
    methods: ['ednn', 'eca'],
    space: { k: [1, 2], ...range },
    seeds: 2,
    sampler: { sobol: { trials: 96 } },
  });
  assert.deepEqual(offers, {
    grid: {},
    random: { trials: 120 },
    tpe: { trials: 240, startup: 4, share: true },
    gp: { trials: 150 },
    cmaes: { trials: 1200 },
    nsga2: { trials: 384 },
  });
});

test('a finite space limits the trials, and a budget of trials states them', () => {
  const one = { methods: ['ednn'], seeds: 1 };
  const finite = settingsOf({ ...one, space: { k: 1, learningRate: { choice: [0.01, 0.02, 0.05] } } });
  assert.deepEqual([finite.random, finite.tpe], [{ trials: 3 }, { trials: 3 }]);
  const bought = settingsOf({ ...one, space: { k: 1, ...range }, sampler: { random: {} }, budget: { trials: 30 } });
  assert.deepEqual([bought.tpe, bought.gp], [{}, {}]);
});
