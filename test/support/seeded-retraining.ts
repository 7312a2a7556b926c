/**
 * Seeds a retraining with a history and no training: a finished sweep, appended versions, runs that
 * promoted, kept and failed, and their notifications.
 */
import type { Sql } from '../../db/client.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { listCurrentChampions, registerChampion, replaceChampion } from '../../db/queries/retraining/champions.ts';
import { ensurePendingMessages, listEventsOfRun, recordAttempt, recordEvent } from '../../db/queries/retraining/notifications.ts';
import { finishRun, saveRetraining, saveShard, startRun, updateRun } from '../../db/queries/retraining/retrainings.ts';
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { findBestTrials } from '../../db/queries/trials/models.ts';
import type { ChallengeRecord, DriftRecord, PairedScore } from '../../models/drift/record.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import type { RetrainOptions } from '../../search/retraining.ts';
import { describeOutcome, describeRun } from '../../text/retraining.ts';

/** Interval of schedules that must not fire during a test: an hour may end in one. */
export const TEN_YEARS = { text: '3650d', seconds: 3650 * 86_400 } as const;

export const RETRAIN_OPTIONS: RetrainOptions = {
  ...{ watchDir: '/data/incoming', url: null, settle: 10, margin: 0.003, alpha: 0.05, scope: 'champion', onlyOnDrift: false },
  schedule: { every: TEN_YEARS.seconds, cron: null, overlap: 'skip', catchUp: 3600, jitter: 0 },
};

export interface SeededRetraining {
  readonly name: string;
  /** Dataset versions: the sweep's own, and two that were appended. */
  readonly versions: readonly [string, string, string];
  readonly runs: { readonly first: string; readonly promoted: string; readonly kept: string; readonly failed: string };
  /** Best trials of the sweep by method and width, the first champions. */
  readonly cells: readonly { readonly method: Method; readonly k: number; readonly trialId: string }[];
}

const version = (digits: string, name: string) => `${digits}${Buffer.from(name).toString('hex')}`.padEnd(64, '0').slice(0, 64);

/**
 * Seeds a retraining from a finished sweep that has a completed trial for each method and width;
 * its trials serve as those of later sweeps too. With `grow` false the dataset is not extended, so
 * that later sweeps can use it.
 */
export async function seedRetraining(
  sql: Sql,
  sweep: SweepRow,
  { name = 'waist', quiet = 3, grow = true }: { readonly name?: string; readonly quiet?: number; readonly grow?: boolean } = {},
): Promise<SeededRetraining> {
  const { dataset, datasetVersion, target, spec } = sweep;
  const wanted = spec.methods.flatMap((method) => spec.space.k.map((k) => ({ method, k })));
  const cells = (await findBestTrials(sql, sweep.id, wanted)).map(({ method, k, trialId }) => ({ method, k, trialId }));
  await saveRetraining(sql, { name, spec, dataset, target, options: RETRAIN_OPTIONS });
  const [second, third] = [version('b10c', name), version('c0de', name)];
  const versions = [datasetVersion, second, third] as const;
  const runs = {
    first: `retrain-${name}-1`,
    promoted: `retrain-${name}-2`,
    kept: `retrain-${name}-3`,
    failed: `retrain-${name}-4`,
  };

  await startRun(sql, runs.first, name);
  await updateRun(sql, runs.first, { toVersion: datasetVersion, sweepIds: [sweep.id] });
  const about = { name, dataset, target, sweepId: sweep.id };
  for (const cell of cells) await registerChampion(sql, 'first', { ...about, ...cell, datasetVersion, runId: runs.first });
  await finishWithEvent(sql, name, runs.first, 'first', null, null, `${cells.length} champions, the best on validation`);

  if (grow) await append(sql, dataset, datasetVersion, second, 1000, 9000);
  const shard = { fingerprint: '1', message: null };
  await saveShard(sql, name, {
    ...shard,
    content: 'ab'.repeat(32),
    folder: '/data/incoming/hot',
    outcome: 'taken',
    version: second,
  });
  const others = await sql<{ id: string; method: Method; k: number }[]>`
    select id, method, k from trials where sweep_id = ${sweep.id} and outcome = 'completed' order by index`;
  const findChallenger = ({ method, k, trialId }: (typeof cells)[number]) =>
    others.find((one) => one.id !== trialId && one.method === method && (one.k === k || (method === 'eca' && one.k > k)))?.id ??
    trialId;
  const champions = await listCurrentChampions(sql, name);
  const challenges = champions.map(({ id, method, k, trialId }, i) =>
    challengeOf({ method, k, trialId }, id, findChallenger({ method, k, trialId }), i % 2 === 0 ? 0.02 : -0.004),
  );
  await startRun(sql, runs.promoted, name);
  const drift = driftOf(cells[0] as (typeof cells)[number], 0.01);
  const progress = { fromVersion: datasetVersion, toVersion: second, sweepIds: [sweep.id] };
  await updateRun(sql, runs.promoted, { ...progress, drift, challenges });
  for (const { method, k, championId, challengerTrial, promoted } of challenges) {
    if (!promoted || challengerTrial === null) continue;
    const challenger = { ...about, method, k, trialId: challengerTrial, datasetVersion: second, runId: runs.promoted };
    await replaceChampion(sql, challenger, championId);
  }
  await finishWithEvent(sql, name, runs.promoted, 'promoted', drift, challenges, 'some were replaced');
  const [event] = await listEventsOfRun(sql, runs.promoted);
  await ensurePendingMessages(sql, event?.id as string, ['webhook', 'mail']);
  await recordAttempt(sql, event?.id as string, 'webhook', null);
  await recordAttempt(sql, event?.id as string, 'mail', 'SMTP: ECONNREFUSED');

  if (grow) await append(sql, dataset, second, third, 400, 9400);
  await saveShard(sql, name, {
    ...shard,
    content: 'cd'.repeat(32),
    folder: '/data/incoming/cold',
    outcome: 'taken',
    version: third,
  });
  const broken = { ...shard, outcome: 'rejected', version: null, message: 'row 3 of xes holds NaN' } as const;
  await saveShard(sql, name, { ...broken, content: 'ef'.repeat(32), folder: '/data/incoming/broken' });
  const now = await listCurrentChampions(sql, name);
  const kept = now.map(({ id, method, k, trialId }) =>
    challengeOf({ method, k, trialId }, id, findChallenger({ method, k, trialId }), -0.002),
  );
  await startRun(sql, runs.kept, name);
  const calm = driftOf(cells[0] as (typeof cells)[number], 0.6);
  await updateRun(sql, runs.kept, { fromVersion: second, toVersion: third, sweepIds: [sweep.id], drift: calm, challenges: kept });
  await recordEvent(sql, {
    ...{ kind: 'shard-rejected', name, runId: runs.kept, subject: '/data/incoming/broken' },
    ...{ text: '/data/incoming/broken is not taken: row 3 of xes holds NaN', payload: {} },
  });
  await finishWithEvent(sql, name, runs.kept, 'kept', calm, kept, 'none was replaced');

  await startRun(sql, runs.failed, name);
  await finishRun(sql, runs.failed, 'failed', 'the trainer was lost');
  for (let i = 0; i < quiet; i++) {
    const id = `retrain-${name}-quiet-${i}`;
    await startRun(sql, id, name);
    await finishRun(sql, id, 'nothing-new', 'nothing new');
  }
  return { name, versions, runs, cells };
}

