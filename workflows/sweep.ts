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
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, FinalState, RecordedState } from '../activities/index.ts';
import { ACTIVITY_OPTIONS } from './activity-options.ts';
import { failureOf, withOutageRetry } from './failures.ts';
import { pauseSignal, progressQuery, resumeSignal, retryFailedSignal, windowSignal } from './messages.ts';
import { onTrainers } from './on-trainers.ts';
import { packsInFlight } from './packs-in-flight.ts';
import {
  areTrained,
  type DuePromotion,
  enter,
  findDuePromotion,
  findEndedRung,
  nextPack,
  type OpenRoute,
  type OpenRung,
  openRoutes,
  positionOf,
  type RungRange,
  restart,
} from './rungs.ts';
import { initialCursor, type SweepCursor, type SweepInput } from './sweep-input.ts';
import { trainOrDivide } from './train-pack.ts';
import { chooseStep } from './width-steps.ts';

const { promoteRung, promoteReached, setSweepState, keepBestModels, closeSweep } = proxyActivities<Activities>(
  ACTIVITY_OPTIONS.bookkeep,
);
const { compareSweep, interpretSweep } = proxyActivities<Activities>(ACTIVITY_OPTIONS.compare);

/**
 * A history this many times as long as when a continuation was suggested does not wait for packs:
 * without trainers none returns, while signals go on. Temporal ends a run at about twelve times.
 */
const LONG_HISTORY = 3;

/** Sweeps that started before continued only when a pack had returned. */
const continuesWithoutPacks = (): boolean => patched('continuation-without-packs');

/** Time between attempts at what an older orchestrator cannot do. */
const OLD_ORCHESTRATOR_INTERVAL = '5 seconds';

/**
 * Trains a sweep's trials in packs, rung by rung, retries failed ones on request, and closes with
 * the comparison. The input is the whole resumable state; histories hold ids and ranges, the
 * database holds everything else. Every activity may be repeated: trials that have ended are
 * skipped.
 */
