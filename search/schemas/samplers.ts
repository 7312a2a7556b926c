/** Validation of samplers: the settings of each, by its name. */
import { z } from 'zod';
import type { Point } from '../parameters.ts';
import { SAMPLER_NAMES, type SamplerName, type SamplerSpec, type SettingsOf } from '../samplers/table.ts';
import { count, keyed, oneOf } from './keyed.ts';
import { point } from './parameters.ts';

/** Trials of a sampler that names none: the budget decides. */
export const UNSTATED = 0;

/** Total number of trials, and the seed of their draws. */
const DRAWN = { trials: count.default(UNSTATED), seed: z.int().nonnegative().default(1) };
const drawn = keyed(DRAWN);

const SETTINGS = {
  grid: keyed({ steps: count.max(1000).default(3) }),
  random: drawn,
  sobol: drawn,
  tpe: keyed({ ...DRAWN, startup: count.default(10) }),
  gp: keyed({ ...DRAWN, startup: count.default(10) }),
  cmaes: keyed({ ...DRAWN, startup: count.default(10) }),
  list: z
    .array(point)
    .min(1, 'must list at least one point')
    .max(1000)
    .transform((points) => ({ points: points as readonly Partial<Point>[] })),
} satisfies { readonly [Name in SamplerName]: z.ZodType<SettingsOf<Name>> };

/** Exactly one sampler with its settings: { grid: { steps: 3 } }. */
export const sampler = oneOf<SamplerSpec>(SETTINGS, SAMPLER_NAMES);
