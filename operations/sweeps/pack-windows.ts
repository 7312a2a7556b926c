/** Windows of packs: how many each running sweep may have scheduled for each kind of trainers. */
import type { Queryable } from '../../db/client.ts';
import { listRunningRoutes, type RunningSweep, recordMissingRoutes } from '../../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../../db/queries/trainers.ts';
import { packWindow } from '../../search/pack-window.ts';
import { isDefaultRoute, type Route, routesOf, slotsFor } from '../../search/routes.ts';
import { trialsOf } from '../../search/space.ts';
import { DEFAULT_WEIGHT, type SweepSpec } from '../../search/spec.ts';
import { windowSignal } from '../../workflows/messages.ts';
import { type SweepInput, sweepWorkflowId } from '../../workflows/sweep-input.ts';
import type { Servers } from '../servers.ts';

/** Returns the function from a route and its sweep's weight to its window, by what runs now. */
async function planWindows(sql: Queryable) {
  const [trainers, running] = await Promise.all([listTrainers(sql), listRunningRoutes(sql)]);
  const weightsOf = (name: string) =>
    running.filter((sweep) => routesOf(sweep).some((route) => route.class === name)).map(({ weight }) => weight);
  const windowOf = (route: Route, weight: number) => packWindow(slotsFor(trainers, route), weight, weightsOf(route.class));
  return { running, windowOf };
}

/** Returns the part of a workflow's input that says where its packs go, and how many at a time. */
export async function planRoutes(sql: Queryable, spec: SweepSpec): Promise<Pick<SweepInput, 'window' | 'routes'>> {
  const { windowOf } = await planWindows(sql);
  const routes = routesOf(spec).map((route) => ({
    ...route,
    planned: trialsOf(spec, route.methods).count,
    window: windowOf(route, spec.weight ?? DEFAULT_WEIGHT),
  }));
  const [first] = routes;
  // As sweeps had it before there were routes: older orchestrators know no other.
  return first && isDefaultRoute(routes) ? { window: first.window } : { routes };
}

/** Returns a function that sends running sweeps the windows that changed since its last call. */
export function createWindowSender({ db, temporal }: Servers): () => Promise<void> {
  let sent: ReadonlyMap<string, number> = new Map();

  /** Returns false where no workflow took it. */
  const send = (sweep: RunningSweep, window: number, route: number): Promise<boolean> =>
    temporal.workflow
      .getHandle(sweepWorkflowId(sweep))
      .signal(windowSignal, window, ...(route === 0 ? [] : [route]))
      .then(
        () => true,
        () => false,
      );

  return async () => {
    await recordMissingRoutes(db.sql);
    const { running, windowOf } = await planWindows(db.sql);
    const current = new Map<string, number>();
    for (const sweep of running) {
      for (const [i, route] of routesOf(sweep).entries()) {
        const [key, window] = [`${sweepWorkflowId(sweep)} ${i}`, windowOf(route, sweep.weight)];
        if (sent.get(key) === window || (await send(sweep, window, i))) current.set(key, window);
      }
    }
    sent = current;
  };
}