export async function sweep(input: SweepInput): Promise<FinalState> {
  const { sweepId, planned, packSizes, asynchronous, searchesWidths } = input;
  const { stage, cells, paused, retryRequested } = input.place ?? initialCursor('train', planned);
  const cursor = { stage, cells, paused, retryRequested };
  const routes = openRoutes(input);
  const [first] = routes;
  const inFlight = packsInFlight();
  const baselines = new CancellationScope();
  let hasLaunched = false;
  let suggestedAt: number | null = null;
  // A newer build takes over. A run without a pack could not have been moved: it goes on.
  const isContinuationDue = () => {
    const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged, historyLength } = workflowInfo();
    if (continueAsNewSuggested) suggestedAt ??= historyLength;
    return continueAsNewSuggested || (targetWorkerDeploymentVersionChanged && hasLaunched);
  };
  const isHistoryLong = () => suggestedAt !== null && workflowInfo().historyLength >= LONG_HISTORY * suggestedAt;
  const findPack = (): { readonly route: number; readonly range: RungRange } | null => {
    for (const [i, route] of routes.entries()) {
      const range = nextPack(route, packSizes, inFlight.packsOf(i));
      if (range) return { route: i, range };
    }
    return null;
  };
  const findDue = () =>
    asynchronous ? findDuePromotion(routes, packSizes, inFlight.places) : findEndedRung(routes, inFlight.places);
  /** Whether trainers of one route would wait for those of another. */
  const isSomeRouteIdle = () => routes.length > 1 && routes.some((_, route) => inFlight.packsOf(route) === 0);
  const place = (): SweepCursor => ({ ...cursor, ...positionOf(routes, asynchronous === true) });

  setHandler(pauseSignal, () => {
    cursor.paused = true;
  });
  setHandler(resumeSignal, () => {
    cursor.paused = false;
  });
  setHandler(retryFailedSignal, () => {
    cursor.retryRequested = true;
  });
  setHandler(windowSignal, (packs, route = 0, heartbeatTimeoutMs) => {
    // Older orchestrators send no time-out, and change none.
    Object.assign(routes[route] ?? {}, { window: packs, ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }) });
  });
  setHandler(progressQuery, () => {
    const { retryRequested, ...progress } = place();
    return { ...progress, rungs: packSizes.length, running: inFlight.trials };
  });

  try {
    if (!cursor.paused) await record('running');
    // Concurrent with the trials, and dispensable: the comparison reports what is missing.
    const baselinesReady = baselines
      .run(() => bestEffort('baselines', () => onTrainers(first, 'compute').baselines(sweepId)))
      .catch(() => {});
    for (;;) {
      while (cursor.stage !== 'close' || cursor.retryRequested) {
        if (cursor.stage === 'close') {
          Object.assign(cursor, { stage: 'retry', cells: undefined, retryRequested: false });
          for (const route of routes) restart(route);
        }
        await trainEveryRung(baselinesReady);
        cursor.stage = searchesWidths && (await enterStep()) ? 'train' : 'close';
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

  /** Trains the trials of every rung, on each route in a sliding window of packs. */
  async function trainEveryRung(baselinesReady: Promise<void>): Promise<void> {
    for (;;) {
      const continuing = continuesWithoutPacks();
      const pack = cursor.paused || isContinuationDue() ? null : findPack();
      // Promotions of overlapping rungs are frequent: a pause does not wait for them.
      const due = pack || (cursor.paused && asynchronous) ? null : findDue();
      if (pack) {
        launch(pack.route, pack.range);
      } else if (due) {
        await promote(due);
      } else if (areTrained(routes, inFlight.places)) {
        return;
      } else if (cursor.paused) {
        await pauseUntilResumed();
      } else if (isContinuationDue()) {
        const isUrgent = () => continuing && isHistoryLong();
        await inFlight.drained(() => cursor.paused || isSomeRouteIdle() || isUrgent());
        if (cursor.paused) continue;
        if (routes.length > 1 || isUrgent()) {
          // Trainers of another route, or all, may be missing for days.
          await interruptPacks();
          baselines.cancel();
        }
        await baselinesReady;
        const modes = { ...(asynchronous && { asynchronous }), ...(searchesWidths && { searchesWidths }) };
        await continueOnCurrentBuild({ sweepId, planned, packSizes, ...currentRoutes(), ...modes, place: place() });
      } else {
        await inFlight.change(() => cursor.paused || findPack() !== null || (continuing && isContinuationDue()));
      }
    }
  }

  /** Chooses the cells that are trained next; returns whether there are any. */
  async function enterStep(): Promise<boolean> {
    const { cells, entrants } = await chooseStep(sweepId, routes, cursor.stage);
    cursor.cells = cells;
    for (const [i, route] of routes.entries()) restart(route, entrants[i] ?? 0);
    return cells.length > 0;
  }

  /** Promotes trials past a rung, of one route or of all together. */
  async function promote(due: DuePromotion): Promise<void> {
    const { rung, isComplete } = due;
    const route = due.route === null ? undefined : routes[due.route];
    if (route) {
      const { methods, rungs } = route;
      // Packs that end from here on may not be seen: they count for the next one.
      (rungs[rung] as OpenRung).ended = 0;
      const at = { sweepId, rung, isComplete, ...(methods && { methods }), ...retryMode() };
      const entrants = await withOutageRetry(() => promoteReached(at));
      enter(route, due, entrants);
      await throwFailure();
    } else {
      const entrants = await promoteTogether(rung);
      for (const [i, one] of routes.entries()) enter(one, due, entrants[i] ?? 0);
    }
  }

  /** Ends a rung. Returns the entrants of the next one, by route. */
  async function promoteTogether(rung: number): Promise<readonly number[]> {
    const groups = routes.flatMap(({ methods }) => (methods ? [methods] : []));
    for (;;) {
      const at = { sweepId, rung, ...(groups.length > 1 && { groups }), ...retryMode() };
      const entrants = await withOutageRetry(() => promoteRung(at));
      const byRoute = [entrants].flat();
      if (byRoute.length === routes.length) return byRoute;
      // An orchestrator from before there were routes counts them together; it is being replaced.
      log.warn('this orchestrator is too old for a sweep of several classes of trainers: replace it', { rung });
      await sleep(OLD_ORCHESTRATOR_INTERVAL);
    }
  }

  /** A retry of failed trials alone leaves the rest of a cancelled sweep out. */
  function retryMode(): { readonly goesOn?: false } {
    return cursor.stage === 'retry' ? { goesOn: false } : {};
  }

  /** Schedules the next pack of a route. */
  function launch(i: number, range: RungRange): void {
    const route = routes[i] as OpenRoute;
    const open = route.rungs[range.rung] as OpenRung;
    const part = { ...(route.methods && { methods: route.methods }), ...(cursor.cells && { cells: cursor.cells }) };
    const pack = { sweepId, ...range, retry: cursor.stage === 'retry', ...part };
    open.next = range.to;
    hasLaunched = true;
    inFlight.launch({ route: i, ...range }, async () => {
      await trainOrDivide(pack, route);
      open.ended += 1;
    });
  }

  /** Throws what ended a pack for good meanwhile. */
  function throwFailure(): Promise<void> {
    return inFlight.drained(() => true);
  }

  /** Returns the routes with the windows and time-outs of now, as the input has them. */
  function currentRoutes(): Pick<SweepInput, 'window' | 'heartbeatTimeoutMs' | 'routes'> {
    const current = routes.map(({ window, heartbeatTimeoutMs }) => ({ window, heartbeatTimeoutMs }));
    if (input.routes === undefined) return { ...current[0] };
    return { routes: input.routes.map((route, i) => ({ ...route, ...current[i] })) };
  }

  /**
   * Interrupts the packs under way, and goes back to the first of each rung that was interrupted;
   * packs that ended beyond it are skipped later.
   */
  async function interruptPacks(): Promise<void> {
    for (const { route, rung, from } of await inFlight.interrupt()) {
      const interrupted = routes[route]?.rungs[rung] as OpenRung;
      interrupted.next = Math.min(interrupted.next, from);
    }
    await throwFailure();
  }

  async function pauseUntilResumed(): Promise<void> {
    await interruptPacks();
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
