/** Comparison of sweeps: scores, contrasts between methods, agreement of subspaces. */
import { z } from '@hono/zod-openapi';
import { baselineSchema, cellScoreSchema, contrastSchema, estimateSchema, methodSchema, orNull } from './shared.ts';
import { sweepStatusSchema } from './sweeps.ts';

const comparisonSchema = z
  .object({
    sweeps: z.array(z.string()),
    dataset: z.string(),
    target: z.string(),
    rows: z.array(cellScoreSchema.extend({ configurationHash: z.string() })),
    contrasts: z.array(contrastSchema),
    baselines: z.array(baselineSchema),
  })
  .openapi('Comparison', { description: 'On test rows; configurations are selected on validation rows.' });

const anglesSchema = z.object({
  kind: z.literal('principal-angles'),
  angles: z
    .array(z.number())
    .openapi({ description: 'Principal angles between the spans of the components, in degrees, ascending.' }),
});
const latentsSchema = z.object({
  kind: z.literal('latents'),
  cka: z.number().openapi({ description: 'Linear CKA of the latents on the same structures.' }),
  r2: z
    .array(z.number())
    .length(2)
    .openapi({ description: 'R2 of the second latents predicted from the first, and vice versa.' }),
});

export const compareSchema = z
  .object({
    comparisons: z.array(
      z.object({
        sweep: sweepStatusSchema,
        comparison: orNull(comparisonSchema),
        reason: z.string().nullable().openapi({ description: 'Why the comparison is missing.' }),
      }),
    ),
    pooled: orNull(comparisonSchema).openapi({
      description: 'All sweeps pooled, if they were scored on the same rows.',
    }),
    reason: z.string().nullable().openapi({ description: 'Why the sweeps are not pooled.' }),
    contrasts: comparisonSchema.shape.contrasts.openapi({
      description: 'Contrasts between methods in the pooled comparison; empty without one.',
    }),
    figures: z
      .array(
        z.object({
          method: methodSchema,
          k: z.int(),
          sweeps: z.array(
            z.object({ sweepId: z.string(), dataset: z.string(), trials: z.int(), coveredVariance: estimateSchema }),
          ),
        }),
      )
      .openapi({
        description: 'Scores of the sweeps by method and width.',
      }),
    agreement: z.array(
      z.object({
        sweeps: z.array(z.string()).length(2),
        cells: z.array(
          z.object({
            method: methodSchema,
            k: z.int(),
            trials: z.array(z.string()).length(2),
            agreement: z.discriminatedUnion('kind', [anglesSchema, latentsSchema]),
          }),
        ),
        reason: z.string().nullable().openapi({ description: 'Why cells are missing.' }),
      }),
    ),
  })
  .openapi('Compare');

export type Compare = z.infer<typeof compareSchema>;
