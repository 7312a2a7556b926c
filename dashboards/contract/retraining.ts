/** Retrainings: schedules, runs, drift, challenges, champions and their lineage. */
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
import { methodSchema, orNull, rangeSchema, scoreSchema } from './shared.ts';

const SCHEDULE_STATES = ['active', 'paused', 'missing', 'removed', 'unknown'] as const;

const scheduleStatusSchema = z
  .object({
    state: z.enum(SCHEDULE_STATES).openapi({
      description:
        '`missing`: Temporal has no schedule; `removed`: the retraining was removed, its results are kept; `unknown`: Temporal does not respond.',
    }),
    words: z.string().openapi({ example: 'every 1 h' }),
    next: z.array(z.iso.datetime()).openapi({ description: 'Upcoming runs, soonest first; empty unless active.' }),
  })
  .openapi('ScheduleStatus');

const versionSchema = z
  .object({
    version: z.string(),
    parent: z.string().nullable().openapi({ description: 'Version it was appended to.' }),
    rows: z.int(),
    added: z.int().openapi({ description: 'Rows added by this version.' }),
    importedAt: z.iso.datetime(),
  })
  .openapi('GrownVersion');

export const retrainRunSchema = z
  .object({
    runId: z.string(),
    retraining: z.string(),
    outcome: z.enum(RETRAIN_OUTCOMES),
    fromVersion: z.string().nullable().openapi({ description: 'Version of the champions.' }),
    toVersion: z.string().nullable().openapi({ description: 'Newest version.' }),
    sweeps: z.array(z.string()).openapi({ description: 'Ids of its sweeps.' }),
    verdict: z.enum(DRIFT_VERDICTS).nullable().openapi({ description: 'null without data to compare.' }),
    challenged: z.int().nullable().openapi({ description: 'Number of challenged champions.' }),
    promoted: z.int().nullable().openapi({ description: 'Number of promoted challengers.' }),
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
    watchDir: z.string().nullable().openapi({ description: 'Watched folder; its subfolders are shards.' }),
    url: z.string().nullable().openapi({ description: 'URL of a fetched archive.' }),
    champions: z.int().openapi({ description: 'Number of current champions.' }),
    lastRun: orNull(retrainRunSchema),
    newest: orNull(versionSchema).openapi({ description: 'Newest version of its dataset.' }),
    createdAt: z.iso.datetime(),
    removedAt: z.iso.datetime().nullable(),
  })
  .openapi('Retraining');

export const retrainingDetailSchema = retrainingSchema
  .extend({
    options: z.object({
      settle: z.number().openapi({ description: 'Seconds without changes after which a folder without SHA256SUMS is complete.' }),
      margin: z.number().openapi({ description: 'Covered variance that a challenger may lose on the old hold-out.' }),
      alpha: z.number().openapi({ description: 'Probability of a false alarm of drift.' }),
      scope: z.enum(SCOPES),
      onlyOnDrift: z.boolean(),
      overlap: z.enum(OVERLAPS),
      catchUp: z.number().openapi({ description: 'Window for missed runs, in seconds.' }),
      jitter: z.number().openapi({ description: 'Maximum random delay of a run, in seconds.' }),
    }),
    yaml: z.string().openapi({ description: 'Sweep spec as a file.' }),
  })
  .openapi('RetrainingDetail');

const testSchema = z.object({ probability: z.number(), found: z.boolean() });
const distanceTestSchema = testSchema.extend({ distance: z.number(), permutations: z.int() });

const driftSchema = z
  .object({
    method: methodSchema.openapi({ description: 'With k and trialId: the best champion, which was evaluated.' }),
    k: z.int(),
    trialId: z.string(),
    verdict: z.enum(DRIFT_VERDICTS),
    alpha: z.number(),
    referenceRows: z.int().openapi({ description: "Rows of the champion's hold-out." }),
    freshRows: z.int().openapi({ description: 'All new rows.' }),
    descriptors: z.array(
      z.object({
        name: z.string(),
        column: z.int(),
        statistic: z
          .number()
          .openapi({ description: 'Kolmogorov-Smirnov statistic: largest difference of the distribution functions.' }),
        probability: z.number(),
        rate: z.number().openapi({ description: 'False discovery rate at which it counts as shifted (q value).' }),
        shifted: z.boolean(),
      }),
    ),
    marginal: testSchema.openapi({ description: 'Test of whether any descriptor has shifted.' }),
    inputs: distanceTestSchema.openapi({ description: 'Energy distance of the structures.' }),
    outputs: distanceTestSchema.openapi({ description: 'Energy distance of the spectra.' }),
    performance: testSchema.extend({ reference: z.number(), fresh: z.number(), drop: rangeSchema }).openapi({
      description: 'Covered variance on the hold-out and on the new rows; `drop` is reference minus fresh.',
    }),
  })
  .openapi('Drift');

