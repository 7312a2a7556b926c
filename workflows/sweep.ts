import {
  CancellationScope,
  ContinueAsNew,
  condition,
  continueAsNew,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, FinalState, PackRange, RecordedState } from '../activities/index.ts';
import { BOOKKEEPING, COMPARING, COMPUTING, WINDOW } from './activity-options.ts';
import { failureOf, isFatal, withOutageRetry } from './failures.ts';
import { pauseSignal, progressQuery, resumeSignal, retryFailedSignal } from './messages.ts';
import { packsInFlight } from './packs-in-flight.ts';
import type { SweepCursor, SweepInput } from './sweep-input.ts';

const { trainPack, baselines } = proxyActivities<Activities>(COMPUTING);
const { promoteRung, recordFailures, setSweepState, keepBestModels, closeSweep } = proxyActivities<Activities>(BOOKKEEPING);
const { compareSweep, interpretSweep } = proxyActivities<Activities>(COMPARING);

/**
 * A sweep: trains its trials in packs, rung by rung, trains again what failed when asked to, and
 * closes with the comparison. The input is the whole resumable state; histories hold ids and
 * ranges, the database holds everything else. Every activity may be repeated: what has ended is
 * skipped.
 */
export async function sweep(input: SweepInput): Promise<FinalState> {
  const { sweepId, planned, packSizes } = input;
  const place: { -readonly [Key in keyof SweepCursor]: SweepCursor[Key] } = {
    ...(input.place ?? initialCursor('train', planned)),
  };
  const inFlight = packsInFlight();
  const paused = () => place.paused;

  setHandler(pauseSignal, () => {
    place.paused = true;
  });
  setHandler(resumeSignal, () => {
    place.paused = false;
  });
  setHandler(retryFailedSignal, () => {
    place.retryRequested = true;
  });
  setHandler(progressQuery, () => {
    const { retryRequested, ...where } = place;
    return { ...where, rungs: packSizes.length, running: inFlight.trials };
  });

  try {
    if (!place.paused) await record('running');
    // Beside the trials. Without them the sweep still stands: the comparison then says what it
    // lacks.
    const baselinesReady = bestEffort('baselines', () => baselines(sweepId)).catch(() => {});
    for (;;) {
      while (place.stage !== 'close' || place.retryRequested) {
        if (place.stage === 'close') Object.assign(place, { ...initialCursor('retry', planned), paused: place.paused });
        await trainEveryRung(baselinesReady);
        place.stage = 'close';
      }
      await baselinesReady;
      await withOutageRetry(() => keepBestModels(sweepId));
      await withOutageRetry(() => compareSweep(sweepId));
      if (place.retryRequested) continue;
      // Sweeps under way since before there were interpretations close without one.
      if (patched('interpretation')) await bestEffort('interpretation', () => interpretSweep(sweepId));
      const state = await withOutageRetry(() => closeSweep(sweepId));
      if (!place.retryRequested) return state;
      await record('running'); // asked for while the sweep was closing
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
      if (place.rung + 1 === packSizes.length) return;
      const entrants = await withOutageRetry(() => promoteRung({ sweepId, rung: place.rung }));
      Object.assign(place, { rung: place.rung + 1, entrants, next: 0 });
    }
  }

  /** A sliding window over the entrants of the rung. */
  async function trainRung(baselinesReady: Promise<void>): Promise<void> {
    while (place.next < place.entrants || inFlight.packs > 0) {
      if (place.paused) {
        await pauseUntilResumed();
      } else if (workflowInfo().continueAsNewSuggested) {
        await inFlight.drained(paused);
        if (place.paused) continue;
        await baselinesReady;
        await continueAsNew<typeof sweep>({ sweepId, planned, packSizes, place });
      } else if (place.next < place.entrants && inFlight.packs < WINDOW) {
        const from = place.next;
        const to = Math.min(place.entrants, from + (packSizes[place.rung] ?? 1));
        const range = { sweepId, rung: place.rung, from, to, retry: place.stage === 'retry' };
        place.next = to;
        inFlight.launch(from, to, () => trainOrDivide(range));
      } else {
        await inFlight.change(paused);
      }
    }
  }

  /**
   * Interrupts what runs and goes back to the first place that was interrupted; packs that ended
   * beyond it are skipped later.
   */
  async function pauseUntilResumed(): Promise<void> {
    place.next = Math.min(place.next, await inFlight.interrupt());
    await record('paused');
    await condition(() => !place.paused);
    await record('running');
  }

  function record(state: RecordedState, message?: string): Promise<void> {
    return withOutageRetry(() => setSweepState(message === undefined ? { sweepId, state } : { sweepId, state, message }));
  }
}

/** What a sweep can do without: a failure is logged, and the sweep stands. */
async function bestEffort(what: string, activity: () => Promise<void>): Promise<void> {
  try {
    await withOutageRetry(activity);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn(`${what} failed`, { ...failureOf(error) });
  }
}

function initialCursor(stage: 'train' | 'retry', planned: number): SweepCursor {
  return { stage, rung: 0, entrants: planned, next: 0, paused: false, retryRequested: false };
}

/**
 * Trains a pack whatever it takes: a pack that fails for good is divided, so that the trial at
 * fault ends up alone, is recorded as failed, and spoils only itself.
 */
async function trainOrDivide(range: PackRange): Promise<void> {
  try {
    await withOutageRetry(() => trainPack(range));
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    if (isFatal(failure)) throw error;
    const { from, to } = range;
    if (to - from === 1) {
      await withOutageRetry(() => recordFailures({ ...range, ...failure }));
      return;
    }
    const middle = Math.ceil((from + to) / 2);
    await Promise.all([trainOrDivide({ ...range, to: middle }), trainOrDivide({ ...range, from: middle })]);
  }
}
