/** Retrainings: when they fire, what their runs found and decided, which models are in use, and where those come from. */
import { z } from '@hono/zod-openapi';
import {
  CHAMPION_ENDS,
  CHAMPION_ORIGINS,
  CHANNELS,
  EVENT_KINDS,
  MESSAGE_STATES,
  RETRAIN_OUTCOMES,
  SHARD_OUTCOMES,
} from '../../db/enums.ts';
import { DRIFT_VERDICTS } from '../../models/drift/drift.ts';
import { OVERLAPS, SCOPES } from '../../search/retraining.ts';
import { SWEEP_STATES } from '../../search/states.ts';
import { figureSchema, methodSchema, orNull, rangeSchema } from './shared.ts';

const SCHEDULE_STATES = ['active', 'paused', 'missing', 'removed', 'unknown'] as const;

const scheduleStatusSchema = z
  .object({
    state: z.enum(SCHEDULE_STATES).openapi({
      description:
        '`missing`: Temporal knows of none; `removed`: it fires no more, and what it has made stays; `unknown`: Temporal does not answer just now.',
    }),
    words: z.string().openapi({ example: 'every 1 h' }),
    next: z.array(z.iso.datetime()).openapi({ description: 'Firings to come, soonest first; none unless it is active.' }),
  })
  .openapi('ScheduleStatus');

const versionSchema = z
  .object({
    version: z.string(),
    parent: z.string().nullable().openapi({ description: 'The version that it was appended to.' }),
    rows: z.int(),
    added: z.int().openapi({ description: 'Rows that came with it.' }),
    importedAt: z.iso.datetime(),
  })
  .openapi('GrownVersion');

