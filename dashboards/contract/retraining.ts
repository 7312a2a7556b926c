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
import { extended, listOf, methodSchema, named, orNull, rangeSchema, scoreSchema } from './shared.ts';

const scheduleStatusSchema = named('ScheduleStatus', {
  state: z
    .enum(['active', 'paused', 'missing', 'removed', 'unknown'])
    .describe(
      '`missing`: Temporal has no schedule; `removed`: the retraining was removed, its results are kept; `unknown`: Temporal does not respond.',
    ),
  words: z.string().openapi({ example: 'every 1 h' }),
  next: z.array(z.iso.datetime()).describe('Upcoming runs, soonest first; empty unless active.'),
});

const versionSchema = named('GrownVersion', {
  version: z.string(),
  parent: z.string().nullable().describe('Version it was appended to.'),
  rows: z.int(),
  added: z.int().describe('Rows added by this version.'),
  importedAt: z.iso.datetime(),
});

export const retrainRunSchema = named('RetrainRun', {
  runId: z.string(),
  retraining: z.string(),
  outcome: z.enum(RETRAIN_OUTCOMES),
  fromVersion: z.string().nullable().describe('Version of the champions.'),
  toVersion: z.string().nullable().describe('Newest version.'),
  sweeps: z.array(z.string()).describe('Ids of its sweeps.'),
  verdict: z.enum(DRIFT_VERDICTS).nullable().describe('null without data to compare.'),
  challenged: z.int().nullable().describe('Number of challenged champions.'),
  promoted: z.int().nullable().describe('Number of promoted challengers.'),
  message: z.string().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});

export const retrainingSchema = named('Retraining', {
  name: z.string(),
  dataset: z.string(),
  target: z.string(),
  schedule: scheduleStatusSchema,
  watchDir: z.string().nullable().describe('Watched folder; its subfolders are shards.'),
  url: z.string().nullable().describe('URL of a fetched archive, without its query.'),
  champions: z.int().describe('Number of current champions.'),
  lastRun: orNull(retrainRunSchema),
  newest: orNull(versionSchema).describe('Newest version of its dataset.'),
  createdAt: z.iso.datetime(),
  removedAt: z.iso.datetime().nullable(),
});

export const retrainingDetailSchema = extended('RetrainingDetail', retrainingSchema, {
  options: z.object({
    settle: z.number().describe('Seconds without changes after which a folder without SHA256SUMS is complete.'),
    margin: z.number().describe('Covered variance that a challenger may lose on the old hold-out.'),
    alpha: z.number().describe('Probability of a false alarm of drift.'),
    scope: z.enum(SCOPES),
    onlyOnDrift: z.boolean(),
    overlap: z.enum(OVERLAPS),
    catchUp: z.number().describe('Window for missed runs, in seconds.'),
    jitter: z.number().describe('Maximum random delay of a run, in seconds.'),
  }),
  yaml: z.string().describe('Sweep spec as a file.'),
});

const testSchema = z.object({ probability: z.number(), found: z.boolean() });
const distanceTestSchema = testSchema.extend({ distance: z.number(), permutations: z.int() });

const driftSchema = named('Drift', {
  method: methodSchema.describe('With k and trialId: the best champion, which was evaluated.'),
  k: z.int(),
  trialId: z.string(),
  verdict: z.enum(DRIFT_VERDICTS),
  alpha: z.number(),
  referenceRows: z.int().describe("Rows of the champion's hold-out."),
  freshRows: z.int().describe('All new rows.'),
  groups: orNull(z.object({ reference: z.int(), fresh: z.int() }))
    .optional()
    .describe('Numbers of groups, which are tested instead of rows where the split is by group; null: rows are independent.'),
  descriptors: listOf({
    name: z.string(),
    column: z.int(),
    statistic: z.number().describe('Kolmogorov-Smirnov statistic: largest difference of the distribution functions.'),
    probability: z.number(),
    rate: z
      .number()
      .describe(
        'False discovery rate at which it counts as shifted (q value); with groups the family-wise rate, which bounds it.',
      ),
    shifted: z.boolean(),
  }),
  marginal: testSchema.describe('Test of whether any descriptor has shifted.'),
  inputs: distanceTestSchema.describe('Energy distance of the structures.'),
  outputs: distanceTestSchema.describe('Energy distance of the spectra.'),
  performance: testSchema
    .extend({ reference: z.number(), fresh: z.number(), drop: rangeSchema })
    .describe('Covered variance on the hold-out and on the new rows; `drop` is reference minus fresh.'),
});

const pairedScore = {
  rows: z.int(),
  groups: z.int().nullable().optional().describe('Groups of the rows, over which the interval is taken; null: over rows.'),
  champion: z.number(),
  challenger: z.number(),
  difference: rangeSchema.describe('Challenger minus champion.'),
  probability: z.number().optional().describe('One-sided probability of such a difference between equal models.'),
};
const pairedScoreSchema = named('Held', pairedScore, { description: 'Covered variances on the same hold-out rows.' });

