/**
 * Schemas shared by several routes. Schemas of this folder validate requests, document
 * /openapi.json and type the pages.
 */
import { z } from '@hono/zod-openapi';
import { METHODS } from '../../models/methods/catalogue.ts';

export const methodSchema = z.enum(METHODS);

/** A score; null if missing, since JSON has no NaN. */
export const scoreSchema = z.number().nullable();

export const rangeSchema = z.object({ mean: z.number(), low: z.number(), high: z.number() }).openapi('Range', {
  description: 'A mean with its 95 % interval.',
});

export const estimateSchema = rangeSchema
  .extend({ best: z.number().openapi({ description: 'Score of the trial that is best on validation.' }) })
  .openapi('Estimate');

/** Makes a named schema nullable; `nullable()` would document it as the schema and null at once. */
export const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);

/** Scores of one method and width, at its best configuration. */
export const cellScoreSchema = z.object({
  method: methodSchema,
  k: z.int(),
  trials: z.int().openapi({ description: 'Seeds of the best configuration, which mean and interval are over.' }),
  coveredVariance: estimateSchema,
  structureCoveredVariance: orNull(estimateSchema),
});

/** Difference of two methods at one width, a - b. */
export const contrastSchema = z.object({ k: z.int(), a: methodSchema, b: methodSchema, difference: rangeSchema, pairs: z.int() });

export const baselineSchema = z.object({ name: z.string(), k: z.int().nullable(), coveredVariance: z.number() });

/** Reference to a dataset version. */
export const versionReferenceSchema = z.object({ name: z.string(), version: z.string() });

/** A problem of RFC 9457, with the `code` and `fix` of the command line. */
export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'about:blank' }),
    title: z.string(),
    status: z.int(),
    code: z.string().openapi({ example: 'sweep-unknown' }),
    detail: z.string(),
    path: z.string().optional().openapi({ description: 'Location: a key of a spec, a parameter, a column.' }),
    fix: z.string().optional(),
    errors: z
      .array(
        z.object({
          path: z.string(),
          line: z.int().optional(),
          column: z.int().optional(),
          message: z.string(),
          fix: z.string().optional(),
        }),
      )
      .optional()
      .openapi({ description: 'Every error of a spec, with its line.' }),
  })
  .openapi('Problem');

/** Schema of one page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    matched: z.int().openapi({ description: 'Number of items that match the filter.' }),
    total: z.int().openapi({ description: 'Number of items without the filter.' }),
    next: z.string().nullable().openapi({ description: 'Cursor of the next page; null on the last one.' }),
  });

export type Problem = z.infer<typeof problemSchema>;
export type Range = z.infer<typeof rangeSchema>;
export type Estimate = z.infer<typeof estimateSchema>;
export interface Page<T> {
  readonly items: readonly T[];
  readonly matched: number;
  readonly total: number;
  readonly next: string | null;
}