export const retrainRunSchema = z
  .object({
    runId: z.string(),
    retraining: z.string(),
    outcome: z.enum(RETRAIN_OUTCOMES),
    fromVersion: z.string().nullable().openapi({ description: 'Of the champions.' }),
    toVersion: z.string().nullable().openapi({ description: 'Of the newest data.' }),
    sweeps: z.array(z.string()).openapi({ description: 'Ids of the sweeps that it trained.' }),
    verdict: z.enum(DRIFT_VERDICTS).nullable().openapi({ description: 'null where there was nothing to hold against another.' }),
    challenged: z.int().nullable().openapi({ description: 'Champions that a challenger was held against.' }),
    promoted: z.int().nullable().openapi({ description: 'Challengers that won.' }),
    message: z.string().nullable(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('RetrainRun');

export const retrainingSchema = z
  .object({
    name: z.string(),
    dataset: z.string(),
    target: z.string(),
    schedule: scheduleStatusSchema,
    watchDir: z.string().nullable().openapi({ description: 'Folder whose subfolders are shards.' }),
    url: z.string().nullable().openapi({ description: 'Archive that is fetched.' }),
    champions: z.int().openapi({ description: 'In use.' }),
    lastRun: orNull(retrainRunSchema),
    newest: orNull(versionSchema).openapi({ description: 'The newest version of its dataset.' }),
    createdAt: z.iso.datetime(),
    removedAt: z.iso.datetime().nullable(),
  })
  .openapi('Retraining');

export const retrainingDetailSchema = retrainingSchema
  .extend({
    options: z.object({
      settle: z.number().openapi({ description: 'Seconds for which no file of a folder without SHA256SUMS may have changed.' }),
      margin: z.number().openapi({ description: 'Covered variance that a challenger may lose on the old hold-out.' }),
      alpha: z.number().openapi({ description: 'Chance of a verdict of drift where nothing has drifted.' }),
      scope: z.enum(SCOPES),
      onlyOnDrift: z.boolean(),
      overlap: z.enum(OVERLAPS),
      catchUp: z.number().openapi({ description: 'Seconds: missed firings are made up for no further back.' }),
      jitter: z.number().openapi({ description: 'Seconds, at most, by which a firing is late.' }),
    }),
    yaml: z.string().openapi({ description: 'What is trained, as a spec file.' }),
  })
  .openapi('RetrainingDetail');

const testSchema = z.object({ probability: z.number(), found: z.boolean() });

export const driftSchema = z
  .object({
    method: methodSchema.openapi({ description: 'With k and trialId: the champion that covers most, which was asked.' }),
    k: z.int(),
    trialId: z.string(),
    verdict: z.enum(DRIFT_VERDICTS),
    alpha: z.number(),
    referenceRows: z.int().openapi({ description: "Of the champion's hold-out." }),
    freshRows: z.int().openapi({ description: 'New ones, all of them.' }),
    descriptors: z.array(
      z.object({
        name: z.string(),
        column: z.int(),
        statistic: z.number().openapi({ description: 'Kolmogorov-Smirnov: largest difference of the distribution functions.' }),
        probability: z.number(),
        rate: z.number().openapi({ description: 'Of false discoveries at which it counts as shifted (q value).' }),
        shifted: z.boolean(),
      }),
    ),
    marginal: testSchema.openapi({ description: 'At least one descriptor has shifted.' }),
    inputs: testSchema.extend({ distance: z.number(), permutations: z.int() }).openapi({
      description: 'Energy distance of the structures.',
    }),
    outputs: testSchema.extend({ distance: z.number(), permutations: z.int() }).openapi({
      description: 'Energy distance of the spectra.',
    }),
    performance: testSchema.extend({ reference: z.number(), fresh: z.number(), drop: rangeSchema }).openapi({
      description: 'Covered variance on the hold-out and on the new rows; `drop` is reference less fresh.',
    }),
  })
  .openapi('Drift');

const heldSchema = z
  .object({
    rows: z.int(),
    champion: z.number(),
    challenger: z.number(),
    difference: rangeSchema.openapi({ description: 'Challenger less champion.' }),
  })
  .openapi('Held', { description: 'Covered variances on the same hold-out rows.' });

export const challengeSchema = z
  .object({
    method: methodSchema,
    k: z.int(),
    championId: z.int(),
    championTrial: z.string(),
    challengerTrial: z.string().nullable(),
    fresh: orNull(heldSchema).openapi({ description: 'Rows that are new to the champion; null where there are too few.' }),
    old: orNull(heldSchema),
    both: orNull(heldSchema),
    promoted: z.boolean(),
    reason: z.string(),
    continuity: z
      .object({
        angles: z.array(z.number()).openapi({ description: 'Degrees, rising.' }),
        components: z.array(
          z.object({
            component: z.int(),
            was: z.int(),
            sign: z.union([z.literal(1), z.literal(-1)]),
            degrees: z.number(),
            kept: z.boolean(),
          }),
        ),
      })
      .nullable(),
  })
  .openapi('Challenge');

const messageSchema = z.object({
  channel: z.enum(CHANNELS),
  state: z.enum(MESSAGE_STATES),
  attempts: z.int(),
  lastError: z.string().nullable(),
  deliveredAt: z.iso.datetime().nullable(),
});

export const retrainEventSchema = z
  .object({
    eventId: z.string(),
    at: z.iso.datetime(),
    kind: z.enum(EVENT_KINDS),
    runId: z.string().nullable().openapi({ description: 'null of a roll-back, which belongs to no run.' }),
    subject: z.string().openapi({ description: 'What of the run it is about; often empty.' }),
    text: z.string(),
    messages: z.array(messageSchema),
  })
  .openapi('RetrainEvent');

export const shardSchema = z
  .object({
    folder: z.string().openapi({ description: 'Where it was seen: a folder, or a URL.' }),
    content: z.string().openapi({ description: 'sha256 over its files.' }),
    outcome: z.enum(SHARD_OUTCOMES),
    version: z.string().nullable().openapi({ description: 'Of the dataset that it became part of.' }),
    message: z.string().nullable(),
    seenAt: z.iso.datetime(),
  })
  .openapi('Shard');

export const retrainRunDetailSchema = retrainRunSchema
  .extend({
    dataset: z.string(),
    target: z.string(),
    margin: z.number(),
    stage: z.string().nullable().openapi({ description: 'Where it is; null once it has ended.' }),
    from: orNull(versionSchema),
    to: orNull(versionSchema),
    drift: orNull(driftSchema),
    challenges: z.array(challengeSchema).nullable(),
    trained: z.array(z.object({ sweepId: z.string(), name: z.string(), state: z.enum(SWEEP_STATES) })),
    champions: z
      .array(z.object({ championId: z.int(), method: methodSchema, k: z.int(), trialId: z.string(), inUse: z.boolean() }))
      .openapi({ description: 'That it put in place.' }),
    events: z.array(retrainEventSchema).openapi({ description: 'Oldest first.' }),
  })
  .openapi('RetrainRunDetail');

const STEP_KINDS = [...CHAMPION_ORIGINS.filter((kind) => kind !== 'promotion'), 'kept', 'promoted'] as const;

export const retrainHistorySchema = z
  .object({
    steps: z
      .array(
        z.object({
          kind: z.enum(STEP_KINDS),
          at: z.iso.datetime(),
          runId: z.string().nullable(),
          version: z.string(),
          rows: z.int().nullable(),
          verdict: z.enum(DRIFT_VERDICTS).nullable(),
        }),
      )
      .openapi({ description: 'Runs that dealt with data to their end, adoptions and roll-backs, oldest first.' }),
    cells: z.array(
      z.object({
        method: methodSchema,
        k: z.int(),
        points: z
          .array(
            z.object({
              step: z.int().openapi({ description: 'Index into steps.' }),
              kind: z.enum(STEP_KINDS).openapi({ description: 'Of this method and width.' }),
              championId: z.int().nullable().openapi({ description: 'In use afterwards.' }),
              trialId: z.string(),
              coveredVariance: figureSchema.openapi({
                description: 'Of that champion on all hold-out rows of the version; null where it was not measured.',
              }),
              rows: z.int().nullable().openapi({ description: 'Hold-out rows.' }),
              measuredOn: z.string().nullable().openapi({
                description:
                  "The version whose hold-out rows those are: the step's own, except where a roll-back takes what is known.",
              }),
              other: orNull(z.object({ trialId: z.string(), coveredVariance: figureSchema })).openapi({
                description: 'What was held against it and is not in use: a challenger that lost, or the champion before.',
              }),
            }),
          )
          .openapi({ description: 'In the order of steps; none where nothing is known of this method and width.' }),
      }),
    ),
  })
  .openapi('RetrainHistory');

export const championSchema = z
  .object({
    championId: z.int(),
    retraining: z.string(),
    dataset: z.string(),
    datasetVersion: z.string(),
    target: z.string(),
    method: methodSchema,
    k: z.int(),
    trialId: z.string(),
    sweepId: z.string(),
    runId: z.string().nullable(),
    origin: z.enum(CHAMPION_ORIGINS),
    previous: z.int().nullable().openapi({ description: 'The champion that a roll-back returns to.' }),
    since: z.iso.datetime(),
    until: z.iso.datetime().nullable().openapi({ description: 'null: it is in use.' }),
    endedBy: z.enum(CHAMPION_ENDS).nullable(),
    validation: z.number(),
    seed: z.int(),
    warm: z.string().nullable().openapi({ description: 'The trial from whose weights it began.' }),
  })
  .openapi('Champion');

export const championDetailSchema = championSchema
  .extend({
    test: figureSchema.openapi({ description: 'On the test rows of its own version of the data.' }),
    configuration: z.record(z.string(), z.unknown()),
    engine: z.string(),
    engineBuild: z.string(),
    codeVersion: z.string(),
    lineage: z.object({
      versions: z.array(versionSchema).openapi({
        description:
          'Data that champions of this method and width were trained on, and all that those were appended to, oldest first.',
      }),
      runs: z.array(retrainRunSchema).openapi({ description: 'That put a champion of this method and width in place.' }),
      sweeps: z.array(z.object({ sweepId: z.string(), name: z.string(), datasetVersion: z.string() })),
      champions: z.array(championSchema).openapi({ description: 'All of this method and width, oldest first.' }),
    }),
  })
  .openapi('ChampionDetail');

export type ScheduleStatus = z.infer<typeof scheduleStatusSchema>;
export type GrownVersion = z.infer<typeof versionSchema>;
export type Retraining = z.infer<typeof retrainingSchema>;
export type RetrainingDetail = z.infer<typeof retrainingDetailSchema>;
export type RetrainRun = z.infer<typeof retrainRunSchema>;
export type RetrainRunDetail = z.infer<typeof retrainRunDetailSchema>;
export type RetrainEvent = z.infer<typeof retrainEventSchema>;
export type RetrainHistory = z.infer<typeof retrainHistorySchema>;
export type Shard = z.infer<typeof shardSchema>;
export type Drift = z.infer<typeof driftSchema>;
export type Challenge = z.infer<typeof challengeSchema>;
export type Champion = z.infer<typeof championSchema>;
export type ChampionDetail = z.infer<typeof championDetailSchema>;
