/** Sweeps: state, spec, aggregates over trials, and actions. */
import { z } from '@hono/zod-openapi';
import { OBJECTIVE_NAMES } from '../../models/evaluation/objectives.ts';
import { PARAMETERS } from '../../search/parameters.ts';
import { SAMPLER_NAMES } from '../../search/samplers/table.ts';
import { SWEEP_STATES } from '../../search/states.ts';
import {
  baselineSchema,
  cellEffortSchema,
  cellScoreSchema,
  contrastSchema,
  extended,
  intervalSchema,
  listOf,
  methodSchema,
  named,
  orNull,
  rangeSchema,
  scoreSchema,
  sufficiencySchema,
  versionReferenceSchema,
  widthAnswerSchema,
} from './shared.ts';
import { configurationSchema } from './trials.ts';

const waitingSchema = z
  .array(
    named('WaitingTrials', {
      class: z.string().describe('Class of the trainers that they ask for.'),
      engine: z.string().nullable().describe('Engine that they ask for; null: any.'),
      methods: z.array(methodSchema).readonly(),
      trials: z.int(),
      reason: z.string(),
    }),
  )
  .readonly();

const countsSchema = named('Counts', {
  planned: z.int().describe('Trials of the plan, with those that are left out.'),
  leftOut: z.int().describe('Planned trials that the sweep decided not to train.'),
  running: z.int(),
  completed: z.int(),
  pruned: z.int(),
  diverged: z.int(),
  failed: z.int(),
});

/** `narrows sweep show --output json`, with its revision. */
export const sweepStatusSchema = named('SweepStatus', {
  sweepId: z.string(),
  name: z.string(),
  state: z.enum(SWEEP_STATES),
  message: z.string().nullable().describe('Why the sweep, or some of its trials, failed.'),
  counts: countsSchema,
  dataset: versionReferenceSchema,
  target: z.string(),
  sampler: z.enum(SAMPLER_NAMES),
  proposals: orNull(named('Proposals', { made: z.int(), planned: z.int() })).describe(
    'Configurations that an adaptive sampler has proposed, and will have; null: all follow from the spec.',
  ),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  secondsElapsed: z.number().describe('From the start to the end, or to now.'),
  secondsIdle: z.number().describe('Those for which the sweep was paused, or had ended before it went on.'),
  secondsLeft: z.number().nullable(),
  waiting: waitingSchema.describe('Trials of a running sweep that no trainer at work can train.'),
  weight: z.number().describe('Share of the trainers in relation to other sweeps.'),
  priority: z.int().describe('1 is trained before all others, 5 after them.'),
  revision: z.int().describe('Rises with every write to the sweep.'),
  sufficientWidths: z
    .array(widthAnswerSchema)
    .readonly()
    .optional()
    .describe('Answers of a sweep that searches for the smallest sufficient width; missing from lists and other sweeps.'),
});

export const sweepSummarySchema = extended('SweepSummary', sweepStatusSchema, {
  best: listOf({ method: methodSchema, k: z.int(), trialId: z.string(), validation: z.number() }).describe(
    'The best trial of each method on validation, over all widths.',
  ),
  pace: z.array(z.int()).describe('Trials that finished in each of 24 equal spans from start to now or end.'),
});

export const sweepDetailSchema = extended('SweepDetail', sweepStatusSchema, {
  spec: z.record(z.string(), z.unknown()).describe('Validated spec with defaults.'),
  yaml: z.string().describe('The spec as a file.'),
  codeVersion: z.string(),
  widths: z.array(z.int()).describe('Values of k in the space, ascending.'),
  methods: listOf({ method: methodSchema, ended: z.int(), planned: z.int(), leftOut: z.int() }),
  limits: listOf({
    method: methodSchema,
    k: z.int(),
    trials: z.int().describe('The first so many of each partition are trained, the others left out.'),
  }).describe('Methods and widths that leave trials out.'),
  effort: z.array(cellEffortSchema).readonly().describe('What was tried, by method and width, however it ended.'),
  parameters: listOf({
    name: z.string(),
    kind: z.enum(['constant', 'choice', 'log', 'uniform']),
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
    low: z.number().optional(),
    high: z.number().optional(),
  }).describe('Parameters of the space.'),
  temporalUrl: z.string().nullable().describe('URL of the workflow in the Temporal UI, if that runs.'),
  hasInterpretation: z.boolean().describe('Whether an interpretation is available.'),
});

