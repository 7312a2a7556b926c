import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeBudget, describeSpentBudget } from '../../text/budget.ts';

test('a budget is described with its unit', () => {
  const budgets = [{ trials: 600 }, { coreSeconds: 3600 }, { minutes: 30 }, { minutes: 1 }, { minutes: 0.5 }];
  assert.deepEqual(budgets.map(describeBudget), ['600 trials', '3600 core-seconds', '30 minutes', '1 minute', '0.5 minutes']);
});

test('a spent budget is described by the methods that have spent their part', () => {
  const methods = ['ednn', 'eca', 'nnca'] as const;
  assert.equal(
    describeSpentBudget({ minutes: 30 }, methods, methods, 340),
    'the budget of 30 minutes is spent: 340 trials are left out',
  );
  assert.equal(
    describeSpentBudget({ coreSeconds: 90 }, methods, ['ednn', 'nnca'], 1),
    'the share of EDNN and NNCA in the budget of 90 core-seconds is spent: 1 trial is left out',
  );
});
