/** The end of a run: champions, the run's outcome and its event change in one transaction. */
import type { Queryable } from '../../db/client.ts';
import type { RetrainOutcome } from '../../db/enums.ts';
import {
  listCurrentChampions,
  type NewChampion,
  registerChampion,
  replaceChampion as replace,
} from '../../db/queries/retraining/champions.ts';
import { recordEvent } from '../../db/queries/retraining/notifications.ts';
import {
  findRetrainingOfRun,
  findRun,
  finishRun,
  lockRunning,
  type RetrainingRow,
  type RetrainRunRow,
  updateRun,
} from '../../db/queries/retraining/retrainings.ts';
import type { CellKey } from '../../db/queries/trials/models.ts';
import { NarrowsError } from '../../errors.ts';
import type { ChallengeRecord, DriftRecord } from '../../models/drift/record.ts';
import { recordRunFailure } from '../../operations/retraining/run-ends.ts';
import { sweepOfTrial } from '../../search/space.ts';
import { describeOutcome, describeRun } from '../../text/retraining.ts';
import { bestOfRun } from './best-trials.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

/** Ends a run in one transaction; does nothing where it has ended. */
const concluding = ({ db }: RetrainPorts, runId: string, work: (sql: Queryable, run: RetrainRunRow) => Promise<void>) =>
  db.sql.begin(async (sql) => {
    const run = await lockRunning(sql, runId);
    if (run) await work(sql, run);
  }) as Promise<void>;

const championOf = (
  { name, dataset, target }: RetrainingRow,
  { id, toVersion }: RetrainRunRow,
  { method, k, trialId }: CellKey & { readonly trialId: string },
): NewChampion => ({
  ...{ name, dataset, target, method, k, trialId, runId: id },
  sweepId: sweepOfTrial(trialId),
  datasetVersion: toVersion as string,
});

/** Registers the best trials of the first sweep. Throws NarrowsError `nothing-completed`. */
export const registerFirstChampions = (ports: RetrainPorts, { runId, name }: RetrainRun) =>
  concluding(ports, runId, async (sql, run) => {
    const retraining = await findRetrainingOfRun(sql, name);
    const { methods, space } = retraining.spec;
    const cells = methods.flatMap((method) => space.k.map((k) => ({ method, k })));
    const best = await bestOfRun(sql, run.sweepIds ?? [], cells);
    if (best.size === 0) throw new NarrowsError('nothing-completed', 'no trial of the first sweep completed');
    let registered = 0;
    for (const trial of best.values()) {
      if (await registerChampion(sql, 'first', championOf(retraining, run, trial))) registered += 1;
    }
    const message = `${registered} champions, the best on validation of their method and width`;
    await conclude(sql, run, registered > 0 ? 'first' : 'kept', message);
  });

/** Promotes the challengers that won. A champion that changed meanwhile (a roll-back) stays. */
export const promoteChallengers = (ports: RetrainPorts, { runId, name }: RetrainRun) =>
  concluding(ports, runId, async (sql, run) => {
    const retraining = await findRetrainingOfRun(sql, name);
    const challenges: ChallengeRecord[] = [];
    for (const record of run.challenges ?? []) {
      const { championId, challengerTrial: trialId, promoted } = record;
      const stands =
        !promoted || trialId === null || (await replace(sql, championOf(retraining, run, { ...record, trialId }), championId));
      const changed = { promoted: false, reason: 'the champion was changed while the challenger was trained' };
      challenges.push(stands ? record : { ...record, ...changed });
    }
    await updateRun(sql, runId, { challenges });
    const won = challenges.filter(({ promoted }) => promoted).length;
    const message = `${won} of ${challenges.length} champions ${won === 1 ? 'was' : 'were'} replaced`;
    await conclude(sql, run, won > 0 ? 'promoted' : 'kept', message);
  });

/** Ends a run that has new rows, no drift that is found, and no other reason to train. */
export const keepChampions = (ports: RetrainPorts, { runId }: RetrainRun) =>
  concluding(ports, runId, (sql, run) => {
    const isDecided = run.drift?.verdict === 'none';
    const found = isDecided ? 'and no drift is found in them' : 'too few for a verdict on drift';
    return conclude(sql, run, 'kept', `there are new rows, ${found}: nothing was trained`);
  });

/** Ends a run that failed. Repeated failures on the same data are one event. */
export const failRetraining = (ports: RetrainPorts, { runId, message }: RetrainRun & { readonly message: string }) =>
  concluding(ports, runId, (sql, run) => recordRunFailure(sql, run, message));

async function conclude(
  sql: Queryable,
  { id: runId, name }: RetrainRunRow,
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
