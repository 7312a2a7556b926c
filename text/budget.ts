/** Budgets as sentences. */
import type { Method } from '../models/methods/catalogue.ts';
import type { BudgetPlan } from '../search/budget/plan.ts';
import type { Budget } from '../search/spec.ts';
import { METHOD_STYLES } from './methods.ts';

/** '600 trials', '3600 core-seconds', '30 minutes'. */
export function describeBudget(budget: Budget): string {
  if ('trials' in budget) return `${budget.trials} trials`;
  if ('minutes' in budget) return budget.minutes === 1 ? '1 minute' : `${budget.minutes} minutes`;
  return `${budget.coreSeconds} core-seconds`;
}

/** '3600 core-seconds: EDNN 1800 s, about 90 of 400 trials; ECA 1800 s, 40 trials'. */
export function describeBudgetPlan({ budget, methods }: BudgetPlan): string {
  const parts = methods.map(({ method, share, trials, planned }) => {
    const amount = 'coreSeconds' in budget && share !== null ? ` ${formatShare(budget.coreSeconds * share)} s,` : '';
    const bought = trials === planned ? `${planned} trials` : `about ${trials} of ${planned} trials`;
    return `${METHOD_STYLES[method].label}${amount} ${bought}`;
  });
  return `${describeBudget(budget)}: ${parts.join('; ')}`;
}

/** '1800', '0.33'. */
const formatShare = (amount: number): string => (amount < 10 ? String(Number(amount.toPrecision(2))) : amount.toFixed(0));

/** Says that a budget is spent, by these of the methods, and how many trials are left out. */
export function describeSpentBudget(
  budget: Budget,
  methods: readonly Method[],
  spent: readonly Method[],
  leftOut: number,
): string {
  const names = spent.map((method) => METHOD_STYLES[method].label).join(' and ');
  const whose = spent.length === methods.length ? '' : ` share of ${names} in the`;
  return `the${whose} budget of ${describeBudget(budget)} is spent: ${leftOut} ${leftOut === 1 ? 'trial is' : 'trials are'} left out`;
}
