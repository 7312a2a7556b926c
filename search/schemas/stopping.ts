/** Validation of rules that stop trials early: the settings of each, by its name. */
import { z } from 'zod';
import type { HalvingSettings } from '../stopping/halving.ts';
import { NAMED_RULES, type NamedRule, type SettingsOf, type StoppingSpec } from '../stopping/table.ts';
import { count, keyed, oneOf } from './keyed.ts';

const rungs = z.int().min(2).max(20);

/** Defaults are left out, so that equal specs are stored equally. */
export const halving = keyed({
  reduction: z.int().min(2),
  rungs,
  brackets: count.default(1),
  asynchronous: z.boolean().default(false),
}).transform(
  ({ brackets, asynchronous, ...rest }): HalvingSettings => ({
    ...rest,
    ...(brackets > 1 && { brackets }),
    ...(asynchronous && { asynchronous }),
  }),
);

const CURVES = { rungs: rungs.default(4), grace: count.exactOptional() };

const SETTINGS = {
  median: keyed(CURVES),
  // How often a bound of three deviations is wrong: docs/decisions/0064-stopping-rules.md.
  extrapolate: keyed({ ...CURVES, deviations: z.number().positive().max(10).default(3) }),
} satisfies { readonly [Name in NamedRule]: z.ZodType<SettingsOf<Name>> };

/** Exactly one rule with its settings: { median: { rungs: 4 } }. */
export const stopping = oneOf<StoppingSpec>(SETTINGS, NAMED_RULES);
