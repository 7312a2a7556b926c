/** Comparison of sweeps: scores, contrasts between methods, agreement of subspaces. */
import { z } from '@hono/zod-openapi';
import {
  baselineSchema,
  cellEffortSchema,
  cellScoreSchema,
  contrastSchema,
  estimateSchema,
  listOf,
  methodSchema,
  named,
  orNull,
  sufficiencySchema,
} from './shared.ts';
import { sweepStatusSchema } from './sweeps.ts';

const comparison = {
  sweeps: z.array(z.string()),
  dataset: z.string(),
  target: z.string(),
  rows: z.array(cellScoreSchema.extend({ configurationHash: z.string() })),
  contrasts: z.array(contrastSchema),
  baselines: z.array(baselineSchema),
  sufficiency: z.array(sufficiencySchema).optional().describe('Which widths are enough; missing from older comparisons.'),
  efforts: z.array(cellEffortSchema).optional().describe('The search, by method and width; missing from older comparisons.'),
};
const comparisonSchema = named('Comparison', comparison, {
  description: 'On test rows; configurations are selected on validation rows.',
});

const anglesSchema = z.object({
  kind: z.literal('principal-angles'),
  angles: z.array(z.number()).describe('Principal angles between the spans of the components, in degrees, ascending.'),
});
const latentsSchema = z.object({
  kind: z.literal('latents'),
  cka: z.number().describe('Linear CKA of the latents on the same structures.'),
  r2: z.array(z.number()).length(2).describe('R2 of the second latents predicted from the first, and vice versa.'),
});

export const compareSchema = named('Compare', {
  comparisons: listOf({
    sweep: sweepStatusSchema,
    comparison: orNull(comparisonSchema),
    reason: z.string().nullable().describe('Why the comparison is missing.'),
  }),
  pooled: orNull(comparisonSchema).describe('All sweeps pooled, if they were scored on the same rows.'),
  reason: z.string().nullable().describe('Why the sweeps are not pooled.'),
  warnings: z.array(z.string()).describe('Methods and widths whose scores mix engines, or were chosen from more configurations.'),
  contrasts: comparison.contrasts.describe('Contrasts between methods in the pooled comparison; empty without one.'),
  figures: listOf({
    method: methodSchema,
    k: z.int(),
    sweeps: listOf({ sweepId: z.string(), dataset: z.string(), trials: z.int(), coveredVariance: estimateSchema }),
  }).describe('Scores of the sweeps by method and width.'),
  agreement: listOf({
    sweeps: z.array(z.string()).length(2),
    cells: listOf({
      method: methodSchema,
      k: z.int(),
      trials: z.array(z.string()).length(2),
      agreement: z.discriminatedUnion('kind', [anglesSchema, latentsSchema]),
    }),
    reason: z.string().nullable().describe('Why cells are missing.'),
  }),
});

export type Compare = z.infer<typeof compareSchema>;