const pairedScoreSchema = z
  .object({
    rows: z.int(),
    champion: z.number(),
    challenger: z.number(),
    difference: rangeSchema.openapi({ description: 'Challenger minus champion.' }),
  })
  .openapi('Held', { description: 'Covered variances on the same hold-out rows.' });

const challengeSchema = z
  .object({
    method: methodSchema,
    k: z.int(),
    championId: z.int(),
    championTrial: z.string(),
    challengerTrial: z.string().nullable(),
    fresh: orNull(pairedScoreSchema).openapi({ description: 'Scores on rows that are new to the champion; null if too few.' }),
    old: orNull(pairedScoreSchema),
    both: orNull(pairedScoreSchema),
    promoted: z.boolean(),
    reason: z.string(),
    continuity: z
      .object({
        angles: z.array(z.number()).openapi({ description: 'Degrees, ascending.' }),
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
    runId: z.string().nullable().openapi({ description: 'null for a roll-back.' }),
    subject: z.string().openapi({ description: 'Subject within the run; often empty.' }),
    text: z.string(),
    messages: z.array(messageSchema),
  })
  .openapi('RetrainEvent');

export const shardSchema = z
  .object({
    folder: z.string().openapi({ description: 'Folder or URL.' }),
    content: z.string().openapi({ description: 'SHA-256 over its files.' }),
    outcome: z.enum(SHARD_OUTCOMES),
    version: z.string().nullable().openapi({ description: 'Dataset version that includes it.' }),
    message: z.string().nullable(),
    seenAt: z.iso.datetime(),
  })
  .openapi('Shard');

export const retrainRunDetailSchema = retrainRunSchema
  .extend({
    dataset: z.string(),
    target: z.string(),
    margin: z.number(),
    stage: z.string().nullable().openapi({ description: 'Current stage; null once finished.' }),
    from: orNull(versionSchema),
    to: orNull(versionSchema),
    drift: orNull(driftSchema),
    challenges: z.array(challengeSchema).nullable(),
    trained: z.array(z.object({ sweepId: z.string(), name: z.string(), state: z.enum(SWEEP_STATES) })),
    champions: z
      .array(z.object({ championId: z.int(), method: methodSchema, k: z.int(), trialId: z.string(), inUse: z.boolean() }))
      .openapi({ description: 'Champions registered by this run.' }),
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
      .openapi({ description: 'Runs with new data, adoptions and roll-backs, oldest first.' }),
    cells: z.array(
      z.object({
        method: methodSchema,
        k: z.int(),
        points: z
          .array(
            z.object({
              step: z.int().openapi({ description: 'Index into steps.' }),
              kind: z.enum(STEP_KINDS).openapi({ description: 'Kind for this method and width.' }),
              championId: z.int().nullable().openapi({ description: 'Champion after the step.' }),
              trialId: z.string(),
              coveredVariance: scoreSchema.openapi({
                description: 'Score of that champion on all hold-out rows of the version; null if not measured.',
              }),
              rows: z.int().nullable().openapi({ description: 'Hold-out rows.' }),
              measuredOn: z.string().nullable().openapi({
                description: "Version of these hold-out rows: the step's own, except after a roll-back.",
              }),
              other: orNull(z.object({ trialId: z.string(), coveredVariance: scoreSchema })).openapi({
                description: 'The other candidate: a challenger that lost, or the previous champion.',
              }),
            }),
          )
          .openapi({ description: 'In the order of steps.' }),
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
    previous: z.int().nullable().openapi({ description: 'Champion that a roll-back restores.' }),
    since: z.iso.datetime(),
    until: z.iso.datetime().nullable().openapi({ description: 'null while in use.' }),
    endedBy: z.enum(CHAMPION_ENDS).nullable(),
    validation: z.number(),
    seed: z.int(),
    warm: z.string().nullable().openapi({ description: 'Trial whose weights it started from.' }),
  })
  .openapi('Champion');

export const championDetailSchema = championSchema
  .extend({
    test: scoreSchema.openapi({ description: 'Score on the test rows of its own data version.' }),
    configuration: z.record(z.string(), z.unknown()),
    engine: z.string(),
    engineBuild: z.string(),
    codeVersion: z.string(),
    lineage: z.object({
      versions: z.array(versionSchema).openapi({
        description: 'Training data of champions of this method and width with all ancestors, oldest first.',
      }),
      runs: z.array(retrainRunSchema).openapi({ description: 'Runs that registered a champion of this method and width.' }),
      sweeps: z.array(z.object({ sweepId: z.string(), name: z.string(), datasetVersion: z.string() })),
      champions: z.array(championSchema).openapi({ description: 'All champions of this method and width, oldest first.' }),
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
