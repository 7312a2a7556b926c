/** Shared schemas. Those of this folder validate requests, document the API and type the pages. */
import { z } from '@hono/zod-openapi';
import type { ComparisonRow } from '../../models/evaluation/comparison.ts';
import { METHODS } from '../../models/methods/catalogue.ts';

/** Declares an object that /openapi.json lists under this name. */
export const named = <Shape extends z.ZodRawShape>(name: string, shape: Shape, about: { description?: string } = {}) =>
  z.object(shape).openapi(name, about);

/** Declares a named object with the properties of another one and more. */
export const extended = <Base extends z.ZodRawShape, Shape extends z.ZodRawShape>(
  name: string,
  base: z.ZodObject<Base>,
  shape: Shape,
) => base.extend(shape).openapi(name);

/** Text without U+0000, the one character that Postgres cannot compare or store. */
export const textSchema = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\0'), 'must not contain the character U+0000');

/** A name or an id. */
export const keySchema = textSchema(1000).min(1);

/** Declares a list of objects. */
export const listOf = <Shape extends z.ZodRawShape>(shape: Shape) => z.array(z.object(shape));

export const methodSchema = z.enum(METHODS);

/** A score; null if missing, since JSON has no NaN. */
export const scoreSchema = z.number().nullable();

const range = { mean: z.number(), low: z.number(), high: z.number() };
export const rangeSchema = named('Range', range, { description: 'A mean with its 95 % interval.' });

/** The coverage of an interval; comparisons stored before intervals had parts lack it. */
const interval = {
  parts: z
    .object({ seeds: scoreSchema, rows: scoreSchema, partitions: scoreSchema })
    .optional()
    .describe('Half-widths of 95 % intervals over one source of error alone; null where the interval leaves it out.'),
  units: z
    .union([z.object({ kind: z.enum(['rows', 'groups', 'partitions']), count: z.int() }), z.null()])
    .optional()
    .describe('Units besides seeds that the interval covers; null: seeds alone, or nothing.'),
};

export const estimateSchema = extended('Estimate', rangeSchema, {
  best: z.number().describe('Score of the trial that is best on validation.'),
  median: z.number().optional().describe('Median over seeds.'),
  ...interval,
});

/** A difference, a shortfall or the score of a reference. */
export const intervalSchema = extended('Interval', rangeSchema, interval);

/** Makes a named schema nullable; `nullable()` would document it as the schema and null at once. */
export const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);

const effort = {
  configurations: z.int(),
  trials: z.int(),
  epochs: z.number(),
  coreSeconds: z.number().optional().describe('Seconds of one core in training; missing from older comparisons.'),
};

/** The search of a method at a width; of ECA, at its highest rank. */
export const cellEffortSchema = named('CellEffort', { method: methodSchema, k: z.int(), ...effort });

/** Scores of one method and width, at its best configuration: every metric of a comparison. */
export const cellScoreSchema = z.object({
  method: methodSchema,
  k: z.int(),
  trials: z.int().describe('Seeds of the best configuration, which mean and interval are over.'),
  coveredVariance: estimateSchema,
  structureCoveredVariance: orNull(estimateSchema),
  otherOptimum: z.array(z.number()).readonly().optional().describe('Seeds that ended in another optimum than the rest.'),
  effort: z
    .object(effort)
    .optional()
    .describe('What was tried until the best configuration was chosen, however it ended; for ECA the same for all ranks.'),
  engines: z
    .record(z.string(), z.int())
    .readonly()
    .optional()
    .describe('Number of these trials by the engine that trained them; missing from older comparisons.'),
} satisfies Readonly<Record<Exclude<keyof ComparisonRow, 'configurationHash'>, z.ZodType>>);

/** Difference of two methods at one width, a - b. */
export const contrastSchema = z.object({
  k: z.int(),
  a: methodSchema,
  b: methodSchema,
  difference: intervalSchema,
  pairs: z.int(),
  p: z.number().optional().describe('Two-sided p-value of no difference; 1 for one pair of seeds.'),
  adjustedP: z.number().optional().describe('The same, adjusted by Holm for the number of contrasts.'),
  resolved: z.boolean().optional().describe('Whether the adjusted p-value is below 0.05.'),
});

/** Whether a method at a width falls short of the emulator by less than a margin. */
export const sufficiencySchema = z.object({
  method: methodSchema,
  k: z.int(),
  reference: z.enum(['emulator', 'variance']).describe('variance: 1, where the sweep trained no emulator.'),
  shortfall: intervalSchema,
  margin: z.number(),
  adjustedP: z.number().describe('One-sided p-value of a shortfall of the margin or more, adjusted by Holm.'),
  enough: z.boolean().describe('Whether the adjusted p-value is below 0.05.'),
});

/** The smallest width of a method that comes within a margin of the full emulator. */
export const widthAnswerSchema = z.object({
  method: methodSchema,
  k: z.int().nullable().describe('Smallest width that suffices among those tried; null: none does.'),
  low: z.int().describe('With high: the 95 % interval of k, over seeds.'),
  high: z.int().nullable().describe('null: no width was tried that is certain to suffice.'),
  coveredVariance: scoreSchema.describe('Of validation rows at k, mean over seeds.'),
  full: scoreSchema.describe('The same of the full emulator; null: it has no score.'),
  margin: z.number(),
  max: z.int().describe('Widest width that may be tried.'),
  tried: z
    .array(z.object({ k: z.int(), coveredVariance: scoreSchema }))
    .readonly()
    .describe('By rising width.'),
});

export const baselineSchema = z.object({
  name: z.string(),
  k: z.int().nullable(),
  coveredVariance: z.number(),
  estimate: intervalSchema.optional().describe('The same with its interval.'),
});

/** Reference to a dataset version. */
export const versionReferenceSchema = z.object({ name: z.string(), version: z.string() });

/** A problem of RFC 9457, with the `code` and `fix` of the command line. */
export const problemSchema = named('Problem', {
  type: z.string().openapi({ example: 'about:blank' }),
  title: z.string(),
  status: z.int(),
  code: z.string().openapi({ example: 'sweep-unknown' }),
  detail: z.string(),
  path: z.string().optional().describe('Location: a key of a spec, a parameter, a column.'),
  fix: z.string().optional(),
  errors: listOf({
    path: z.string(),
    line: z.int().optional(),
    column: z.int().optional(),
    message: z.string(),
    fix: z.string().optional(),
  })
    .optional()
    .describe('Every error of a spec, with its line.'),
});

/** Schema of one page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    matched: z.int().describe('Number of items that match the filter.'),
    total: z.int().describe('Number of items without the filter.'),
    next: z.string().nullable().describe('Cursor of the next page; null on the last one.'),
  });

export type Problem = z.infer<typeof problemSchema>;
export type Range = z.infer<typeof rangeSchema>;
export type Estimate = z.infer<typeof estimateSchema>;
export type Page<T> = Omit<z.infer<ReturnType<typeof pageOf>>, 'items'> & { readonly items: readonly T[] };
