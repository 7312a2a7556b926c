import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planBudget } from '../../../search/budget/plan.ts';
import { estimateTraining } from '../../../search/estimate.ts';
import { planSweep } from '../../../search/plan.ts';
import { describeBudgetPlan } from '../../../text/budget.ts';
import { specOf } from '../specs.ts';

const SIZE = { trainRows: 1000, descriptors: 9, energies: 20 };

function planned(budget: Record<string, unknown> | undefined, sampler: Record<string, unknown> = { trials: 600 }) {
  const space = { k: [1, 2], learningRate: { log: [0.001, 0.1] } };
  const spec = specOf({ space, seeds: 2, sampler: { random: sampler }, ...(budget && { budget }) });
  const plan = planSweep(spec, SIZE);
  const whole = estimateTraining(spec, plan, [], 2);
  return { whole, bought: planBudget(spec, plan, whole) };
}

test('a sweep without a budget buys nothing with it', () => {
  assert.equal(planned(undefined).bought, null);
});

test('half of the core-seconds that a sweep takes buy about half of it', () => {
  const { whole } = planned({ minutes: 1e9 });
  const { bought } = planned({ coreSeconds: whole.threadSeconds / 2 });
  assert.ok(bought);
  const part = bought.estimate.seconds / whole.seconds;
  // A method whose trials are cheaper than others buys more of its own.
  assert.ok(part > 0.4 && part <= 0.5 + 1e-9, `${part}`);
  assert.ok(bought.plan.methods.every(({ share }) => share === 1 / 3));
  assert.ok(bought.plan.methods.some(({ trials, planned: all }) => trials < all));
});

test('minutes buy the same part of each method', () => {
  const { whole } = planned({ minutes: 1e9 });
  const { bought } = planned({ minutes: whole.seconds / 60 / 4 });
  assert.ok(bought);
  assert.ok(Math.abs(bought.estimate.seconds - whole.seconds / 4) < 1e-9);
  assert.deepEqual(
    bought.plan.methods.map(({ share, trials }) => [share, trials]),
    [
      [null, 60],
      [null, 30],
      [null, 60],
    ],
  );
});

test('the smallest budget buys a configuration of each method and width', () => {
  const { bought } = planned({ coreSeconds: 1e-6 });
  assert.deepEqual(
    bought?.plan.methods.map(({ method, trials }) => [method, trials]),
    [
      ['ednn', 4],
      ['eca', 2],
      ['nnca', 4],
    ],
  );
});

test('a budget that is larger than the sweep buys all of it', () => {
  const { whole, bought } = planned({ coreSeconds: 1e9 });
  assert.deepEqual(bought?.estimate, whole);
});

test('what a budget buys is said in a sentence', () => {
  const text = (budget: Record<string, unknown>, sampler?: Record<string, unknown>) => {
    const { bought } = planned(budget, sampler);
    return bought && describeBudgetPlan(bought.plan);
  };
  assert.equal(text({ trials: 600 }, {}), '600 trials: EDNN 200 trials; ECA 200 trials; NNCA 200 trials');
  assert.match(text({ coreSeconds: 0.3 }) ?? '', /^0\.3 core-seconds: EDNN 0\.1 s, about \d+ of 240 trials; ECA 0\.1 s,/);
  assert.match(text({ minutes: 1 }) ?? '', /^1 minute: EDNN 240 trials; ECA 120 trials; NNCA 240 trials$/);
});
