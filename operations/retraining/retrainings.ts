/** Retrainings: started, read, paused, resumed, removed. */
import { requireSourceUrl, showUrl } from '../../datasets/sources/source-url.ts';
import type { Queryable } from '../../db/client.ts';
import { listCurrentChampions, registerChampion } from '../../db/queries/retraining/champions.ts';
import { notifyRetrainingChange } from '../../db/queries/retraining/change-feed.ts';
import { type EventRow, listEvents } from '../../db/queries/retraining/notifications.ts';
import {
  findRetraining,
  listRetrainings,
  listRuns,
  markRetrainingRemoved,
  type RetrainingRow,
  type RetrainRunRow,
  saveRetraining,
} from '../../db/queries/retraining/retrainings.ts';
import { findSweep, findSweepsById, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { findBestTrials } from '../../db/queries/trials/models.ts';
import { NarrowsError } from '../../errors.ts';
import { canonicalJson } from '../../models/canonical-json.ts';
import { requireName } from '../../search/names.ts';
import type { RetrainOptions } from '../../search/retraining.ts';
import { partitionCount, type SweepSpec } from '../../search/spec.ts';
import { scheduleId } from '../../workflows/retrain-input.ts';
import { isNamed, type Servers } from '../servers.ts';
import type { CheckedSpec } from '../sweeps/check.ts';
import { settleRun } from './run-ends.ts';
import { activateSchedule, createSchedule, findSchedule, readSchedule, type ScheduleStatus } from './schedules.ts';

export interface NewRetraining {
  readonly name: string;
  readonly checked: CheckedSpec;
  readonly options: RetrainOptions;
  /** Finished sweep whose best trials are the first champions; null: the first run trains one. */
  readonly adopt: string | null;
}

/**
 * Writes a retraining's row and its schedule, or neither. Without champions the first run starts at
 * once; those of a removed retraining of the same name stay in use. Throws NarrowsError
 * `retraining-exists`, `champions-unfit`, `sweep-unfit`, `sweep-unknown`, `schedule-invalid`,
 * `url-unfit`, `name-invalid`, `spec-invalid`.
 */
export async function startRetraining(
  { db, temporal }: Servers,
  { name, checked, options, adopt }: NewRetraining,
): Promise<RetrainingStatus> {
  const { url } = options;
  requireName(name);
  if (url !== null) requireSourceUrl(url);
  const { spec, dataset } = checked;
  requireOnePartition(spec);
  requireStatedWidths(spec);
  const adopted = adopt === null ? null : await findSweep(db.sql, adopt);
  if (adopted) checkAdopted(adopted, checked);
  const isFirst = await db.sql.begin(async (sql) => {
    const shown = { ...options, url: url && showUrl(url) };
    if (!(await saveRetraining(sql, { name, spec, dataset: dataset.name, target: spec.target, options: shown }, url))) {
      throw new NarrowsError('retraining-exists', `the retraining "${name}" exists already`, {
        path: 'name',
        fix: `take another name with --name, or remove it with "narrows retrain remove ${name}"`,
      });
    }
    await checkKeptChampions(sql, name, checked);
    if (adopted) {
      const cells = adopted.spec.methods.flatMap((method) => adopted.spec.space.k.map((k) => ({ method, k })));
      const about = {
        name,
        dataset: dataset.name,
        target: spec.target,
        sweepId: adopted.id,
        datasetVersion: adopted.datasetVersion,
      };
      for (const { method, k, trialId } of await findBestTrials(sql, adopted.id, cells)) {
        if (await registerChampion(sql, 'adopted', { ...about, method, k, trialId, runId: null })) continue;
        throw championsUnfit(`a champion of ${method} at k = ${k} is in use from the removed retraining "${name}"`);
      }
    }
    // Last: what the database refuses must leave no schedule behind.
    await createSchedule({ temporal }, await findRetraining(sql, name), options.schedule);
    return (await listCurrentChampions(sql, name)).length === 0;
  });
  await activateSchedule({ temporal }, await findRetraining(db.sql, name), isFirst);
  return readRetraining({ db, temporal }, name);
}

/** Champions and challengers are compared on rows that neither was trained on: one hold-out. */
function requireOnePartition({ split }: SweepSpec): void {
  if (partitionCount({ split }) === 1) return;
  const [path, kind] = split.folds ? ['split.folds', 'folds'] : ['split.repeats', 'repeats'];
  throw new NarrowsError('spec-invalid', `a retraining compares models on one hold-out, and the spec has ${kind}`, {
    path,
    fix: `leave ${kind} out; compare configurations over ${kind} in a sweep of its own`,
  });
}

/** Champions have a method and a width: one that is left out later would lack its challenger. */
function requireStatedWidths({ space }: SweepSpec): void {
  if (!space.auto) return;
  throw new NarrowsError('spec-invalid', 'a retraining trains the same widths each time, and the spec searches for them', {
    path: 'space.k',
    fix: 'name the widths in space.k: those that a sweep of this spec has found',
  });
}

/** Checks champions of a removed retraining of this name, as those of an adopted sweep. */
async function checkKeptChampions(sql: Queryable, name: string, { spec, dataset }: CheckedSpec): Promise<void> {
  const kept = await listCurrentChampions(sql, name);
  const other = kept.find((one) => one.dataset !== dataset.name || one.target !== spec.target);
  if (other) {
    const message = `champions of the removed retraining "${name}" are of ${other.dataset} ${other.target}, the spec of ${dataset.name} ${spec.target}`;
    throw championsUnfit(message);
  }
  const sweeps = await findSweepsById(sql, [...new Set(kept.map(({ sweepId }) => sweepId))]);
  if (sweeps.every((sweep) => canonicalJson(sweep.spec.split) === canonicalJson(spec.split))) return;
  throw championsUnfit(`champions of the removed retraining "${name}" were trained with another split`);
}

const championsUnfit = (message: string): NarrowsError =>
  new NarrowsError('champions-unfit', message, { path: 'name', fix: 'take another name with --name' });

function checkAdopted(sweep: SweepRow, { spec, dataset }: CheckedSpec): void {
  const unfit = (message: string) =>
    new NarrowsError('sweep-unfit', message, { path: 'adopt', fix: 'adopt a finished sweep of this spec' });
  if (sweep.state !== 'completed' && sweep.state !== 'partial') throw unfit(`the sweep ${sweep.name} is ${sweep.state}`);
  if (sweep.dataset !== dataset.name || sweep.target !== spec.target)
    throw unfit(`the sweep ${sweep.name} is of ${sweep.dataset} ${sweep.target}, the spec of ${dataset.name} ${spec.target}`);
  // Its hold-out would be in the training rows of the challengers.
  if (canonicalJson(sweep.spec.split) !== canonicalJson(spec.split)) throw unfit(`the sweep ${sweep.name} has another split`);
}

/** The contract's `retrain ls`. */
export interface RetrainingStatus {
  readonly name: string;
  readonly dataset: string;
  readonly target: string;
  readonly options: RetrainOptions;
  readonly schedule: ScheduleStatus['state'];
  readonly nextRun: string | null;
  readonly champions: number;
  readonly lastRun: RetrainRunRow | null;
}

/** Returns the status of a retraining. Throws NarrowsError `retraining-unknown`. */
export const readRetraining = async (servers: Servers, name: string): Promise<RetrainingStatus> =>
  statusOf(servers, await findRetraining(servers.db.sql, name));

export const readRetrainings = async (servers: Servers): Promise<RetrainingStatus[]> =>
  Promise.all((await listRetrainings(servers.db.sql)).map((row) => statusOf(servers, row)));

async function statusOf(servers: Servers, row: RetrainingRow): Promise<RetrainingStatus> {
  const { name, dataset, target, options } = row;
  const [champions, [lastRun = null], { state, next }] = await Promise.all([
    listCurrentChampions(servers.db.sql, name),
    listRuns(servers.db.sql, name, 1),
    readSchedule(servers, row),
  ]);
  const nextRun = next[0]?.toISOString() ?? null;
  const settled = lastRun && (await settleRun(servers, lastRun));
  return { name, dataset, target, options, schedule: state, nextRun, champions: champions.length, lastRun: settled };
}

/** The contract's `retrain show`. */
export interface RetrainingHistory extends RetrainingStatus {
  /** Newest first. */
  readonly runs: readonly RetrainRunRow[];
  readonly events: readonly EventRow[];
}

/** Returns a retraining with its newest runs and events. Throws `retraining-unknown`. */
export async function readRetrainingHistory(
  servers: Servers,
  name: string,
  limits: { readonly runs: number; readonly events: number },
): Promise<RetrainingHistory> {
  // First, since it settles the last run.
  const status = await readRetraining(servers, name);
  const [runs, events] = await Promise.all([
    listRuns(servers.db.sql, name, limits.runs),
    listEvents(servers.db.sql, name, limits.events),
  ]);
  return { ...status, runs, events };
}

/** Returns the newest 1,000 runs of a retraining, newest first. */
export const listRunsOf = ({ db }: Pick<Servers, 'db'>, name: string): Promise<RetrainRunRow[]> => listRuns(db.sql, name, 1000);

/** Pauses the schedule; a run under way goes on. Throws as findSchedule. */
export async function pauseRetraining(servers: Servers, name: string): Promise<void> {
  await (await findSchedule(servers, name)).pause();
  await notifyRetrainingChange(servers.db.sql, { name });
}

/** Resumes the schedule. Throws NarrowsError `retraining-unknown`, `schedule-missing`. */
export async function resumeRetraining(servers: Servers, name: string): Promise<void> {
  await (await findSchedule(servers, name)).unpause();
  await notifyRetrainingChange(servers.db.sql, { name });
}

/**
 * Starts a run for each time of the schedule in a range. Throws NarrowsError `range-empty`, and as
 * findSchedule.
 */
export async function backfillRetraining(servers: Servers, name: string, from: Date, to: Date): Promise<void> {
  if (from >= to) {
    throw new NarrowsError('range-empty', `--from ${from.toISOString()} is not before --to ${to.toISOString()}`, {
      path: 'from',
    });
  }
  await (await findSchedule(servers, name)).backfill({ start: from, end: to, overlap: 'BUFFER_ALL' });
}

/** Removes the schedule. A run under way goes on to its end; champions, runs and events stay. */
export async function removeRetraining(servers: Servers, name: string): Promise<void> {
  const retraining = await findRetraining(servers.db.sql, name);
  await servers.temporal.schedule
    .getHandle(scheduleId(retraining))
    .delete()
    .catch((error: unknown) => {
      if (!isNamed(error, 'ScheduleNotFoundError')) throw error;
    });
  await markRetrainingRemoved(servers.db.sql, name);
}