const REVISION = 'Revision that the response describes; for a running sweep possibly a few seconds behind the newest.';

export const coverageSchema = named('Coverage', {
  sweepId: z.string(),
  revision: z.int().describe(REVISION),
  split: z.enum(['validation', 'test']),
  trials: z.int().describe('Number of completed trials.'),
  planned: z.int(),
  leftOut: z.int(),
  rows: z.array(cellScoreSchema.extend({ configurations: z.int(), bestTrial: z.string() })),
  contrasts: z.array(contrastSchema),
  emulator: orNull(intervalSchema).describe('The full emulator over its seeds: an upper reference.'),
  baselines: z.array(baselineSchema),
  sufficiency: z.array(sufficiencySchema).optional().describe('Which widths are enough; missing from older comparisons.'),
});

export const importanceSchema = named('Importance', {
  sweepId: z.string(),
  revision: z.int().describe(REVISION),
  method: methodSchema.nullable().describe('Method of the trials; null: all.'),
  trials: z.int().describe('Trials that the forest was fitted to.'),
  matched: z.int().describe('Trials with a score.'),
  r2: scoreSchema.describe(
    'Out-of-bag R2 of the forest, which limits total indices; below about 0.3 they mean little. null: too few trials.',
  ),
  parameters: listOf({
    name: z.string(),
    importance: z.number(),
    low: z.number().describe('With high: the interval of estimates from as many other configurations.'),
    high: z.number(),
    firstOrder: rangeSchema.describe("Sobol's first-order index with a 95 % interval: what the parameter explains alone."),
  }).describe(
    'Sobol total indices estimated by permutation, largest first: what a parameter explains alone and with others. They need not sum to 1; few trials shrink them, those of interactions most.',
  ),
});

export const histogramSchema = named('Histogram', {
  sweepId: z.string(),
  revision: z.int(),
  column: z.string(),
  matched: z.int(),
  missing: z.int().describe('Matched trials without a value in this column.'),
  bins: listOf({ from: z.number(), to: z.number(), count: z.int() }).nullable(),
  words: listOf({ word: z.string(), count: z.int() }).nullable().describe('Counts of a categorical column.'),
});

const rankSchema = z.int().describe('By non-dominated sorting; 1: on the front.');

export const paretoFrontSchema = named('ParetoFront', {
  sweepId: z.string(),
  name: z.string(),
  revision: z.int().describe(REVISION),
  partition: z.int().describe('Partition whose validation rows scored.'),
  partitions: z.int().describe('Number of partitions of the sweep.'),
  objectives: listOf({
    name: z.enum(OBJECTIVE_NAMES),
    direction: z.enum(['maximize', 'minimize']),
    best: z.number().nullable().describe('With reference: the side of the box that hypervolumes are shares of; null: no value.'),
    reference: z.number().nullable(),
  }).readonly(),
  configurations: z.int().describe('Configurations at a width or rank that were compared.'),
  incomplete: z.int().describe('Others, some of whose seeds have no score.'),
  unmeasured: z.int().describe('Others, which lack an objective.'),
  hypervolumes: listOf({
    method: methodSchema.nullable().describe('null: all methods together.'),
    front: z.int().describe('Number of configurations on this front.'),
    hypervolume: z.number().describe('Share of the box from the reference point to the best values, 0 to 1.'),
  }).readonly(),
  rows: z
    .array(
      named('ParetoRow', {
        trialId: z.string().describe('The first trial of the configuration.'),
        method: methodSchema,
        k: z.int(),
        configurationHash: z.string(),
        config: configurationSchema,
        seeds: z.int().describe('Seeds that scores and times are means over.'),
        coveredVariance: z.number(),
        structureCoveredVariance: scoreSchema.describe('null: the method has no expansion.'),
        parameters: z.int().describe('Weights, biases and components of a model of this width or rank.'),
        seconds: z.number().describe('Seconds of training.'),
        rank: rankSchema,
        rankInMethod: rankSchema.describe('The same among the configurations of its method.'),
      }),
    )
    .readonly()
    .describe('All on the front of the sweep or of a method, and an even choice of the others, by rank.'),
});

