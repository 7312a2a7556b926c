/** Trials: rows of a sweep's list, and one trial in detail. */
import { z } from '@hono/zod-openapi';
import { SPLITS } from '../../models/axes.ts';
import { OUTCOMES } from '../../search/states.ts';
import { figureSchema, methodSchema } from './shared.ts';

export const configurationSchema = z
  .object({
    method: methodSchema,
    k: z.int(),
    hidden: z.array(z.int()),
    activation: z.string(),
    layerNorm: z.boolean(),
    dropout: z.number(),
    optimiser: z.string(),
    weightDecay: z.number(),
    learningRate: z.number(),
    schedule: z.string(),
    epochs: z.int(),
    batch: z.int(),
    patience: z.int(),
    start: z.literal('warm').optional().openapi({ description: 'Left out where it started from scratch.' }),
    warm: z.string().optional().openapi({ description: 'The trial whose weights it started from.' }),
  })
  .openapi('TrialConfiguration');

export const trialRowSchema = z
  .object({
    trialId: z.string(),
    index: z.int(),
    method: methodSchema,
    k: z.int(),
    seed: z.number(),
    config: configurationSchema,
    outcome: z.enum(OUTCOMES),
    rung: z.int(),
    validation: figureSchema,
    epochs: z.int(),
    seconds: z.number(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime(),
    message: z.string().nullable(),
  })
  .openapi('TrialRow');

export const trialDetailSchema = trialRowSchema
  .extend({
    sweepId: z.string(),
    sweepName: z.string(),
    dataset: z.object({ name: z.string(), version: z.string() }),
    target: z.string(),
    configurationHash: z.string(),
    failureCode: z.string().nullable(),
    engine: z.string(),
    engineBuild: z.string(),
    codeVersion: z.string(),
    host: z.string(),
    hasModel: z.boolean().openapi({ description: 'Its weights are kept: spectra, decoder and latent explorer are there.' }),
    hasCurve: z.boolean().openapi({ description: 'It has a learning curve: an epoch came to its end.' }),
    figures: z
      .array(
        z.object({
          split: z.enum(SPLITS),
          k: z.int(),
          coveredVariance: figureSchema,
          structureCoveredVariance: figureSchema,
        }),
      )
      .openapi({
        description: 'Test figures only once the sweep has ended: they are read by the comparison, not looked at on the way.',
      }),
    components: z
      .array(z.array(z.number()))
      .nullable()
      .openapi({ description: '[k][D] in standardised descriptors, of length 1; null for EDNN.' }),
    descriptors: z
      .array(z.object({ name: z.string(), unit: z.string() }))
      .openapi({ description: 'Those that vary: what the components are over.' }),
    dropped: z.array(z.string()).openapi({ description: 'Constant descriptors, which no method sees.' }),
    reproduce: z.string().openapi({ description: 'A spec of this one trial, to be started anywhere: same bits.' }),
  })
  .openapi('TrialDetail');

export const curveSchema = z
  .object({
    trialId: z.string(),
    train: z.array(figureSchema),
    validation: z.array(figureSchema),
    best: z.int().openapi({ description: 'Epoch, from 0, whose weights were kept.' }),
  })
  .openapi('LearningCurve');

export const spectraSchema = z
  .object({
    trialId: z.string(),
    k: z.int(),
    split: z.enum(SPLITS),
    rows: z.int().openapi({ description: 'Of the split.' }),
    energies: z.array(z.number()).nullable(),
    energyUnit: z.string().nullable(),
    unit: z.string(),
    columns: z.array(z.string()).nullable().openapi({ description: 'Names of the columns of a target that is no spectrum.' }),
    coveredVariance: z.number(),
    coveredVarianceByEnergy: z.array(figureSchema),
    shown: z.array(
      z.object({
        which: z
          .enum(['best', 'median', 'worst', 'row'])
          .openapi({ description: '`row`: the row that was asked for, where one was.' }),
        row: z.int().openapi({ description: 'Of the dataset, from 0.' }),
        id: z.string().nullable(),
        known: z.array(z.number()),
        predicted: z.array(z.number()),
        error: z.number().openapi({ description: 'Root mean square of the residual, in the unit of the spectra.' }),
      }),
    ),
  })
  .openapi('Spectra');

export type TrialRow = z.infer<typeof trialRowSchema>;
export type TrialDetail = z.infer<typeof trialDetailSchema>;
export type Curve = z.infer<typeof curveSchema>;
export type Spectra = z.infer<typeof spectraSchema>;
