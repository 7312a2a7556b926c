/**
 * Paces of running sweeps, by the trainers at work: how many packs each may have scheduled for each
 * kind of them, and how long a trainer may be silent.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Queryable } from '../../db/client.ts';
import { listRunningRoutes, type RunningSweep, recordMissingRoutes } from '../../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../../db/queries/trainers.ts';
import { heartbeatTimeout } from '../../search/heartbeats.ts';
import { packWindow } from '../../search/pack-window.ts';
import { isDefaultRoute, type Route, routesOf, slotsFor } from '../../search/routes.ts';
import { trialsOf } from '../../search/space.ts';
import { DEFAULT_WEIGHT, type SweepSpec } from '../../search/spec.ts';
import { windowSignal } from '../../workflows/messages.ts';
import { type PackRoute, type SweepInput, sweepWorkflowId } from '../../workflows/sweep-input.ts';
import type { Servers } from '../servers.ts';

/** Windows and time-outs of a route, as workflows have them. */
type Pace = Pick<PackRoute, 'window' | 'heartbeatTimeoutMs'>;

/** Returns the function from a route and its sweep's weight to its pace, by what runs now. */
async function planPaces(sql: Queryable) {
  const [trainers, running] = await Promise.all([listTrainers(sql), listRunningRoutes(sql)]);
  const weightsOf = (name: string) =>
    running.filter((sweep) => routesOf(sweep).some((route) => route.class === name)).map(({ weight }) => weight);
  // One Temporal receives the heartbeats of all classes.
  const heartbeatTimeoutMs = heartbeatTimeout(trainers.reduce((sum, { slots }) => sum + slots, 0));
  const paceOf = (route: Route, weight: number): Pace => ({
    window: packWindow(slotsFor(trainers, route), weight, weightsOf(route.class)),
    heartbeatTimeoutMs,
  });
  return { running, paceOf };
}

/**
 * Returns the part of a workflow's input that says where its packs go and at which pace, and
 * whether its rungs overlap.
 */
export async function planRoutes(
  sql: Queryable,
  spec: SweepSpec,
): Promise<Pick<SweepInput, 'window' | 'heartbeatTimeoutMs' | 'routes' | 'asynchronous'>> {
  const { paceOf } = await planPaces(sql);
  const routes = routesOf(spec).map((route) => ({
    ...route,
    planned: trialsOf(spec, route.methods).count,
    ...paceOf(route, spec.weight ?? DEFAULT_WEIGHT),
  }));
  const rungs = spec.halving?.asynchronous ? { asynchronous: true as const } : {};
  const [first] = routes;
  if (!first || !isDefaultRoute(routes)) return { routes, ...rungs };
  // As sweeps had it before there were routes: older orchestrators know no other.
  const { window, heartbeatTimeoutMs } = first;
  return { window, heartbeatTimeoutMs, ...rungs };
}

/**
 * Calls after which every pace is sent again: an older orchestrator that continues a sweep leaves
 * out what it does not know.
 */
const REPEAT_CALLS = 60;

/** Returns a function that sends running sweeps the paces that changed since its last call. */
export function createWindowSender({ db, temporal }: Servers): () => Promise<void> {
  let sent: ReadonlyMap<string, Pace> = new Map();
  let calls = 0;

  /** Returns false where no workflow took it. */
  const send = (sweep: RunningSweep, route: number, { window, heartbeatTimeoutMs }: Pace): Promise<boolean> =>
    temporal.workflow
      .getHandle(sweepWorkflowId(sweep))
      .signal(windowSignal, window, route, heartbeatTimeoutMs)
      .then(
        () => true,
        () => false,
      );

  return async () => {
    await recordMissingRoutes(db.sql);
    const { running, paceOf } = await planPaces(db.sql);
    const current = new Map<string, Pace>();
    for (const sweep of running) {
      for (const [i, route] of routesOf(sweep).entries()) {
        const [key, pace] = [`${sweepWorkflowId(sweep)} ${i}`, paceOf(route, sweep.weight)];
        if (isDeepStrictEqual(sent.get(key), pace) || (await send(sweep, i, pace))) current.set(key, pace);
      }
    }
    calls += 1;
    sent = calls % REPEAT_CALLS === 0 ? new Map() : current;
  };
}