const numberedScore = {
  number: z.int().describe('Of the configuration, among those of its method and width, from 1.'),
  score: z.number().describe('Covered variance on validation rows, mean over seeds.'),
};
const triedSchema = named('TriedConfiguration', { ...numberedScore, trialId: z.string().describe('Its first trial.') });

export const historySchema = named('OptimisationHistory', {
  sweepId: z.string(),
  name: z.string(),
  revision: z.int().describe(REVISION),
  partition: z.int().describe('Partition whose validation rows scored.'),
  startup: z
    .int()
    .nullable()
    .describe(
      'Configurations of each method and width at the start that follow from no score; null: the sampler does not learn.',
    ),
  cells: listOf({
    method: methodSchema,
    k: z.int(),
    configurations: z.int().describe('Highest number of a configuration with a score.'),
    scores: z.array(triedSchema).readonly().describe('In the order of numbers: all, or an even choice of many.'),
    improvements: z.array(triedSchema).readonly().describe('Those that were better than all before them.'),
    expected: z
      .array(named('ExpectedBest', numberedScore))
      .readonly()
      .describe('Best score that as many of these configurations have on average, in random order.'),
  }).readonly(),
});

export const slicesSchema = named('SlicePlot', {
  sweepId: z.string(),
  name: z.string(),
  revision: z.int().describe(REVISION),
  partition: z.int().describe('Partition whose validation rows scored.'),
  parameter: z.enum(PARAMETERS),
  scale: z.enum(['linear', 'log', 'category']),
  categories: z.array(z.string()).readonly().nullable().describe('Values in the order of the spec; null: they are numbers.'),
  cells: listOf({
    method: methodSchema,
    k: z.int(),
    points: z
      .array(
        named('SlicePoint', {
          value: z.union([z.number(), z.string()]),
          score: z.number().describe('Covered variance on validation rows, mean over seeds.'),
          trialId: z.string().describe('The first trial of the configuration.'),
        }),
      )
      .readonly()
      .describe('One for each configuration, or an even choice of many.'),
  }).readonly(),
});

export const rungCountsSchema = named('RungCounts', {
  sweepId: z.string(),
  name: z.string(),
  revision: z.int(),
  epochs: z.array(z.int()).readonly().describe('Epochs at the end of each rung; a single one where no rule stops trials early.'),
  cells: listOf({
    method: methodSchema,
    k: z.int().describe('Width, for ECA the highest rank.'),
    rungs: listOf({
      reached: z.int().describe('Trials that ended in this rung or a later one, or wait after it.'),
      pruned: z.int().describe('Trials that were stopped after it.'),
      diverged: z.int(),
      failed: z.int(),
    }).readonly(),
  }).readonly(),
});

