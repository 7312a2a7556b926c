/** Trials: rows of a list, and details of one trial. */
import { z } from '@hono/zod-openapi';
import { SPLITS } from '../../models/axes.ts';
import { OUTCOMES } from '../../search/states.ts';
import { extended, listOf, methodSchema, named, scoreSchema, versionReferenceSchema } from './shared.ts';

export const configurationSchema = named('TrialConfiguration', {
  method: methodSchema,
  k: z.int(),
  hidden: z.array(z.int()).readonly(),
  activation: z.string(),
  layerNorm: z.boolean(),
  dropout: z.number(),
  optimiser: z.string(),
  momentum: z.number().optional().describe('Of sgd; absent: 0.9.'),
  weightDecay: z.number(),
  learningRate: z.number(),
  schedule: z.string(),
  warmUp: z.number().optional().describe('Of one-cycle: share of the steps before the peak; absent: 0.2.'),
  targetWeighting: z
    .number()
    .optional()
    .describe('Power of the standard deviation by which the loss weighs targets; absent: 0, as in the score.'),
  epochs: z.int(),
  batch: z.int(),
  patience: z.int(),
  restarts: z.int().optional().describe('Starts of which the best continued; absent for a single one.'),
  start: z.literal('warm').optional().describe('Absent if it started from random weights.'),
  warm: z.string().optional().describe('Trial whose weights it started from.'),
});

export const trialRowSchema = named('TrialRow', {
  trialId: z.string(),
  index: z.int(),
  method: methodSchema,
  k: z.int(),
  seed: z.number(),
  partition: z.int().describe('Division of the rows into train, validation and test; 0 where the sweep has one.'),
  config: configurationSchema,
  outcome: z.enum(OUTCOMES),
  rung: z.int(),
  validation: scoreSchema,
  epochs: z.int(),
  seconds: z.number(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  message: z.string().nullable(),
});

export const trialDetailSchema = extended('TrialDetail', trialRowSchema, {
  sweepId: z.string(),
  sweepName: z.string(),
  dataset: versionReferenceSchema,
  target: z.string(),
  configurationHash: z.string(),
  failureCode: z.string().nullable(),
  engine: z.string(),
  engineBuild: z.string(),
  codeVersion: z.string(),
  host: z.string(),
  hasModel: z.boolean().describe('Whether weights are stored, which spectra need; the latent explorer needs latents as well.'),
  hasLatents: z.boolean().describe('Whether latents are stored: not of every trial with `latents: best` or `none`.'),
  hasCurve: z.boolean().describe('Whether it has a learning curve.'),
  figures: listOf({
    split: z.enum(SPLITS),
    k: z.int(),
    coveredVariance: scoreSchema,
    structureCoveredVariance: scoreSchema,
  }).describe('Test scores are included once the sweep has finished.'),
  components: z
    .array(z.array(z.number()))
    .nullable()
    .describe('[k][D] unit vectors over standardised descriptors; null for EDNN.'),
  descriptors: listOf({ name: z.string(), unit: z.string() }).describe('Varying descriptors, which the components are over.'),
  dropped: z.array(z.string()).describe('Constant descriptors, which are dropped.'),
  reproduce: z.string().describe('Spec of this trial alone, which reproduces it bit for bit.'),
});

export const curveSchema = named('LearningCurve', {
  trialId: z.string(),
  train: z.array(scoreSchema),
  validation: z.array(scoreSchema),
  best: z.int().describe('Epoch of the stored weights, from 0.'),
});

export const spectraSchema = named('Spectra', {
  trialId: z.string(),
  k: z.int(),
  split: z.enum(SPLITS),
  rows: z.int().describe('Number of rows of the split.'),
  energies: z.array(z.number()).nullable(),
  energyUnit: z.string().nullable(),
  unit: z.string(),
  columns: z.array(z.string()).nullable().describe('Column names of a target other than a spectrum.'),
  coveredVariance: z.number(),
  coveredVarianceByEnergy: z.array(scoreSchema),
  shown: listOf({
    which: z.enum(['best', 'median', 'worst', 'row']).describe('`row`: the requested row.'),
    row: z.int().describe('Row of the dataset, from 0.'),
    id: z.string().nullable(),
    known: z.array(z.number()),
    predicted: z.array(z.number()),
    error: z.number().describe('Root mean square of the residual, in the unit of the spectra.'),
  }),
});

export type TrialRow = z.infer<typeof trialRowSchema>;
export type TrialDetail = z.infer<typeof trialDetailSchema>;
export type Curve = z.infer<typeof curveSchema>;
export type Spectra = z.infer<typeof spectraSchema>;
