/** Validation of samplers: the settings of each, by its name. */
import { z } from 'zod';
import { OBJECTIVE_NAMES } from '../../models/evaluation/objectives.ts';
import { suggestNearest } from '../fault.ts';
import type { Point } from '../parameters.ts';
import { DEFAULT_OBJECTIVES } from '../samplers/objectives.ts';
import { SAMPLER_NAMES, type SamplerName, type SettingsOf, type Stated, type StatedSampler } from '../samplers/table.ts';
import { MAX_TRIALS } from './budget.ts';
import { count, isDistinct, keyed, oneOf } from './keyed.ts';
import { point } from './parameters.ts';

/** Trials of a sampler that names none: the budget decides. */
export const UNSTATED = 0;

/** Total number of trials, and the seed of their draws. */
const DRAWN = { trials: count.max(MAX_TRIALS).default(UNSTATED), seed: z.int().nonnegative().default(1) };
const drawn = keyed(DRAWN);

const objective = z.enum(OBJECTIVE_NAMES, {
  error: ({ input }) => `${JSON.stringify(input)} is not an objective; ${suggestNearest(String(input), DEFAULT_OBJECTIVES)}`,
});
const objectives = z
  .array(objective)
  .min(1, 'must name at least one objective')
  .refine(isDistinct, 'names an objective twice')
  .transform((names) => ({ names }));

const SETTINGS = {
  grid: keyed({ steps: count.max(1000).default(3) }),
  random: drawn,
  sobol: drawn,
  tpe: keyed({ ...DRAWN, startup: count.default(10), objectives: objectives.optional(), share: z.boolean().optional() }),
  gp: keyed({ ...DRAWN, startup: count.default(10) }),
  cmaes: keyed({ ...DRAWN, startup: count.default(10) }),
  nsga2: keyed({ ...DRAWN, startup: count.default(16), objectives: objectives.prefault([...DEFAULT_OBJECTIVES]) }),
  list: z
    .array(point)
    .min(1, 'must list at least one point')
    .max(1000)
    .transform((points) => ({ points: points as readonly Partial<Point>[] })),
} satisfies { readonly [Name in SamplerName]: z.ZodType<Stated<SettingsOf<Name>>> };

/** Exactly one sampler with its settings: { grid: { steps: 3 } }. */
export const sampler = oneOf<StatedSampler>(SETTINGS, SAMPLER_NAMES);
