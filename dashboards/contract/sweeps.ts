/** Sweeps: as they stand, as they were asked for, and what may be done to them. */
import { z } from '@hono/zod-openapi';
import { SWEEP_STATES } from '../../search/states.ts';
import { estimateSchema, figureSchema, methodSchema, orNull, rangeSchema } from './shared.ts';

export const countsSchema = z
  .object({
    planned: z.int(),
    running: z.int(),
    completed: z.int(),
    pruned: z.int(),
    diverged: z.int(),
    failed: z.int(),
  })
  .openapi('Counts');

/** The command line's `sweep show --output json`, with its revision. */
export const sweepStatusSchema = z
  .object({
    sweepId: z.string(),
    name: z.string(),
    state: z.enum(SWEEP_STATES),
    counts: countsSchema,
    dataset: z.object({ name: z.string(), version: z.string() }),
    target: z.string(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    secondsElapsed: z.number(),
    secondsLeft: z.number().nullable(),
    revision: z.int().openapi({ description: 'Rises with everything that is written about the sweep.' }),
  })
  .openapi('SweepStatus');

export const sweepSummarySchema = sweepStatusSchema
  .extend({
    best: z
      .array(z.object({ method: methodSchema, k: z.int(), trialId: z.string(), validation: z.number() }))
      .openapi({ description: 'The best trial on validation of each method, over all widths.' }),
    pace: z.array(z.int()).openapi({ description: 'Trials that ended in each of 24 equal spans from start to now or end.' }),
  })
  .openapi('SweepSummary');

export const sweepDetailSchema = sweepStatusSchema
  .extend({
    message: z.string().nullable(),
    spec: z.record(z.string(), z.unknown()).openapi({ description: 'As validated, defaults filled in.' }),
    yaml: z.string().openapi({ description: 'The same as a spec file.' }),
    codeVersion: z.string(),
    widths: z.array(z.int()).openapi({ description: 'k of the space, rising.' }),
    methods: z.array(z.object({ method: methodSchema, ended: z.int(), planned: z.int() })),
    parameters: z
      .array(
        z.object({
          name: z.string(),
          kind: z.enum(['constant', 'choice', 'log', 'uniform']),
          values: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
          low: z.number().optional(),
          high: z.number().optional(),
        }),
      )
      .openapi({ description: 'The parameters of the space; those that vary are worth an axis.' }),
    temporalUrl: z.string().nullable().openapi({ description: "The workflow in Temporal's own pages, where they are." }),
    hasInterpretation: z.boolean().openapi({ description: 'There is one to ask for.' }),
  })
  .openapi('SweepDetail');

const REVISION =
  'That the answer is of. Of a sweep that runs it may be some seconds behind the newest: asked again later, the answer catches up.';

export const coverageSchema = z
  .object({
    sweepId: z.string(),
    revision: z.int().openapi({ description: REVISION }),
    split: z.enum(['validation', 'test']),
    trials: z.int().openapi({ description: 'Completed trials behind the figures.' }),
    planned: z.int(),
    rows: z.array(
      z.object({
        method: methodSchema,
        k: z.int(),
        trials: z.int().openapi({ description: 'Seeds of the best configuration: what mean and interval are over.' }),
        configurations: z.int(),
        coveredVariance: estimateSchema,
        structureCoveredVariance: orNull(estimateSchema),
        bestTrial: z.string(),
      }),
    ),
    contrasts: z.array(z.object({ k: z.int(), a: methodSchema, b: methodSchema, difference: rangeSchema, pairs: z.int() })),
    emulator: orNull(rangeSchema).openapi({ description: 'The full emulator, over its seeds: the upper reference.' }),
    baselines: z.array(z.object({ name: z.string(), k: z.int().nullable(), coveredVariance: z.number() })),
  })
  .openapi('Coverage');

export const importanceSchema = z
  .object({
    sweepId: z.string(),
    revision: z.int().openapi({ description: REVISION }),
    method: methodSchema.nullable().openapi({ description: 'Of the trials of one method; null: of all.' }),
    trials: z.int().openapi({ description: 'Trials that the forest was grown on.' }),
    matched: z.int().openapi({ description: 'Trials that have a figure.' }),
    r2: figureSchema.openapi({
      description: 'Out-of-bag R2 of the forest: below about 0.3 its importances say little. null: too few trials for a forest.',
    }),
    parameters: z.array(z.object({ name: z.string(), importance: z.number(), low: z.number(), high: z.number() })).openapi({
      description:
        "Most important first: Sobol's total index, estimated by permutation. 1: decides the figure alone; 0: decides nothing. They need not sum to 1.",
    }),
  })
  .openapi('Importance');

export const histogramSchema = z
  .object({
    sweepId: z.string(),
    revision: z.int(),
    column: z.string(),
    matched: z.int(),
    missing: z.int().openapi({ description: 'Of those, trials without a value in this column.' }),
    bins: z.array(z.object({ from: z.number(), to: z.number(), count: z.int() })).nullable(),
    words: z
      .array(z.object({ word: z.string(), count: z.int() }))
      .nullable()
      .openapi({ description: 'Of a column of words.' }),
  })
  .openapi('Histogram');

export const planSchema = z
  .object({
    sweeps: z.array(
      z.object({
        name: z.string(),
        target: z.string(),
        dataset: z.object({ name: z.string(), version: z.string(), rows: z.int() }),
        trials: z.int(),
        packs: z.int(),
        byMethod: z.array(z.object({ method: methodSchema, trials: z.int() })),
        secondsEstimate: z.number().nullable(),
      }),
    ),
  })
  .openapi('Plan');

export const startedSchema = z.object({ sweeps: z.array(sweepStatusSchema) }).openapi('Started');

/** As text of a spec file, so that a fault can be shown at its line. */
export const specRequestSchema = z
  .object({ spec: z.string().min(1).max(200_000).openapi({ description: 'YAML or JSON.' }), name: z.string().optional() })
  .strict()
  .openapi('SpecRequest');

export const retryRequestSchema = z
  .object({ failedOnly: z.boolean().default(false) })
  .strict()
  .openapi('RetryRequest');

export type SweepStatus = z.infer<typeof sweepStatusSchema>;
export type SweepSummary = z.infer<typeof sweepSummarySchema>;
export type SweepDetail = z.infer<typeof sweepDetailSchema>;
export type Coverage = z.infer<typeof coverageSchema>;
export type Importance = z.infer<typeof importanceSchema>;
export type Histogram = z.infer<typeof histogramSchema>;
export type Plan = z.infer<typeof planSchema>;
export type Started = z.infer<typeof startedSchema>;
