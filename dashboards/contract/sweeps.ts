/** Sweeps: state, spec, aggregates over trials, and actions. */
import { z } from '@hono/zod-openapi';
import { SWEEP_STATES } from '../../search/states.ts';
import {
  baselineSchema,
  cellScoreSchema,
  contrastSchema,
  methodSchema,
  orNull,
  rangeSchema,
  scoreSchema,
  versionReferenceSchema,
} from './shared.ts';

const countsSchema = z
  .object({
    planned: z.int(),
    running: z.int(),
    completed: z.int(),
    pruned: z.int(),
    diverged: z.int(),
    failed: z.int(),
  })
  .openapi('Counts');

/** `narrows sweep show --output json`, with its revision. */
export const sweepStatusSchema = z
  .object({
    sweepId: z.string(),
    name: z.string(),
    state: z.enum(SWEEP_STATES),
    message: z.string().nullable().openapi({ description: 'Why the sweep, or some of its trials, failed.' }),
    counts: countsSchema,
    dataset: versionReferenceSchema,
    target: z.string(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    secondsElapsed: z.number(),
    secondsLeft: z.number().nullable(),
    revision: z.int().openapi({ description: 'Rises with every write to the sweep.' }),
  })
  .openapi('SweepStatus');

export const sweepSummarySchema = sweepStatusSchema
  .extend({
    best: z
      .array(z.object({ method: methodSchema, k: z.int(), trialId: z.string(), validation: z.number() }))
      .openapi({ description: 'The best trial of each method on validation, over all widths.' }),
    pace: z.array(z.int()).openapi({ description: 'Trials that finished in each of 24 equal spans from start to now or end.' }),
  })
  .openapi('SweepSummary');

export const sweepDetailSchema = sweepStatusSchema
  .extend({
    spec: z.record(z.string(), z.unknown()).openapi({ description: 'Validated spec with defaults.' }),
    yaml: z.string().openapi({ description: 'The spec as a file.' }),
    codeVersion: z.string(),
    widths: z.array(z.int()).openapi({ description: 'Values of k in the space, ascending.' }),
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
      .openapi({ description: 'Parameters of the space.' }),
    temporalUrl: z.string().nullable().openapi({ description: 'URL of the workflow in the Temporal UI, if that runs.' }),
    hasInterpretation: z.boolean().openapi({ description: 'Whether an interpretation is available.' }),
  })
  .openapi('SweepDetail');

const REVISION = 'Revision that the response describes; for a running sweep possibly a few seconds behind the newest.';

export const coverageSchema = z
  .object({
    sweepId: z.string(),
    revision: z.int().openapi({ description: REVISION }),
    split: z.enum(['validation', 'test']),
    trials: z.int().openapi({ description: 'Number of completed trials.' }),
    planned: z.int(),
    rows: z.array(cellScoreSchema.extend({ configurations: z.int(), bestTrial: z.string() })),
    contrasts: z.array(contrastSchema),
    emulator: orNull(rangeSchema).openapi({ description: 'The full emulator over its seeds: an upper reference.' }),
    baselines: z.array(baselineSchema),
  })
  .openapi('Coverage');

export const importanceSchema = z
  .object({
    sweepId: z.string(),
    revision: z.int().openapi({ description: REVISION }),
    method: methodSchema.nullable().openapi({ description: 'Method of the trials; null: all.' }),
    trials: z.int().openapi({ description: 'Trials that the forest was fitted to.' }),
    matched: z.int().openapi({ description: 'Trials with a score.' }),
    r2: scoreSchema.openapi({
      description: 'Out-of-bag R2 of the forest; below about 0.3 its importances mean little. null: too few trials.',
    }),
    parameters: z.array(z.object({ name: z.string(), importance: z.number(), low: z.number(), high: z.number() })).openapi({
      description:
        'Sobol total indices estimated by permutation, largest first. 1: determines the score alone; 0: no effect. They need not sum to 1.',
    }),
  })
  .openapi('Importance');

export const histogramSchema = z
  .object({
    sweepId: z.string(),
    revision: z.int(),
    column: z.string(),
    matched: z.int(),
    missing: z.int().openapi({ description: 'Matched trials without a value in this column.' }),
    bins: z.array(z.object({ from: z.number(), to: z.number(), count: z.int() })).nullable(),
    words: z
      .array(z.object({ word: z.string(), count: z.int() }))
      .nullable()
      .openapi({ description: 'Counts of a categorical column.' }),
  })
  .openapi('Histogram');

export const planSchema = z
  .object({
    sweeps: z.array(
      z.object({
        name: z.string(),
        target: z.string(),
        dataset: versionReferenceSchema.extend({ rows: z.int() }),
        trials: z.int(),
        packs: z.int(),
        byMethod: z.array(z.object({ method: methodSchema, trials: z.int() })),
        secondsEstimate: z.number().nullable(),
      }),
    ),
  })
  .openapi('Plan');

export const startedSchema = z.object({ sweeps: z.array(sweepStatusSchema) }).openapi('Started');

/** The spec as text, so that errors have a line. */
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