const challengeSchema = named('Challenge', {
  method: methodSchema,
  k: z.int(),
  championId: z.int(),
  championTrial: z.string(),
  challengerTrial: z.string().nullable(),
  fresh: orNull(pairedScoreSchema).describe('Scores on rows that are new to the champion; null if too few.'),
  old: orNull(pairedScoreSchema),
  both: orNull(pairedScoreSchema),
  adjustedProbability: z
    .number()
    .optional()
    .describe('That of the new rows, adjusted for all challenges of the run (Holm); a promotion needs 0.025.'),
  promoted: z.boolean(),
  reason: z.string(),
  continuity: z
    .object({
      angles: z.array(z.number()).describe('Degrees, ascending.'),
      components: listOf({
        component: z.int(),
        was: z.int(),
        sign: z.union([z.literal(1), z.literal(-1)]),
        degrees: z.number(),
        kept: z.boolean(),
      }),
    })
    .nullable(),
});

export const retrainEventSchema = named('RetrainEvent', {
  eventId: z.string(),
  at: z.iso.datetime(),
  kind: z.enum(EVENT_KINDS),
  runId: z.string().nullable().describe('null for a roll-back.'),
  subject: z.string().describe('Subject within the run; often empty.'),
  text: z.string(),
  messages: listOf({
    channel: z.enum(CHANNELS),
    state: z.enum(MESSAGE_STATES),
    attempts: z.int(),
    lastError: z.string().nullable(),
    deliveredAt: z.iso.datetime().nullable(),
  }),
});

export const shardSchema = named('Shard', {
  folder: z.string().describe('Folder or URL.'),
  content: z.string().describe('SHA-256 over its files.'),
  outcome: z.enum(SHARD_OUTCOMES),
  version: z.string().nullable().describe('Dataset version that includes it.'),
  message: z.string().nullable(),
  seenAt: z.iso.datetime(),
});

export const retrainRunDetailSchema = extended('RetrainRunDetail', retrainRunSchema, {
  dataset: z.string(),
  target: z.string(),
  margin: z.number(),
  stage: z.string().nullable().describe('Current stage; null once finished.'),
  from: orNull(versionSchema),
  to: orNull(versionSchema),
  drift: orNull(driftSchema),
  challenges: z.array(challengeSchema).nullable(),
  trained: listOf({ sweepId: z.string(), name: z.string(), state: z.enum(SWEEP_STATES) }),
  champions: listOf({ championId: z.int(), method: methodSchema, k: z.int(), trialId: z.string(), inUse: z.boolean() }).describe(
    'Champions registered by this run.',
  ),
  events: z.array(retrainEventSchema).describe('Oldest first.'),
});

const STEP_KINDS = [...CHAMPION_ORIGINS.filter((kind) => kind !== 'promotion'), 'kept', 'promoted'] as const;

export const retrainHistorySchema = named('RetrainHistory', {
  steps: listOf({
    kind: z.enum(STEP_KINDS),
    at: z.iso.datetime(),
    runId: z.string().nullable(),
    version: z.string(),
    rows: z.int().nullable(),
    verdict: z.enum(DRIFT_VERDICTS).nullable(),
  }).describe('Runs with new data, adoptions and roll-backs, oldest first.'),
  cells: listOf({
    method: methodSchema,
    k: z.int(),
    points: listOf({
      step: z.int().describe('Index into steps.'),
      kind: z.enum(STEP_KINDS).describe('Kind for this method and width.'),
      championId: z.int().nullable().describe('Champion after the step.'),
      trialId: z.string(),
      coveredVariance: scoreSchema.describe('Score of that champion on all hold-out rows of the version; null if not measured.'),
      rows: z.int().nullable().describe('Hold-out rows.'),
      measuredOn: z.string().nullable().describe("Version of these hold-out rows: the step's own, except after a roll-back."),
      other: orNull(z.object({ trialId: z.string(), coveredVariance: scoreSchema })).describe(
        'The other candidate: a challenger that lost, or the previous champion.',
      ),
    }).describe('In the order of steps.'),
  }),
});

export const championSchema = named('Champion', {
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
  previous: z.int().nullable().describe('Champion that a roll-back restores.'),
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable().describe('null while in use.'),
  endedBy: z.enum(CHAMPION_ENDS).nullable(),
  validation: z.number(),
  seed: z.int(),
  warm: z.string().nullable().describe('Trial whose weights it started from.'),
});

export const championDetailSchema = extended('ChampionDetail', championSchema, {
  test: scoreSchema.describe('Score on the test rows of its own data version.'),
  configuration: z.record(z.string(), z.unknown()),
  engine: z.string(),
  engineBuild: z.string(),
  codeVersion: z.string(),
  lineage: z.object({
    versions: z
      .array(versionSchema)
      .describe('Training data of champions of this method and width with all ancestors, oldest first.'),
    runs: z.array(retrainRunSchema).describe('Runs that registered a champion of this method and width.'),
    sweeps: listOf({ sweepId: z.string(), name: z.string(), datasetVersion: z.string() }),
    champions: z.array(championSchema).describe('All champions of this method and width, oldest first.'),
  }),
});

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
