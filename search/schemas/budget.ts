/** Validation of budgets. */
import { z } from 'zod';
import type { Budget } from '../spec.ts';
import { count, keyed } from './keyed.ts';

/** Maximum trials of a sweep: more are a typing error. */
export const MAX_TRIALS = 10_000_000;
/** Most seconds or minutes. */
const LONGEST = 1e9;

const amount = z.number().positive().max(LONGEST);

const AMOUNTS = { trials: count.max(MAX_TRIALS), coreSeconds: amount, minutes: amount };

/** Exactly one amount, divided by shares: { coreSeconds: 3600, shares: { ednn: 2 } }. */
export const budget = keyed({ ...AMOUNTS, shares: z.record(z.string(), z.number().positive().max(1000)) })
  .partial()
  .transform(({ shares, ...amounts }, context): Budget => {
    const refuse = (message: string, path: string[] = []) => {
      // An unknown key has been reported.
      if (context.issues.length === 0) context.issues.push({ code: 'custom', message, input: amounts, path });
      return z.NEVER;
    };
    if (Object.keys(amounts).length !== 1) return refuse(`name exactly one of ${Object.keys(AMOUNTS).join(', ')}`);
    if (shares === undefined || Object.keys(shares).length === 0) return amounts as Budget;
    if ('minutes' in amounts) return refuse('methods share the time as they share the trainers: leave it out', ['shares']);
    return { ...amounts, shares } as Budget;
  });
