/**
 * How a run ends: champions, the run's outcome and what people are told of it change in one
 * transaction, or not at all.
 */
import type { Queryable } from '../../db/client.ts';
import { listCurrentChampions, registerChampion, replaceChampion as replace } from '../../db/queries/retraining/champions.ts';
import { findLastEvent, recordEvent } from '../../db/queries/retraining/notifications.ts';
import {
  findRetrainingOfRun,
  findRun,
  finishRun,
  lockRun,
  type RetrainOutcome,
  updateRun,
} from '../../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../../errors.ts';
import type { ChallengeRecord, DriftRecord } from '../../models/drift/record.ts';
import { sweepOfTrial } from '../../search/space.ts';
import { describeOutcome, describeRun } from '../../text/retraining.ts';
import { bestOfRun } from './best-trials.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

/**
 * The best trial of each method and width of the first sweep becomes its champion. Throws
 * NarrowsError `nothing-completed`.
 */
export async function registerFirstChampions({ db }: RetrainPorts, { runId, name }: RetrainRun): Promise<void> {
  await db.sql.begin(async (sql) => {
    if (!(await lockRun(sql, runId))) return;
    const { dataset, target, spec } = await findRetrainingOfRun(sql, name);
    const run = await findRun(sql, runId);
    const cells = spec.methods.flatMap((method) => spec.space.k.map((k) => ({ method, k })));
    const best = await bestOfRun(sql, run.sweepIds ?? [], cells);
    if (best.size === 0) throw new NarrowsError('nothing-completed', 'no trial of the first sweep completed');
    const datasetVersion = run.toVersion as string;
    let crowned = 0;
    for (const { method, k, trialId } of best.values()) {
      const fresh = await registerChampion(sql, 'first', {
        name,
        dataset,
        target,
        method,
        k,
        trialId,
        sweepId: sweepOfTrial(trialId),
        datasetVersion,
        runId,
      });
      if (fresh) crowned += 1;
    }
    const message = `${crowned} champions, the best on validation of their method and width`;
    await conclude(sql, { runId, name }, crowned > 0 ? 'first' : 'kept', message);
  });
}

/**
 * Puts the challengers that won in place. A champion that was changed meanwhile (a roll-back) is
 * left alone.
 */
export async function promoteChallengers({ db }: RetrainPorts, { runId, name }: RetrainRun): Promise<void> {
  await db.sql.begin(async (sql) => {
    if (!(await lockRun(sql, runId))) return;
    const { dataset, target } = await findRetrainingOfRun(sql, name);
    const run = await findRun(sql, runId);
    const challenges: ChallengeRecord[] = [];
    for (const record of run.challenges ?? []) {
      const { method, k, championId, challengerTrial, promoted } = record;
      if (!promoted || challengerTrial === null) {
        challenges.push(record);
        continue;
      }
      const champion = {
        ...{ name, dataset, target, method, k, runId },
        trialId: challengerTrial,
        sweepId: sweepOfTrial(challengerTrial),
        datasetVersion: run.toVersion as string,
      };
      const replaced = await replace(sql, champion, championId);
      const changed = { promoted: false, reason: 'the champion was changed while the challenger was trained' };
      challenges.push(replaced ? record : { ...record, ...changed });
    }
    await updateRun(sql, runId, { challenges });
    const won = challenges.filter(({ promoted }) => promoted).length;
    await conclude(
      sql,
      { runId, name },
      won > 0 ? 'promoted' : 'kept',
      `${won} of ${challenges.length} champions ${won === 1 ? 'was' : 'were'} replaced`,
    );
  });
}

/** New rows, no drift, and nothing else was asked for. */
export async function keepChampions({ db }: RetrainPorts, { runId, name }: RetrainRun): Promise<void> {
  await db.sql.begin(async (sql) => {
    if (!(await lockRun(sql, runId))) return;
    await conclude(sql, { runId, name }, 'kept', 'there are new rows, and no drift is found in them: nothing was trained');
  });
}

/** A run that broke. The same failure on the same data is told once, however often it is tried. */
export async function failRetraining(
  { db }: RetrainPorts,
  { runId, name, message }: RetrainRun & { readonly message: string },
): Promise<void> {
  await db.sql.begin(async (sql) => {
    if (!(await lockRun(sql, runId))) return;
    const { toVersion } = await findRun(sql, runId);
    const subject = toVersion ?? '';
    const last = await findLastEvent(sql, name, ['failed', 'first', 'kept', 'promoted'], null);
    await finishRun(sql, runId, 'failed', message);
    if (last?.kind === 'failed' && last.subject === subject && last.payload.message === message) return;
    const text = `${describeOutcome(name, 'failed', null)}: ${message}. The champions stay in use; it is tried again at every run.`;
    await recordEvent(sql, { kind: 'failed', name, runId, subject, text, payload: { message } });
  });
}

async function conclude(
  sql: Queryable,
  { runId, name }: RetrainRun,
  outcome: Extract<RetrainOutcome, 'first' | 'kept' | 'promoted'>,
  message: string,
): Promise<void> {
  await finishRun(sql, runId, outcome, message);
  const { drift, challenges, fromVersion, toVersion, sweepIds } = await findRun(sql, runId);
  const champions = (await listCurrentChampions(sql, name)).map(({ method, k, trialId }) => ({ method, k, trialId }));
  const text = [describeOutcome(name, outcome, challenges), describeRun(drift, challenges, message)].join('\n');
  const payload = { ...summary(drift, challenges), champions, fromVersion, toVersion, sweepIds };
  await recordEvent(sql, { kind: outcome, name, runId, subject: '', text, payload });
}

/** What a script wants to know without asking again. */
function summary(drift: DriftRecord | null, challenges: readonly ChallengeRecord[] | null) {
  return {
    drift: drift && { verdict: drift.verdict, reference: drift.performance.reference, fresh: drift.performance.fresh },
    challenges: (challenges ?? []).map(({ method, k, promoted, reason, fresh, old }) => ({
      method,
      k,
      promoted,
      reason,
      fresh,
      old,
    })),
  };
}
