import {
  CancellationScope,
  ContinueAsNew,
  condition,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, FinalState, RecordedState } from '../activities/index.ts';
import { ACTIVITY_OPTIONS, FIXED_WINDOW } from './activity-options.ts';
import { failureOf, withOutageRetry } from './failures.ts';
import { pauseSignal, progressQuery, resumeSignal, retryFailedSignal, windowSignal } from './messages.ts';
import { onTrainers } from './on-trainers.ts';
import { packsInFlight } from './packs-in-flight.ts';
import { initialCursor, type SweepCursor, type SweepInput } from './sweep-input.ts';
import { trainOrDivide } from './train-pack.ts';

const { promoteRung, setSweepState, keepBestModels, closeSweep } = proxyActivities<Activities>(ACTIVITY_OPTIONS.bookkeep);
const { compareSweep, interpretSweep } = proxyActivities<Activities>(ACTIVITY_OPTIONS.compare);

/**
 * Trains a sweep's trials in packs, rung by rung, retries failed ones on request, and closes with
 * the comparison. The input is the whole resumable state; histories hold ids and ranges, the
 * database holds everything else. Every activity may be repeated: trials that have ended are
 * skipped.
 */
export async function sweep(input: SweepInput): Promise<FinalState> {
  const { sweepId, planned, packSizes } = input;
  const cursor: { -readonly [Key in keyof SweepCursor]: SweepCursor[Key] } = {
    ...(input.place ?? initialCursor('train', planned)),
  };
  const inFlight = packsInFlight();
  let window = input.window ?? FIXED_WINDOW;
  let hasLaunched = false;
  const paused = () => cursor.paused;
  // A newer build takes over. A run without a pack could not have been moved: it goes on.
  const isContinuationDue = () => {
    const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
    return continueAsNewSuggested || (targetWorkerDeploymentVersionChanged && hasLaunched);
  };
  const hasRoom = () => cursor.next < cursor.entrants && inFlight.packs < window;

  setHandler(pauseSignal, () => {
    cursor.paused = true;
  });
  setHandler(resumeSignal, () => {
    cursor.paused = false;
  });
  setHandler(retryFailedSignal, () => {
    cursor.retryRequested = true;
  });
  setHandler(windowSignal, (packs) => {
    window = packs;
  });
  setHandler(progressQuery, () => {
    const { retryRequested, ...position } = cursor;
    return { ...position, rungs: packSizes.length, running: inFlight.trials };
  });

  try {
    if (!cursor.paused) await record('running');
    // Concurrent with the trials, and dispensable: the comparison reports what is missing.
    const baselinesReady = bestEffort('baselines', () => onTrainers('compute').baselines(sweepId)).catch(() => {});
    for (;;) {
      while (cursor.stage !== 'close' || cursor.retryRequested) {
        if (cursor.stage === 'close') Object.assign(cursor, { ...initialCursor('retry', planned), paused: cursor.paused });
        await trainEveryRung(baselinesReady);
        cursor.stage = 'close';
      }
      await baselinesReady;
      await withOutageRetry(() => keepBestModels(sweepId));
      // Sweeps that were closing before this patch interpret after they have compared.
      if (patched('interpretation with comparison')) {
        await Promise.all([compare(), interpret()]);
        if (cursor.retryRequested) continue;
      } else {
        await compare();
        if (cursor.retryRequested) continue;
        // Sweeps that started before there were interpretations close without one.
        if (patched('interpretation')) await interpret();
      }
      const state = await withOutageRetry(() => closeSweep(sweepId));
      if (!cursor.retryRequested) return state;
      await record('running'); // requested while the sweep was closing
    }
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(async () => {
      await inFlight.interrupt();
      if (isCancellation(error)) await record('cancelled');
      else await record('failed', failureOf(error).message);
    });
    throw error;
  }

  async function trainEveryRung(baselinesReady: Promise<void>): Promise<void> {
    for (;;) {
      await trainRung(baselinesReady);
      if (cursor.rung + 1 === packSizes.length) return;
      const entrants = await withOutageRetry(() => promoteRung({ sweepId, rung: cursor.rung }));
      Object.assign(cursor, { rung: cursor.rung + 1, entrants, next: 0 });
    }
  }

  /** Trains the entrants of the rung in a sliding window of packs. */
  async function trainRung(baselinesReady: Promise<void>): Promise<void> {
    while (cursor.next < cursor.entrants || inFlight.packs > 0) {
      if (cursor.paused) {
        await pauseUntilResumed();
      } else if (isContinuationDue()) {
        await inFlight.drained(paused);
        if (cursor.paused) continue;
        await baselinesReady;
        await continueOnCurrentBuild({ sweepId, planned, packSizes, window, place: cursor });
      } else if (hasRoom()) {
        const from = cursor.next;
        const to = Math.min(cursor.entrants, from + (packSizes[cursor.rung] ?? 1));
        const range = { sweepId, rung: cursor.rung, from, to, retry: cursor.stage === 'retry' };
        cursor.next = to;
        hasLaunched = true;
        inFlight.launch(from, to, () => trainOrDivide(range));
      } else {
        await inFlight.change(() => cursor.paused || hasRoom());
      }
    }
  }

  /**
   * Interrupts the packs under way, goes back to the first that was interrupted, and waits for
   * `resume`; packs that ended beyond it are skipped later.
   */
  async function pauseUntilResumed(): Promise<void> {
    cursor.next = Math.min(cursor.next, await inFlight.interrupt());
    await record('paused');
    await condition(() => !cursor.paused);
    await record('running');
  }

  function compare(): Promise<void> {
    return withOutageRetry(() => compareSweep(sweepId));
  }

  function interpret(): Promise<void> {
    return bestEffort('interpretation', () => interpretSweep(sweepId));
  }

  function record(state: RecordedState, message?: string): Promise<void> {
    return withOutageRetry(() => setSweepState(message === undefined ? { sweepId, state } : { sweepId, state, message }));
  }
}

/** Continues a sweep that is pinned to a build of the workers with the current one. */
const continueOnCurrentBuild = (input: SweepInput): Promise<never> =>
  makeContinueAsNewFunc<typeof sweep>({ initialVersioningBehavior: 'AUTO_UPGRADE' })(input);

/** Runs an activity that a sweep can do without: a failure is logged. */
async function bestEffort(name: string, activity: () => Promise<void>): Promise<void> {
  try {
    await withOutageRetry(activity);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn(`${name} failed`, { ...failureOf(error) });
  }
}