async function append(sql: Sql, name: string, parent: string, version: string, added: number, rows: number): Promise<void> {
  const [row] = await sql<{ root: string; description: Record<string, unknown> }[]>`
    select coalesce(root, version) as root, description from dataset_versions where name = ${name} and version = ${parent}`;
  const description = { ...row?.description, rows: added };
  await saveDatasetVersion(sql, { name, version, description, appendedTo: { root: row?.root as string, parent, rows } });
}

/** Finishes a run and records its event. */
async function finishWithEvent(
  sql: Sql,
  name: string,
  runId: string,
  outcome: 'first' | 'kept' | 'promoted',
  drift: DriftRecord | null,
  challenges: readonly ChallengeRecord[] | null,
  message: string,
): Promise<void> {
  await finishRun(sql, runId, outcome, message);
  const text = [describeOutcome(name, outcome, challenges), describeRun(drift, challenges, message)].join('\n');
  await recordEvent(sql, { kind: outcome, name, runId, subject: '', text, payload: {} });
}

/** Returns a drift record in which every test has the same probability. */
function driftOf({ method, k, trialId }: SeededRetraining['cells'][number], probability: number): DriftRecord {
  const found = probability < 0.0125;
  const result = { probability, found };
  return {
    ...{ method, k, trialId, alpha: 0.05, referenceRows: 1200, freshRows: 1000, verdict: found ? 'performance' : 'none' },
    descriptors: ['alpha', 'b_long', 'b_short'].map((name, column) => ({
      ...{ name, column, statistic: 0.3 - 0.12 * column, probability, rate: probability * (1 + column) },
      shifted: found && column === 0,
    })),
    marginal: result,
    inputs: { ...result, distance: 0.21, permutations: 999 },
    outputs: { ...result, distance: 0.08, permutations: 999 },
    performance: { ...result, reference: 0.95, fresh: 0.91, drop: { mean: 0.04, low: 0.01, high: 0.07 } },
  };
}

function challengeOf(
  { method, k, trialId }: SeededRetraining['cells'][number],
  championId: number,
  challengerTrial: string,
  gain: number,
): ChallengeRecord {
  const scoreOn = (rows: number, champion: number, mean: number): PairedScore => ({
    rows,
    champion,
    challenger: champion + mean,
    difference: { mean, low: mean - 0.003, high: mean + 0.003 },
  });
  const level = 0.55 + 0.15 * k;
  const promoted = gain > 0.003;
  return {
    ...{ method, k, championId, championTrial: trialId, challengerTrial, promoted },
    reason: promoted ? 'better on the new rows' : 'not better on the new rows',
    fresh: scoreOn(150, level - 0.05, gain),
    old: scoreOn(1200, level, gain / 4),
    both: scoreOn(1350, level - 0.01, gain / 2),
    continuity:
      method === 'ednn' ? null : { angles: [4], components: [{ component: 1, was: 1, sign: 1, degrees: 4, kept: true }] },
  };
}
