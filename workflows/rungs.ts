/**
 * Rungs of a sweep's routes: which pack is scheduled next, and past which rung trials are promoted.
 * Pure but for the positions, which the functions named after changes move. Rungs follow one
 * another for all routes together, or overlap on each route by itself.
 */
import { packsInTraining } from '../search/pack-window.ts';
import type { PackPlace } from './packs-in-flight.ts';
import { type PackRoute, packRoutes, type RouteCursor, type SweepCursor, type SweepInput } from './sweep-input.ts';

/** A rung of a route. Trials that entered it have places, which they keep. */
export interface OpenRung extends RouteCursor {
  entrants: number;
  next: number;
  /** Packs that ended since trials were last promoted past it. */
  ended: number;
}

/** A route with its window of now and its position in each rung. */
export interface OpenRoute extends PackRoute {
  window: number;
  heartbeatTimeoutMs?: number | undefined;
  readonly rungs: readonly OpenRung[];
  /** Number of rungs whose promotions are final; those and the one after have all entrants. */
  decided: number;
}

/** Part of a rung. */
export type RungRange = Omit<PackPlace, 'route'>;

/** Trials of a rung that are to be promoted now. */
export interface DuePromotion {
  /** Position of the route; null: all. */
  readonly route: number | null;
  readonly rung: number;
  /** Whether nothing more reaches the rung: the others are pruned. */
  readonly isComplete: boolean;
}

/** Opens the routes of a sweep where its input says that they resume. */
export function openRoutes(input: SweepInput): readonly [OpenRoute, ...OpenRoute[]] {
  const { packSizes, place, searchesWidths } = input;
  const starts = packRoutes(input);
  const routes = starts.map((route, i): OpenRoute => {
    const rungs = packSizes.map((): OpenRung => ({ entrants: 0, next: 0, ended: 0 }));
    const open = { ...route, rungs, decided: 0 };
    // Of a search for widths, the first step has not been chosen.
    restart(open, searchesWidths ? 0 : route.planned);
    const overlapping = place?.rungsByRoute?.[i];
    const position = place?.byRoute?.[i] ?? (starts.length === 1 ? place : undefined);
    if (overlapping) {
      open.decided = overlapping.decided;
      // Any of them may have ended after the last promotion.
      for (const [rung, at] of overlapping.rungs.entries()) Object.assign(rungs[rung] ?? {}, { ...at, ended: at.next });
    } else if (place && position) {
      open.decided = place.rung;
      Object.assign(rungs[place.rung] ?? {}, { entrants: position.entrants, next: position.next });
    }
    return open;
  });
  return routes as [OpenRoute, ...OpenRoute[]];
}

/** Returns the position of a sweep by those of its routes, as openRoutes reads it. */
export function positionOf(
  routes: readonly OpenRoute[],
  isOverlapping: boolean,
): Pick<SweepCursor, 'rung' | 'entrants' | 'next' | 'byRoute' | 'rungsByRoute'> {
  const rung = Math.min(...routes.map(({ decided }) => decided));
  const cursors = routes.map(({ rungs }) => cursorOf(rungs[rung]));
  const sumOf = (key: keyof RouteCursor) => cursors.reduce((sum, cursor) => sum + cursor[key], 0);
  return {
    ...{ rung, entrants: sumOf('entrants'), next: sumOf('next') },
    ...(routes.length > 1 && { byRoute: cursors }),
    ...(isOverlapping && { rungsByRoute: routes.map(({ decided, rungs }) => ({ decided, rungs: rungs.map(cursorOf) })) }),
  };
}

const cursorOf = ({ entrants, next }: RouteCursor = { entrants: 0, next: 0 }): RouteCursor => ({ entrants, next });

/** Moves a route to the start of the first rung, which so many of its trials enter. */
export function restart(route: OpenRoute, entrants = route.planned): void {
  for (const [rung, open] of route.rungs.entries())
    Object.assign(open, { entrants: rung === 0 ? entrants : 0, next: 0, ended: 0 });
  route.decided = 0;
}

/** Lets trials into the rung after one; `entrants` counts all so far. */
export function enter(route: OpenRoute, { rung, isComplete }: Pick<DuePromotion, 'rung' | 'isComplete'>, entrants: number): void {
  const next = route.rungs[rung + 1];
  if (next) next.entrants = entrants;
  if (isComplete) route.decided = rung + 1;
}

/**
 * Returns the next pack of a route; null where its window is full or nothing waits. Higher rungs
 * come first. A pack that is not full is for a rung that has all its entrants, or for trainers that
 * would wait otherwise.
 */
export function nextPack(
  { rungs, decided, window }: OpenRoute,
  packSizes: readonly number[],
  packsInFlight: number,
): RungRange | null {
  if (packsInFlight >= window) return null;
  let partial: RungRange | null = null;
  // Rungs before `decided` have been trained; a sweep that resumes does not know them.
  for (let rung = rungs.length - 1; rung >= decided; rung--) {
    const { entrants, next: from } = rungs[rung] as OpenRung;
    const size = packSizes[rung] ?? 1;
    if (from >= entrants) continue;
    const range = { rung, from, to: Math.min(entrants, from + size) };
    if (rung <= decided || range.to - from === size) return range;
    partial ??= range;
  }
  return packsInFlight < packsInTraining(window) ? partial : null;
}

/** Returns the promotion past the rung that ended on all routes; null if no other one follows. */
export function findEndedRung(routes: readonly OpenRoute[], inFlight: readonly PackPlace[]): DuePromotion | null {
  const [{ decided: rung, rungs }] = routes as [OpenRoute];
  const hasEnded = inFlight.length === 0 && routes.every((route) => isScheduled(route, rung));
  return hasEnded && rung + 1 < rungs.length ? { route: null, rung, isComplete: true } : null;
}

/** Share of a rung's packs that end between two promotions: each reads the whole rung. */
const SHARE_BETWEEN = 0.01;

/**
 * Returns what is to be promoted on a route whose rungs overlap: past a rung of which packs have
 * ended, or which nothing more will reach; the lowest first.
 */
export function findDuePromotion(
  routes: readonly OpenRoute[],
  packSizes: readonly number[],
  inFlight: readonly PackPlace[],
): DuePromotion | null {
  for (const [i, route] of routes.entries()) {
    const own = inFlight.filter((place) => place.route === i);
    const isIdle = own.length < route.window && nextPack(route, packSizes, own.length) === null;
    for (let rung = route.decided; rung + 1 < route.rungs.length; rung++) {
      const { ended, next } = route.rungs[rung] as OpenRung;
      const isComplete = rung === route.decided && isScheduled(route, rung) && own.every((place) => place.rung !== rung);
      const isShareDue = ended >= SHARE_BETWEEN * Math.ceil(next / (packSizes[rung] ?? 1));
      if (isComplete || (ended > 0 && (isIdle || isShareDue))) return { route: i, rung, isComplete };
    }
  }
  return null;
}

const isScheduled = ({ rungs }: OpenRoute, rung: number): boolean => cursorOf(rungs[rung]).next >= cursorOf(rungs[rung]).entrants;

/** Whether every rung has been trained. */
export const areTrained = (routes: readonly OpenRoute[], inFlight: readonly PackPlace[]): boolean =>
  inFlight.length === 0 && routes.every((route) => route.decided + 1 === route.rungs.length && isScheduled(route, route.decided));
