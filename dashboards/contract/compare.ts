/** Sweeps beside one another: figures of each, contrasts where they were scored on the same rows, and whether they find the same subspaces. */
import { z } from '@hono/zod-openapi';
import { estimateSchema, methodSchema, orNull, rangeSchema } from './shared.ts';
import { sweepStatusSchema } from './sweeps.ts';

export const comparisonSchema = z
  .object({
    sweeps: z.array(z.string()),
    dataset: z.string(),
    target: z.string(),
    rows: z.array(
      z.object({
        method: methodSchema,
        k: z.int(),
        trials: z.int().openapi({ description: 'Seeds of the best configuration: what mean and interval are over.' }),
        configurationHash: z.string(),
        coveredVariance: estimateSchema,
        structureCoveredVariance: orNull(estimateSchema),
      }),
    ),
    contrasts: z.array(z.object({ k: z.int(), a: methodSchema, b: methodSchema, difference: rangeSchema, pairs: z.int() })),
    baselines: z.array(z.object({ name: z.string(), k: z.int().nullable(), coveredVariance: z.number() })),
  })
  .openapi('Comparison', { description: 'Of test figures; configurations are chosen on validation.' });

const anglesSchema = z.object({
  kind: z.literal('principal-angles'),
  angles: z.array(z.number()).openapi({ description: 'Between the subspaces that the components span: degrees, rising.' }),
});
const latentsSchema = z.object({
  kind: z.literal('latents'),
  cka: z.number().openapi({ description: 'Linear CKA of the latents on the same structures.' }),
  r2: z.array(z.number()).length(2).openapi({ description: "R2 of the second's latents from the first's, and the other way." }),
});

export const compareSchema = z
  .object({
    comparisons: z.array(
      z.object({
        sweep: sweepStatusSchema,
        comparison: orNull(comparisonSchema),
        reason: z.string().nullable().openapi({ description: 'Why there is no comparison.' }),
      }),
    ),
    pooled: orNull(comparisonSchema).openapi({
      description: 'Of all of them together, where they were scored on the same rows.',
    }),
    reason: z.string().nullable().openapi({ description: 'Why they are not pooled.' }),
    contrasts: comparisonSchema.shape.contrasts.openapi({
      description: 'Between methods, of the pooled comparison; empty where there is none.',
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
        description: 'By method and width, the figures of the sweeps side by side: what differs between versions of the data.',
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
        reason: z.string().nullable().openapi({ description: 'Why there are no cells.' }),
      }),
    ),
  })
  .openapi('Compare');

export type Compare = z.infer<typeof compareSchema>;
