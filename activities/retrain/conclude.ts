/** The end of a run: champions, the run's outcome and its event change in one transaction. */
import type { Queryable } from '../../db/client.ts';
import type { RetrainOutcome } from '../../db/enums.ts';
import { listCurrentChampions, registerChampion, replaceChampion as replace } from '../../db/queries/retraining/champions.ts';
import { findLastEvent, recordEvent } from '../../db/queries/retraining/notifications.ts';
import { findRetrainingOfRun, findRun, finishRun, lockRun, updateRun } from '../../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../../errors.ts';
import type { ChallengeRecord, DriftRecord } from '../../models/drift/record.ts';
import { sweepOfTrial } from '../../search/space.ts';
import { describeOutcome, describeRun } from '../../text/retraining.ts';
import { bestOfRun } from './best-trials.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

/** Registers the best trials of the first sweep. Throws NarrowsError `nothing-completed`. */
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

/** Promotes the challengers that won. A champion that changed meanwhile (a roll-back) stays. */
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

/** Ends a run that has new rows, no drift, and no other reason to train. */
export async function keepChampions({ db }: RetrainPorts, { runId, name }: RetrainRun): Promise<void> {
  await db.sql.begin(async (sql) => {
    if (!(await lockRun(sql, runId))) return;
    await conclude(sql, { runId, name }, 'kept', 'there are new rows, and no drift is found in them: nothing was trained');
  });
}

/** Ends a run that failed. Repeated failures on the same data are one event. */
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

/** Returns the numbers that scripts need. */
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
