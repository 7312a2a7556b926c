import { Context } from '@temporalio/activity';
import { NarrowsError } from '../errors.ts';
import type { Engine, Pack } from '../models/engines/engine.ts';
import type { TrialReport } from '../models/training/report.ts';
import type { TrialTask } from '../models/training/task.ts';
import { untilEpoch } from '../search/packing.ts';
import { type Trial, trialId } from '../search/space.ts';
import { beginPointsOf } from './begin-points.ts';
import { withHeartbeats } from './heartbeat.ts';
import { readPack } from './pending-trials.ts';
import type { PackRange, SweepRecord, SweepStore } from './ports.ts';
import { createReportWriter } from './report-writer.ts';
import type { SharedLock } from './shared-lock.ts';
import { loadWarmModels } from './warm-models.ts';

/** Training time per trial that a lost machine costs at most. */
const CHECKPOINT_SECONDS = 5;

/**
 * Time in which a heartbeat says of a pack whose worker may die that it is trained now, and of
 * others that they wait.
 */
const TURN_MILLISECONDS = 1000;

/** Details of heartbeats: for people, but for `waits`. */
export interface PackDetails {
  readonly trials: number;
  ended: number;
  epoch: number;
  /** Whether it waits until others of its process have ended: it is not why the process dies. */
  waits?: boolean;
}

/**
 * Trains the pending trials of the range, those of several partitions at once, and writes their
 * rows as they end. Returns the numbers of trained trials, and of skipped ones: those that have
 * ended before, that are left out, or that the sweep which this one extends has.
 */
export async function trainPack(
  store: SweepStore,
  engine: Engine,
  lock: SharedLock,
  range: PackRange,
): Promise<{ readonly trained: number; readonly skipped: number }> {
  const details: PackDetails = { trials: range.to - range.from, ended: 0, epoch: 0 };
  return withHeartbeats(details, (context) => {
    const { cancellationSignal: signal } = context;
    const say = (waits: boolean) => {
      details.waits = waits;
      context.heartbeat(details);
    };
    const train = async () => {
      if (range.alone || details.waits) {
        say(false);
        await context.sleep(TURN_MILLISECONDS);
      }
      await beginPointsOf(store, range);
      const { sweep, trials: pending, skipped } = await readPack(store, range);
      const adopted = await store.adoptTrials(sweep, pending);
      const trials = pending.filter(({ index }) => !adopted.has(index));
      if (trials.length > 0) await trainTrials(store, engine, sweep, range, trials, signal, details);
      return { trained: trials.length, skipped: skipped + adopted.size };
    };
    return lock[range.alone ? 'alone' : 'shared'](signal, train, () => say(true));
  });
}

async function trainTrials(
  store: SweepStore,
  engine: Engine,
  sweep: SweepRecord,
  { rung }: PackRange,
  trials: readonly Trial[],
  cancelled: AbortSignal,
  progress: PackDetails,
): Promise<void> {
  const { sweepId, spec } = sweep;
  const byId = new Map(trials.map((trial) => [trialId(sweepId, trial.index), trial]));
  const checkpoints = await store.loadCheckpoints([...byId.keys()]);
  const modelOf = await loadWarmModels(store, trials);
  const tasksOf = new Map<number, TrialTask[]>();
  const startless: TrialReport[] = [];
  const end = untilEpoch(spec, rung);
  for (const [id, trial] of byId) {
    const { configuration, seed, partition } = trial;
    const initial = modelOf(trial);
    if (initial instanceof NarrowsError) {
      const { code, message } = initial;
      startless.push({ trialId: id, outcome: 'failed', code, message, epochs: 0, seconds: 0 });
    } else {
      const checkpoint = checkpoints.get(id) ?? null;
      const task = {
        trialId: id,
        configuration,
        seed,
        untilEpoch: Math.min(configuration.epochs, end),
        checkpoint,
        initial,
      };
      tasksOf.set(partition, [...(tasksOf.get(partition) ?? []), task]);
    }
  }

  const packs: Pack[] = [];
  for (const [partition, tasks] of tasksOf) packs.push({ data: await store.packData(sweep, partition), tasks });

  // A failed write stops the training: its results could not be kept.
  const unwritable = new AbortController();
  const saves = createCheckpointSaver(store);
  const writer = createReportWriter(
    async (entries) => {
      // A recorded result deletes the trial's checkpoint: none may arrive afterwards.
      await saves.underWay();
      await store.recordReports(sweepId, engine, entries);
    },
    (error) => unwritable.abort(error),
  );
  // Taken now: reports may arrive outside of the activity's context.
  const { log } = Context.current();
  const report = (report: TrialReport) => {
    const trial = byId.get(report.trialId);
    if (!trial) throw new NarrowsError('engine-lost', `the engine reported on a trial it was not given: ${report.trialId}`);
    if (report.outcome !== 'failed') saves.forget(report.trialId);
    writer.push({ trial, trialId: report.trialId, rung, report });
    progress.ended += 1;
    if (report.outcome === 'failed')
      log.warn('trial failed', { trial: report.trialId, code: report.code, reason: report.message });
  };

  startless.forEach(report);
  try {
    await allOrNone(AbortSignal.any([cancelled, unwritable.signal]), packs, async (pack, signal) => {
      await engine.train(pack, {
        signal,
        checkpointSeconds: CHECKPOINT_SECONDS,
        onReport: report,
        onProgress: ({ epoch }) => {
          progress.epoch = epoch;
        },
        onCheckpoint: ({ trialId, epoch, bytes }) => saves.save(trialId, epoch, bytes),
      });
    });
  } catch (error) {
    // Trials that ended before the interruption are kept.
    await Promise.allSettled([writer.flush(), saves.settled()]);
    if (cancelled.aborted) throw cancelled.reason;
    if (unwritable.signal.aborted) throw unwritable.signal.reason;
    const message = error instanceof Error ? error.message : String(error);
    throw new NarrowsError('engine-lost', `the engine broke down: ${message}`, { cause: error });
  }
  await saves.settled();
  await writer.flush();
}

/** Works on all items at once. The first failure aborts the others; it is thrown once all ended. */
async function allOrNone<T>(signal: AbortSignal, items: readonly T[], work: (item: T, signal: AbortSignal) => Promise<void>) {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  await Promise.allSettled(items.map((item) => work(item, either).catch((error: unknown) => failed.abort(error))));
  failed.signal.throwIfAborted();
}

/**
 * Saves checkpoints one after another, of each trial only the newest that waits. A failed save is
 * ignored: it costs time only if the machine is lost.
 */
function createCheckpointSaver(store: SweepStore) {
  const waiting = new Map<string, { readonly epoch: number; readonly bytes: Uint8Array }>();
  let draining: Promise<void> | null = null;
  let current: Promise<void> = Promise.resolve();

  const drain = async () => {
    for (;;) {
      const [next] = waiting;
      if (!next) break;
      const [id, { epoch, bytes }] = next;
      waiting.delete(id);
      current = store.saveCheckpoint(id, epoch, bytes).catch(() => undefined);
      await current;
    }
    draining = null;
  };

  return {
    save(trialId: string, epoch: number, bytes: Uint8Array): void {
      waiting.set(trialId, { epoch, bytes });
      draining ??= drain();
    },
    /** Discards a checkpoint that waits: the trial has a result. */
    forget(trialId: string): void {
      waiting.delete(trialId);
    },
    /** Resolves when the save under way has ended. */
    underWay(): Promise<void> {
      return current;
    },
    /** Resolves when everything is saved. */
    async settled(): Promise<void> {
      await draining;
    },
  };
}
