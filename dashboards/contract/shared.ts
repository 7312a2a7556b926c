/** Shapes that many answers share. zod here says at once what is validated, what /openapi.json documents and what the pages are typed by. */
import { z } from '@hono/zod-openapi';
import { METHODS } from '../../models/methods/catalogue.ts';

export const methodSchema = z.enum(METHODS);

/** null where there is no figure: JSON knows no NaN. */
export const figureSchema = z.number().nullable();

export const rangeSchema = z.object({ mean: z.number(), low: z.number(), high: z.number() }).openapi('Range', {
  description: 'A mean with its 95 % interval.',
});

export const estimateSchema = rangeSchema
  .extend({ best: z.number().openapi({ description: 'Of the trial that is best on validation.' }) })
  .openapi('Estimate');

/** Of a schema with a name: `nullable()` would be documented as that schema and null at once. */
export const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);

/** RFC 9457, with the `code` and `fix` that the command line prints too. */
export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'about:blank' }),
    title: z.string(),
    status: z.int(),
    code: z.string().openapi({ example: 'sweep-unknown' }),
    detail: z.string(),
    path: z.string().optional().openapi({ description: 'Where: a key of a spec, a parameter, a column.' }),
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
      .openapi({ description: 'Every fault of a spec, with its line.' }),
  })
  .openapi('Problem');

/** A page of a list: `matched` of `total`, never a silent cap. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    matched: z.int().openapi({ description: 'How many satisfy the filter.' }),
    total: z.int().openapi({ description: 'How many there are.' }),
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