export const planSchema = named('Plan', {
  sweeps: listOf({
    name: z.string(),
    target: z.string(),
    dataset: versionReferenceSchema.extend({ rows: z.int() }),
    sampler: z.enum(SAMPLER_NAMES),
    trials: z.int(),
    packs: z.int(),
    byMethod: listOf({ method: methodSchema, trials: z.int() }),
    secondsEstimate: z.number().nullable(),
    estimate: z
      .object({
        seconds: z.number().describe('From start to end, with nothing else to train.'),
        threadSeconds: z.number().describe('Time of one thread that all trials take together.'),
        threads: z.int().describe('Threads that would train.'),
        speed: z.enum(['measured', 'nominal']).describe('Of the trainers at work, or a nominal one.'),
        isStaffed: z.boolean().describe('Whether trainers are at work; otherwise the threads are those of the server.'),
      })
      .openapi('TrainingEstimate'),
    budget: orNull(
      named('BudgetPlan', {
        text: z.string().describe('The budget, and about how many trials it buys.'),
        methods: listOf({
          method: methodSchema,
          share: z.number().nullable().describe('Share of the budget, 0 to 1; null: methods share the time.'),
          trials: z.int().describe('Trials that it is expected to buy.'),
          planned: z.int(),
        }).readonly(),
      }),
    ).describe('null: the spec has none.'),
    widths: orNull(z.string()).describe(
      'Which widths a search may try, whose trials are those of all of them; null: it has none.',
    ),
    warnings: z.array(z.string()).describe('Networks that are left out, and rows that scores may depend on too much.'),
    waiting: waitingSchema.describe('Trials that no trainer at work could train now.'),
  }),
});

export const samplersSchema = named('SamplerOffers', {
  samplers: listOf({
    sampler: z.enum(SAMPLER_NAMES),
    text: z.string().describe('How it chooses configurations.'),
    isCurrent: z.boolean().describe('Whether the spec uses it.'),
    plan: orNull(
      named('SamplerPlan', {
        trials: z.int(),
        seconds: z.number().describe('From start to end, with nothing else to train.'),
        threadSeconds: z.number().describe('Time of one thread that all trials take together.'),
      }),
    ).describe('All sweeps of the spec together; null: it does not suit them.'),
    problem: z.string().nullable().describe('Why it does not suit the spec.'),
    spec: z.string().describe('The spec with this sampler.'),
  }),
});

export const startedSchema = named('Started', { sweeps: z.array(sweepStatusSchema) });

/** The spec as text, so that errors have a line. */
export const specRequestSchema = z
  .strictObject({ spec: z.string().min(1).max(200_000).describe('YAML or JSON.'), name: z.string().optional() })
  .openapi('SpecRequest');

export const retryRequestSchema = z.strictObject({ failedOnly: z.boolean().default(false) }).openapi('RetryRequest');

/** The larger sweep; what is absent stays as it was. */
export const extendRequestSchema = z
  .strictObject({
    trials: z.int().positive().optional().describe('Trials in all, those of the sweep among them.'),
    seeds: z.array(z.int().nonnegative()).min(1).max(10_000).optional().describe('All seeds.'),
    k: z.array(z.int().positive()).min(1).max(1000).optional().describe('All widths and ranks, rising.'),
    epochs: z.int().positive().optional().describe('Those of the sweep: others would change what was trained.'),
    name: z.string().optional().describe("Name of the larger sweep; absent: the sweep's own."),
  })
  .openapi('ExtendRequest');

export type SweepStatus = z.infer<typeof sweepStatusSchema>;
export type SweepSummary = z.infer<typeof sweepSummarySchema>;
export type SweepDetail = z.infer<typeof sweepDetailSchema>;
export type Coverage = z.infer<typeof coverageSchema>;
export type Importance = z.infer<typeof importanceSchema>;
export type Histogram = z.infer<typeof histogramSchema>;
export type ParetoFront = z.infer<typeof paretoFrontSchema>;
export type OptimisationHistory = z.infer<typeof historySchema>;
export type SlicePlot = z.infer<typeof slicesSchema>;
export type RungCounts = z.infer<typeof rungCountsSchema>;
export type Plan = z.infer<typeof planSchema>;
export type SamplerOffers = z.infer<typeof samplersSchema>;
export type Started = z.infer<typeof startedSchema>;
