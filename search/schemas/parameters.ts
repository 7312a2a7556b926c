/** Validation of the parameters of a search space. */
import { z } from 'zod';
import { ACTIVATIONS } from '../../models/networks/activations.ts';
import { OPTIMISERS } from '../../models/networks/network.ts';
import { STARTS } from '../../models/training/configuration.ts';
import { SCHEDULES } from '../../models/training/schedule.ts';
import type { Dimension, ParameterName, Point } from '../parameters.ts';
import { count, isDistinct, keyed, rising } from './keyed.ts';
import { layerForm, MAX_LAYERS } from './layers.ts';

/** Networks compute in single precision. */
const [SMALLEST, LARGEST] = [2 ** -126, 2 ** 127];
const BEYOND = 'is beyond the range of single precision, in which networks compute';

/** Two powers of the deviation are between the weights of the two scales of Y. */
const WEIGHTING_ENDS = 'is a power of the standard deviation: at least -2, and at most 2';

/** The values of each parameter, by its name. */
export const VALUES = {
  hidden: z.array(count).min(1, 'must name at least one width').max(MAX_LAYERS),
  activation: z.enum(ACTIVATIONS),
  layerNorm: z.boolean(),
  dropout: z.number().nonnegative().max(0.9, 'leaves next to nothing: at most 0.9'),
  optimiser: z.enum(OPTIMISERS),
  weightDecay: z.number().nonnegative().max(LARGEST, BEYOND),
  learningRate: z.number().positive({ abort: true }).min(SMALLEST, BEYOND).max(LARGEST, BEYOND),
  momentum: z.number().nonnegative().lt(1, 'must be below 1, or the velocity grows without end'),
  schedule: z.enum(SCHEDULES),
  warmUp: z.number().nonnegative().max(1, 'is a share of the training: at most 1'),
  targetWeighting: z.number().min(-2, WEIGHTING_ENDS).max(2, WEIGHTING_ENDS),
  batch: count,
  epochs: count.max(1_000_000),
  patience: z.int().nonnegative(),
  start: z.enum(STARTS),
} as const satisfies { readonly [Name in ParameterName]: z.ZodType<Required<Point>[Name]> };

/** A listed point: any of the parameters. */
export const point = keyed(VALUES).partial();

const range = rising(z.number());

/** Returns a check that both ends of a range are valid values, which says why one is not. */
const checkEnds =
  (value: z.ZodType) =>
  (ends: readonly number[], context: z.RefinementCtx): void => {
    const faulty = ends.map((end) => [end, value.safeParse(end)] as const).find(([, { success }]) => !success);
    if (!faulty) return;
    const [end, { error }] = faulty;
    context.addIssue({ code: 'custom', message: `has an end, ${end}, that is not a valid value: ${error?.issues[0]?.message}` });
  };

/** A constant, or one of { choice: [...] }, { log: [low, high] }, { uniform: [low, high] }. */
export function dimension<T>(value: z.ZodType<T>, ranges: 'none' | 'real' | 'whole') {
  const hasRanges = ranges !== 'none';
  const forms = keyed({
    choice: z
      .array(value)
      .min(1, 'the space is empty: name at least one value')
      .refine(isDistinct, 'names a value twice')
      .optional(),
    ...(hasRanges && {
      log: range
        .refine(([low]) => low > 0, 'must be above 0')
        .superRefine(checkEnds(value))
        .optional(),
      uniform: range.superRefine(checkEnds(value)).optional(),
    }),
  });
  return z.unknown().transform((input, context): Dimension<T> => {
    // A pipe goes on after some kinds of faults, with z.NEVER in place of a value.
    if (context.issues.length > 0) return z.NEVER;
    const isForm = input !== null && typeof input === 'object' && !Array.isArray(input);
    const parsed = (isForm ? forms : value).safeParse(input);
    if (!parsed.success) {
      if (Array.isArray(input) && z.array(value).min(1).safeParse(input).success) {
        context.issues.push({ code: 'custom', message: 'expected one value: a list of them is { choice: [...] }', input });
        return z.NEVER;
      }
      for (const issue of parsed.error.issues) context.issues.push({ ...issue, input } as (typeof context.issues)[number]);
      return z.NEVER;
    }
    if (!isForm) return { kind: 'constant', value: parsed.data as T };
    const form = parsed.data as { choice?: T[]; log?: [number, number]; uniform?: [number, number] };
    const given = Object.keys(form);
    if (given.length !== 1) {
      const message = `name exactly one of ${hasRanges ? 'choice, log, uniform' : 'choice'}`;
      context.issues.push({ code: 'custom', message, input });
      return z.NEVER;
    }
    if (form.choice) return { kind: 'choice', values: form.choice };
    const [low, high] = form.log ?? (form.uniform as [number, number]);
    return { kind: form.log ? 'log' : 'uniform', low, high, ...(ranges === 'whole' && { whole: true }) };
  });
}

/** A dimension, or { depth, width, taper }: the choice of all their combinations. */
export const hiddenDimension = layerForm.pipe(dimension(VALUES.hidden, 'none'));
