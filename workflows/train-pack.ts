/** Packs, trained whatever becomes of their workers. */
import { CancellationScope, isCancellation, patched, proxyActivities } from '@temporalio/workflow';
import type { Activities, PackProgress, PackRange } from '../activities/index.ts';
import { ACTIVITY_OPTIONS } from './activity-options.ts';
import { type Failure, failureOf, isFatal, wasWaiting, withOutageRetry } from './failures.ts';
import { onTrainers } from './on-trainers.ts';
import type { PackTrainers } from './task-queues.ts';

const { readProgress, recordFailures } = proxyActivities<Activities>(ACTIVITY_OPTIONS.bookkeep);

/** Sweeps that started before packs were judged by their progress divide them at once. */
const judgesByProgress = (): boolean => patched('progress-of-packs');

const untrained = ({ from, to }: PackRange): PackProgress => ({ pending: to - from, epochs: 0, bytes: 0 });

/**
 * Trains a pack on these trainers, of which `stored` is known to be stored; one that fails for good
 * is divided, until a faulty trial fails without others.
 */
export async function trainOrDivide(pack: PackRange, trainers: PackTrainers, stored = untrained(pack)): Promise<void> {
  const stuck = await trainUntilStuck(pack, trainers, stored);
  if (stuck === null) return;
  const { range, failure } = stuck;
  const { from, to } = range;
  if (to - from === 1) {
    await withOutageRetry(() => recordFailures({ ...range, ...failure }));
    return;
  }
  const middle = Math.ceil((from + to) / 2);
  const halves = [
    { ...range, to: middle },
    { ...range, from: middle },
  ];
  const train = async (half: PackRange) =>
    trainOrDivide(half, trainers, judgesByProgress() ? await withOutageRetry(() => readProgress(half)) : untrained(half));
  if (endsTogether()) await allEnded(halves.map((half) => () => train(half)));
  else await Promise.all(halves.map(train));
}

/** Sweeps that started before left a half that was slow to stop behind. */
const endsTogether = (): boolean => patched('halves-end-together');

/**
 * Waits until all have ended; where one fails, cancels the others. Throws the first failure, or the
 * cancellation.
 */
async function allEnded(works: readonly (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const watch = (work: () => Promise<void>) =>
    work().catch((error: unknown) => {
      failures.push(error);
      scope.cancel();
    });
  await scope.run(() => Promise.all(works.map(watch)));
  if (failures.length > 0) throw failures.find((error) => !isCancellation(error)) ?? failures[0];
}

/** Sweeps that started before suspects were judged by each attempt had two at a time. */
const judgesEachAttempt = (): boolean => patched('attempts-of-suspects');

/** A second death without progress, of a worker that trains nothing else, blames the pack. */
const DEATHS_ALONE = 2;

/**
 * Trains a pack. Attempts start anew with progress: a result, or an epoch beyond the last
 * checkpoint. A pack whose workers die without any is trained alone, so that it does not fail for
 * what else runs; an attempt that only waited for its turn counts for nothing. Returns the last
 * failure, and how the pack was trained then; null where it has ended. Throws failures that end the
 * sweep.
 */
async function trainUntilStuck(
  pack: PackRange,
  trainers: PackTrainers,
  stored: PackProgress,
): Promise<{ readonly range: PackRange; readonly failure: Failure } | null> {
  const { alone: _, ...together } = pack;
  let [range, before, deathsAlone] = [pack, stored, 0];
  for (;;) {
    const { trainPack } = onTrainers(trainers, range.alone ? 'suspect' : 'compute');
    try {
      // Lost workers are judged below, by the progress of the pack.
      await withOutageRetry(() => trainPack(range), []);
      return null;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = failureOf(error);
      if (isFatal(failure)) throw error;
      if (!judgesByProgress()) return { range, failure };
      const isLost = failure.code === 'WorkerLost';
      if (isLost && wasWaiting(error) && judgesEachAttempt()) continue;
      const now = await withOutageRetry(() => readProgress(range));
      if (isProgress(before, now)) [range, deathsAlone] = [together, 0];
      else if (isLost && !range.alone) range = { ...range, alone: true };
      else if (!isLost || ++deathsAlone >= DEATHS_ALONE || !judgesEachAttempt())
        return { range, failure: isLost ? blame(failure) : failure };
      before = now;
    }
  }
}

const isProgress = (before: PackProgress, now: PackProgress): boolean =>
  now.pending < before.pending || now.epochs > before.epochs || now.bytes > before.bytes;

const blame = ({ code, message }: Failure): Failure => ({
  code,
  message: `its workers died, also each one that trained nothing else, without progress, as they do where memory is short: ${message}`,
});
