/** Validation of budgets. */
import { z } from 'zod';
import type { Budget } from '../spec.ts';
import { count, keyed } from './keyed.ts';

/** Most seconds and minutes: more are a typing error. */
const LONGEST = 1e9;

const amount = z.number().positive().max(LONGEST);

const LIMITS = { trials: count, coreSeconds: amount, minutes: amount };

/** Exactly one limit, divided by shares: { coreSeconds: 3600, shares: { ednn: 2 } }. */
export const budget = keyed({ ...LIMITS, shares: z.record(z.string(), z.number().positive().max(1000)) })
  .partial()
  .transform(({ shares, ...limits }, context): Budget => {
    const refuse = (message: string, path: string[] = []) => {
      context.issues.push({ code: 'custom', message, input: limits, path });
      return z.NEVER;
    };
    if (Object.keys(limits).length !== 1) return refuse(`name exactly one of ${Object.keys(LIMITS).join(', ')}`);
    if (shares === undefined) return limits as Budget;
    if ('minutes' in limits) return refuse('methods share the time as they share the trainers: leave it out', ['shares']);
    return { ...limits, shares } as Budget;
  });
