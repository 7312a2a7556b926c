/** The rules that stop trials early. A new one is a line here and one in schemas/stopping.ts. */
import { extrapolate } from './extrapolation.ts';
import { type HalvingSettings, halving } from './halving.ts';
import { median } from './median.ts';
import type { CurveRule, ScoreRule, StoppingRule } from './rule.ts';

/** Rules that a spec names under `stopping`; halving has a key of its own. */
const NAMED = { median, extrapolate };
const RULES = { halving, ...NAMED };

type Table = typeof RULES;
export type NamedRule = keyof typeof NAMED;
export const NAMED_RULES = Object.keys(NAMED) as readonly NamedRule[];

export type SettingsOf<Name extends keyof Table> = Table[Name] extends ScoreRule<infer Settings> | CurveRule<infer Settings>
  ? Settings
  : never;

type SpecOf<Name extends keyof Table> = { [Key in Name]: { readonly kind: Key } & SettingsOf<Key> }[Name];

/** A rule with its settings, as specs are stored under `stopping`. */
export type StoppingSpec = SpecOf<NamedRule>;

/** A rule with its settings. */
export type RuleSpec = SpecOf<keyof Table>;

/** The parts of a spec that stop trials early: one of them at most. */
export interface StoppingParts {
  readonly halving: HalvingSettings | null;
  readonly stopping?: StoppingSpec;
}

/** Returns the rule of a sweep with its settings; null where all trials are trained to the end. */
export const stoppingOf = ({ halving, stopping }: StoppingParts): RuleSpec | null =>
  halving ? { kind: 'halving', ...halving } : (stopping ?? null);

/** Returns the key of a spec under which a rule is stated. */
export const keyOf = ({ kind }: RuleSpec): keyof StoppingParts => (kind === 'halving' ? 'halving' : 'stopping');

/** Returns the rule, whose settings are this part of the spec. */
export const ruleOf = ({ kind }: RuleSpec): StoppingRule<RuleSpec> => RULES[kind] as StoppingRule<RuleSpec>;

/** Returns the epoch at which each rung of a sweep ends; one where no trial is stopped early. */
export function rungEnds(parts: StoppingParts, epochs: number): readonly number[] {
  const stopping = stoppingOf(parts);
  return stopping ? ruleOf(stopping).rungEpochs(stopping, epochs) : [epochs];
}
