/** Results of trained models for new structures. */
import { z } from '@hono/zod-openapi';
import { methodSchema, named } from './shared.ts';

/** Rows computed in one request; the command line takes any number. */
const MAX_ROWS = 2000;

export const applyRequestSchema = z
  .object({
    k: z.int().min(1).optional().describe('Rank of an ECA trial; default: the highest.'),
    rows: z.array(z.array(z.number())).min(1).max(MAX_ROWS).optional().describe('X: one row per structure, in physical units.'),
    structures: z
      .string()
      .min(1)
      .optional()
      .describe('Or structures as the text of an xyz file or a feff.inp, described as the dataset is.'),
  })
  .refine(({ rows, structures }) => (rows === undefined) !== (structures === undefined), 'give rows or structures')
  .refine(({ rows = [] }) => rows.every(({ length }) => length === rows[0]?.length), {
    message: 'the rows differ in length',
    path: ['rows'],
  });

export const appliedSchema = named('Applied', {
  trialId: z.string(),
  method: methodSchema,
  k: z.int(),
  rows: z.array(z.array(z.number())).describe('Spectra or latents, one row per row of X.'),
  warnings: z
    .array(
      z.object({
        code: z.literal('structure-far'),
        row: z.int(),
        descriptor: z.string(),
        value: z.number(),
        low: z.number(),
        high: z.number(),
        message: z.string(),
      }),
    )
    .describe('Rows far outside the ranges of the training structures.'),
});

export type Applied = z.infer<typeof appliedSchema>;
